"""Let the database server of coordinator and requester die in mid-round, again and again, and come back.

    python -m tests.faults.database_deaths [--deaths 60] [--seed N] [--folder DIR] [--out FILE.json]

The server is a real PostgreSQL of our own. It dies at a random moment after a random round state was reached: all its
processes are killed, or it is shut down at once, or restarted as an administrator does it. It stays away for up to some
seconds. Nobody repairs anything, and no program is started again: every round must end well, the invariants hold.
While the server is away, nothing is acknowledged that needs it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.programs import REQUESTER
from tests.faults.records import COORDINATOR
from tests.faults.small_town import OWNERS, SmallTown, moments
from tests.postgresql import Server, binaries, started

WAYS = ("killed", "shut down", "restarted")
DEATHS_A_ROUND = (1, 4)
SETTLE = 0.3  # What was answered before the server died is written down by then.


@dataclass(slots=True)
class Tally:
    """What was done and what came of it."""

    seed: int
    deaths: int = 0
    rounds: int = 0
    by_state: Counter[str] = field(default_factory=Counter)
    by_way: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Reaper:
    """Drive rounds through a town whose database server dies on the way."""

    town: SmallTown
    server: Server
    tally: Tally
    chance: random.Random

    def round(self, most: int) -> bool:
        """Play one round with at most so many deaths; tell whether it came to an end."""
        round_id = self.town.ask().round_id
        count = min(most, self.chance.randint(*DEATHS_A_ROUND))
        for target in moments(self.chance, count):
            if not self.town.reaches(round_id, target):
                break
            time.sleep(self.chance.uniform(0.0, 0.4))
            self._let_die(round_id)
        self.tally.rounds += 1
        if not self.town.comes_to_an_end(round_id):
            self.tally.broken.append(f"{round_id}: stuck in {self.town.state(round_id)}: {self.town.said()}")
            return False
        state = self.town.state(round_id)
        self.tally.ends[state] += 1
        self.tally.broken += [] if state == "CLOSED" else [f"{round_id}: ended as {state}"]
        gone = [name for name in (COORDINATOR, *OWNERS) if self.town.processes.has_ended(name)]
        self.tally.broken += [f"{name} ended: {self.town.said()}" for name in gone]
        return not gone

    def _let_die(self, round_id: str) -> None:
        way = self.chance.choice(WAYS)
        self.tally.by_state[self.town.state(round_id) or "NOT YET PROPOSED"] += 1
        self.tally.by_way[way] += 1
        self.tally.deaths += 1
        if way == "killed":
            self.server.kill()
        else:
            self.server.stop("immediate" if way == "shut down" else "fast")
        time.sleep(SETTLE)
        before = self._acknowledged()
        time.sleep(0.0 if way == "restarted" else self.chance.uniform(0.0, 3.0))
        if self._acknowledged() > before:
            self.tally.broken.append(f"{round_id}: something was acknowledged without the database")
        self.server.start()

    def _acknowledged(self) -> int:
        return sum(file.stat().st_size for file in self.town.root.glob("*/acknowledged.jsonl"))


def run(folder: Path, server: Server, *, deaths: int, seed: int) -> Tally:
    """Let the server die so many times; the tally says what is broken, best nothing."""
    tally, addresses = Tally(seed), {COORDINATOR: server.address(), REQUESTER: server.address()}
    with SmallTown(folder, addresses=addresses) as town:
        town.start_all()
        reaper = Reaper(town, server, tally, random.Random(seed))
        while tally.deaths < deaths and reaper.round(deaths - tally.deaths):
            print(json.dumps(tally.plain()), flush=True)
    tally.broken += town.broken()
    return tally


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; ends with 1 when an invariant is broken, with 2 where there is no PostgreSQL."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deaths", type=int, default=60)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--folder", type=Path, help="where the parties' folders lie, kept; default: a temporary place")
    parser.add_argument("--out", type=Path, metavar="FILE")
    a = parser.parse_args(arguments)
    programs = binaries()
    if programs is None:
        print("PostgreSQL's programs (initdb, pg_ctl) are not on this machine", file=sys.stderr)
        return 2
    print(f"seed {a.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="linkage-deaths-") as place, started(programs) as server:
        tally = run(a.folder or Path(place) / "town", server, deaths=a.deaths, seed=a.seed)
    print(json.dumps(tally.plain(), indent=1))
    if a.out:
        a.out.write_text(json.dumps(tally.plain(), indent=1) + "\n", encoding="utf-8")
    return 1 if tally.broken else 0


if __name__ == "__main__":
    sys.exit(main())
