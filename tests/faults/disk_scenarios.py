"""One round over a disk that fails for a while and then works again; run under the shim (`failing_disk`).

    FAULTS_CONTROL=… LD_PRELOAD=… python -m tests.faults.disk_scenarios FOLDER MODE PLACE [COORDINATOR REQUESTER]

The last two are addresses of empty databases for those parties; without them everybody keeps a SQLite file.

The fault begins when the round collects (or a little later), lasts for some seconds and ends by itself. Nobody repairs
anything: the round must close with the right result, and no answer may have left without its audit entry.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from tests.faults.failing_disk import FailingDisk, Mode
from tests.faults.programs import REQUESTER
from tests.faults.records import COORDINATOR
from tests.faults.small_town import LOG, SmallTown, wait_until

LASTS = 3.0
ENDS_SECONDS = 150.0


def answers(town: SmallTown) -> int:
    """Return how much the owners were acknowledged so far."""
    return sum(file.stat().st_size for file in town.root.glob("*/acknowledged.jsonl"))


def play(folder: Path, mode: Mode, place: str, addresses: Mapping[str, str]) -> list[str]:
    """Run the round with a fault on files whose path holds `place`; return what does not hold."""
    disk = FailingDisk(Path(os.environ["FAULTS_CONTROL"]))
    with SmallTown(folder, addresses=addresses) as town:
        town.start_all()
        round_id = town.ask().round_id
        if not wait_until(lambda: town.state(round_id) == "COLLECTING", seconds=60):
            return [f"the round did not begin: {town.said()}"]
        disk.set(mode, place)
        entries, broken = _size(town), []
        time.sleep(LASTS / 2)
        first = answers(town)
        time.sleep(LASTS / 2)
        if COORDINATOR in place and answers(town) > first:
            broken.append("the coordinator acknowledged while its disk failed")
        if COORDINATOR in place and mode == "full" and _size(town) > entries:
            broken.append("the audit log grew on a full disk")
        disk.set("none")
        if not disk.hits():
            broken.append("the fault met nobody")
        if not wait_until(lambda: town.has_ended(round_id), seconds=ENDS_SECONDS, every=0.1):
            broken.append(f"stuck in {town.state(round_id)}: {town.said()}")
            return broken
        broken += [] if town.state(round_id) == "CLOSED" else [f"ended as {town.state(round_id)}"]
    return broken + town.broken()


def _size(town: SmallTown) -> int:
    return (town.root / LOG).stat().st_size


def main(arguments: Sequence[str]) -> int:
    folder, mode, place, *databases = arguments
    addresses = dict(zip((COORDINATOR, REQUESTER), databases, strict=False))
    broken = play(Path(folder), cast("Mode", mode), place, addresses)
    print("\n".join(broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
