"""Live through many days of daily and monthly screening: do memory, handles and disk stay flat, is all deleted in time?

    python -m tests.faults.long_run [--days 30] [--out FILE.json]

One coordinator and three owners over real mutual TLS, in one process, under a clock that a day is added to after each
round. The registers change a little every day, on the first day of a month a second round is asked for, and every
fifth day an office switches its node off and on.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.memory import held_mib
from linkage.coordinator.running import Coordinator
from tests.faults.programs import WORKER, Party, coordinator_config, keep_running, now_utc, open_owner
from tests.faults.small_town import OWNERS, Sizes, SmallTown, wait_until
from tests.owner.conftest import people

SIZES = Sizes(rows=60, linked=20, excluded=10)
WARM_DAYS = 6  # Caches and pools fill, and nobody has just been switched on; after that nothing may grow.
ROUND_SECONDS = 300.0
RESTART_EVERY = 5


@dataclass(slots=True)
class Clock:
    """Real time and the days that were let pass."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return now_utc() + self.ahead


@dataclass(frozen=True, slots=True)
class Day:
    """What this process and its folders held at the end of a day."""

    day: int
    rounds: int
    mib: float
    threads: int
    files: int
    round_bytes: int  # Encodings, maps and results that are still there; none may be.
    log_bytes: int  # Logs and databases: they keep what happened, so they grow.


@dataclass(slots=True)
class Office:
    """One owner's node that can be switched off and on."""

    town: SmallTown
    name: str
    party: Party | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def switch_on(self) -> None:
        town = self.town
        opened = open_owner(town.records, self.name, town.port, registers=town.registers, clock=town.clock)
        self.party, self.stop = opened, threading.Event()
        self.thread = threading.Thread(target=keep_running, args=(opened, self.stop))
        self.thread.start()

    def switch_off(self) -> None:
        assert self.party is not None and self.thread is not None
        self.stop.set()
        self.party.session.wake()
        self.thread.join()
        self.party.office.book.engine.dispose()
        self.party.audit.close()


@contextmanager
def running(town: SmallTown) -> Iterator[dict[str, Office]]:
    """Run the coordinator and all offices."""
    coordinator = Coordinator(coordinator_config(town.records, town.port), clock=town.clock, worker=WORKER)
    coordinator.start()
    offices = {name: Office(town, name) for name in OWNERS}
    for office in offices.values():
        office.switch_on()
    try:
        yield offices
    finally:
        for office in offices.values():
            office.switch_off()
        coordinator.stop()


def look(town: SmallTown, day: int, rounds: int) -> Day:
    """Count what is held now."""
    gc.collect()
    sizes = {path: _bytes(path) for path in town.root.rglob("*")}
    temporary = [path for path in sizes if "rounds" in path.parts or path.suffix in (".rows", ".map")]
    kept = [path for path in sizes if "audit" in path.parts or ".db" in path.name]
    return Day(
        day=day,
        rounds=rounds,
        mib=round(held_mib(os.getpid())[0], 1),
        threads=threading.active_count(),
        files=len(os.listdir("/proc/self/fd")),
        round_bytes=sum(map(sizes.__getitem__, temporary)),
        log_bytes=sum(map(sizes.__getitem__, kept)),
    )


def _bytes(path: Path) -> int:
    """Return a file's bytes; 0 for a folder, and for a file that is gone meanwhile."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:
        return 0


def change_registers(town: SmallTown, day: int) -> None:
    """Let some people outside the case files enter and others leave."""
    new = tuple(people(day % 7, start=1000 + 10 * day))
    town.registers["dis"] = (*town.registers["dis"][: SIZES.rows], *new)


def live(folder: Path, days: int) -> tuple[list[Day], list[str]]:
    """Live so many days; return what was held after each, and what is broken."""
    clock = Clock()
    town = SmallTown(folder, SIZES, clock=clock)
    found: list[Day] = []
    with running(town) as offices:
        for day in range(days):
            change_registers(town, day)
            asked = [town.ask().round_id for _ in range(2 if clock().day == 1 else 1)]
            if not wait_until(lambda asked=asked: all(map(town.has_ended, asked)), seconds=ROUND_SECONDS, every=0.1):  # type: ignore[misc]
                return found, [f"day {day}: {how_far(town, round_id)}" for round_id in asked]
            if day % RESTART_EVERY == RESTART_EVERY - 1:
                office = offices[OWNERS[day // RESTART_EVERY % len(OWNERS)]]
                office.switch_off()
                office.switch_on()
            found.append(look(town, day, len(asked)))
            clock.ahead += timedelta(days=1)
    return found, town.broken() + grown(found)


def how_far(town: SmallTown, round_id: str) -> str:
    """Return where a round stands with everybody, and which threads still run."""
    query = "SELECT step, state, erase, statement_sent, fault FROM owner_rounds WHERE round_id = ?"
    owners = {name: town.records.rows(name, query, round_id) for name in OWNERS}
    running = sorted(thread.name for thread in threading.enumerate())
    return f"{town.state(round_id)} at the coordinator, {owners}, threads {running}"


def grown(found: Sequence[Day]) -> list[str]:
    """Return what was not flat after the warm days."""
    later = found[WARM_DAYS:]
    left = [f"day {day.day}: {day.round_bytes} bytes of rounds are left" for day in found if day.round_bytes]
    if not later:
        return left
    first, last = found[WARM_DAYS - 1], later[-1]
    rules = {
        "threads": last.threads > first.threads + 2,
        "open files": last.files > first.files + 6,
        "memory": last.mib > 1.15 * first.mib + 0.5 * len(later),
    }
    return left + [f"{name} grew: {first} to {last}" for name, is_broken in rules.items() if is_broken]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; ends with 1 when something grew, was left or is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--out", type=Path, metavar="FILE")
    a = parser.parse_args(arguments)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="linkage-long-") as place:
        days, broken = live(Path(place) / "town", a.days)
    said = {"seconds": round(time.monotonic() - began, 1), "days": [asdict(day) for day in days], "broken": broken}
    print(json.dumps(said, indent=1))
    if a.out:
        a.out.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
