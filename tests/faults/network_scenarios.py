"""Rounds between hosts whose network is slow, lossy, cut for a while, open in one direction only, or cut for good.

    python -m tests.faults.network_scenarios FOLDER

An agency is one host; the coordinator and the other owners are another. A round that the network only disturbs must
close with the right result; one whose agency stays away must expire, and everybody must learn why. Prints each
scenario's end as JSON, ends with 1 when an invariant is broken.
"""

from __future__ import annotations

import json
import mmap
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from tests.faults.extent import ALL
from tests.faults.programs import now_utc
from tests.faults.records import COORDINATOR
from tests.faults.small_town import OWNERS, Sizes, SmallTown, wait_until
from tests.faults.wire import ADDRESSES, FAR, HUB, Wire

AGENCY = "disabled"
SIZES = Sizes(rows=200, linked=40, excluded=20)
LASTS = 2.0  # Seconds of a cut: calls hang, retries begin.
ENDS_SECONDS = 150.0
ALWAYS = {"lossy": {"lost_to_hub": 0.1, "lost_to_far": 0.1}}
FOR_A_WHILE = {"cut": {"lost_to_hub": 1.0, "lost_to_far": 1.0}, "answers are lost": {"lost_to_far": 1.0}}
if ALL:
    ALWAYS["slow"] = {"delay": 0.1}
    FOR_A_WHILE["calls are lost"] = {"lost_to_hub": 1.0}
PARTITION = "partition"


class Clock:
    """The coordinator's clock, which can be put forward from another process."""

    def __init__(self) -> None:
        self._ahead = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("d")

    def put_forward(self, by: timedelta) -> None:
        self._ahead[0] += by.total_seconds()

    def __call__(self) -> datetime:
        return now_utc() + timedelta(seconds=self._ahead[0])


def ended(town: SmallTown, round_id: str) -> str:
    """Return the state a round ended in, or where it is stuck."""
    if wait_until(lambda: town.has_ended(round_id), seconds=ENDS_SECONDS, every=0.05):
        return town.state(round_id)
    return f"stuck in {town.state(round_id)}: {town.said()}"


def collecting(town: SmallTown) -> str:
    """Return a round that collects."""
    round_id = town.ask().round_id
    wait_until(lambda: town.state(round_id) == "COLLECTING", seconds=ENDS_SECONDS)
    return round_id


def disturbed(town: SmallTown, wire: Wire, found: dict[str, str]) -> None:
    """Play the rounds that the network disturbs."""
    for name, conditions in ALWAYS.items():
        wire.set(**conditions)
        found[name] = ended(town, town.ask().round_id)
        wire.set()
    for name, conditions in FOR_A_WHILE.items():
        round_id, before = collecting(town), wire.dropped
        wire.set(**conditions)
        time.sleep(LASTS)
        wire.set()
        found[name] = ended(town, round_id) if wire.dropped > before else "the fault met nobody"


def partitioned(town: SmallTown, wire: Wire, clock: Clock) -> str:
    """Play a round whose agency comes back only after the warrant has run out."""
    wire.set(lost_to_hub=1.0, lost_to_far=1.0)
    round_id = town.ask().round_id
    wait_until(lambda: town.state(round_id) == "PROPOSED", seconds=ENDS_SECONDS)
    clock.put_forward(timedelta(days=4))
    wait_until(lambda: town.state(round_id) == "EXPIRED", seconds=ENDS_SECONDS)
    wire.set()
    return ended(town, round_id)


def play(folder: Path) -> tuple[dict[str, str], list[str]]:
    """Play all scenarios; return how each round ended and which invariants are broken."""
    wire, clock, found = Wire(), Clock(), dict[str, str]()
    ends = {COORDINATOR: HUB} | {owner: FAR if owner == AGENCY else HUB for owner in OWNERS}
    with SmallTown(
        folder,
        SIZES,
        clock=clock,
        host=ADDRESSES[HUB],
        placed=lambda name, program: wire.inside(ends[name], program),
    ) as town:
        town.processes.start("wire", partial(wire.carry, seed=1))
        town.start_all()
        disturbed(town, wire, found)
        found[PARTITION] = partitioned(town, wire, clock)
    return found, town.broken()


def main(arguments: Sequence[str]) -> int:
    found, broken = play(Path(arguments[0]))
    print(json.dumps({"ends": found, "broken": broken}))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
