"""Kill programs at random moments of round after round, start them again, and check the invariants at the end.

    python -m tests.faults.kill_cycles [--kills 1000] [--seed N] [--folder DIR] [--out FILE.json]
                                       [--databases COORDINATOR REQUESTER]

A kill is a SIGKILL of one process (a party's program or the matching process) at a random moment after a random round
state was reached. Now and then the next one comes before the first has recovered. `--databases` are addresses of empty
databases for those two; without them everybody keeps a SQLite file. The time to resume is from the start
of the new process to the coordinator's audit entry that the party (after the coordinator's death: any party) watches
again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.forked import children_of
from tests.faults.programs import REQUESTER
from tests.faults.records import COORDINATOR
from tests.faults.small_town import LOG, OWNERS, STUCK_SECONDS, SmallTown, moments, wait_until

WORKER = "worker"
KILLS_A_ROUND = (6, 14)


@dataclass(slots=True)
class Tally:
    """What was done and what came of it."""

    seed: int
    kills: int = 0
    rounds: int = 0
    by_state: Counter[str] = field(default_factory=Counter)
    by_process: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    resumes: list[float] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, object]:
        found: dict[str, object] = {name: getattr(self, name) for name in self.__slots__}
        found["resumes"] = len(self.resumes)
        if self.resumes:
            found |= {"resume_median": statistics.median(self.resumes), "resume_most": max(self.resumes)}
        return found


@dataclass(slots=True)
class Killer:
    """Drive rounds through a town and kill on the way."""

    town: SmallTown
    tally: Tally
    chance: random.Random

    def round(self, most: int) -> bool:
        """Play one round with at most so many kills; tell whether it came to an end."""
        round_id = self.town.ask().round_id
        count = min(most, self.chance.randint(*KILLS_A_ROUND))
        for target in moments(self.chance, count):
            self.town.reaches(round_id, target)
            time.sleep(self.chance.uniform(0.0, 0.4))
            self._kill(round_id)
        self.tally.rounds += 1
        if not self.town.comes_to_an_end(round_id):
            self.tally.broken.append(f"{round_id}: stuck in {self.town.state(round_id)}")
            return False
        self.tally.ends[self.town.state(round_id)] += 1
        return True

    def _kill(self, round_id: str) -> None:
        self.tally.by_state[self.town.state(round_id) or "NOT YET PROPOSED"] += 1
        workers = children_of(self.town.processes.pids[COORDINATOR])
        victim = self.chance.choice([COORDINATOR, *OWNERS, *([WORKER] * 2 if workers else [])])
        self.tally.kills += 1
        self.tally.by_process[victim] += 1
        if victim == WORKER:
            self._kill_worker(workers[0])
            return
        self.town.processes.kill(victim)
        time.sleep(self.chance.choice([0.0, 0.0, 0.3]))
        end, began = (self.town.root / LOG).stat().st_size, time.monotonic()
        self.town.start(victim)
        if self.chance.random() < 0.7 and wait_until(lambda: self._watches(victim, end), seconds=STUCK_SECONDS):
            self.tally.resumes.append(time.monotonic() - began)

    @staticmethod
    def _kill_worker(pid: int) -> None:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # It ended by itself just now.

    def _watches(self, victim: str, end: int) -> bool:
        with (self.town.root / LOG).open("rb") as log:
            log.seek(end)
            opened = [line for line in log if b'"watch.opened"' in line]
        return any(victim == COORDINATOR or f'"{victim}"'.encode() in line for line in opened)


def run(
    folder: Path, *, kills: int, seed: int, addresses: Mapping[str, str] | None = None, progress: bool = False
) -> Tally:
    """Kill so many times; the tally says what is broken, best nothing."""
    tally = Tally(seed)
    with SmallTown(folder, addresses=addresses or {}) as town:
        town.start_all()
        killer = Killer(town, tally, random.Random(seed))
        while tally.kills < kills and killer.round(kills - tally.kills):
            if progress:
                print(json.dumps(tally.plain()), flush=True)
    tally.broken += town.broken()
    return tally


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; ends with 1 when an invariant is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--folder", type=Path, help="where the parties' folders lie, kept; default: a temporary place")
    parser.add_argument("--databases", nargs=2, default=(), metavar="ADDRESS", help="coordinator, requester")
    parser.add_argument("--out", type=Path, metavar="FILE")
    a = parser.parse_args(arguments)
    addresses = dict(zip((COORDINATOR, REQUESTER), a.databases, strict=False))
    print(f"seed {a.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="linkage-kills-") as place:
        town = a.folder or Path(place) / "town"
        tally = run(town, kills=a.kills, seed=a.seed, addresses=addresses, progress=True)
    print(json.dumps(tally.plain(), indent=1))
    if a.out:
        a.out.write_text(json.dumps(tally.plain(), indent=1) + "\n", encoding="utf-8")
    return 1 if tally.broken else 0


if __name__ == "__main__":
    sys.exit(main())
