"""Time the list of clues with many of them, as its page asks for it: python -m benchmarks.pages_clues [--clues 100000].

Prints the median and the slowest of each question in milliseconds; the target is a median below 300 ms.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from linkage.owner.database import open_database
from linkage.warrant import utc_text
from procuratorate_node.cluework.board import Board
from procuratorate_node.cluework.deadlines import load_deadlines, local_day
from procuratorate_node.cluework.finding import NOBODY, OPEN, SORTS, Part, Wanted
from procuratorate_node.cluework.marks import mark
from procuratorate_node.cluework.records import CLUE_WORK
from procuratorate_node.cluework.states import Status
from procuratorate_node.store import CLUES, Store
from procuratorate_node.working_days import shipped_calendar

TARGET_MS = 300
NOW = datetime.now(UTC)
BATCH = 5000
QUESTIONS = {
    **{f"sort {sort}": (Wanted(status=OPEN), Part(sort, size=50)) for sort in SORTS},
    "last page": (Wanted(status=OPEN), Part("due", start=70_000, size=50)),
    "red": (Wanted(status=OPEN, colour="red"), Part("due", size=50)),
    "overdue": (Wanted(status=OPEN, overdue=True), Part("due", size=50)),
    "one officer": (Wanted(status=OPEN, officer="officer-7"), Part("due", size=50)),
    "nobody's": (Wanted(status=OPEN, officer=NOBODY), Part("colour", size=50)),
    "everything": (Wanted(), Part("model", size=50)),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clues", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(open_database(Path(folder) / "node.db"))
        fill_clues(store, asked.clues)
        board, slow = Board(store, load_deadlines(None), shipped_calendar()), False
        for name, (wanted, part) in QUESTIONS.items():
            spent, total = _timed(board, wanted, part, asked.times)
            slow = slow or median(spent) > TARGET_MS
            figures = f"median {median(spent):6.0f} ms  slowest {max(spent):6.0f} ms"
            print(f"{name:<14} {total:>7} clues  {figures}", flush=True)
    return 1 if slow else 0


def _timed(board: Board, wanted: Wanted, part: Part, times: int) -> tuple[list[float], int]:
    spent, total = [], 0
    board.find(wanted, part, today=local_day(NOW))  # The first one fills the cache.
    for _ in range(times):
        began = time.perf_counter()
        total, _items = board.find(wanted, part, today=local_day(NOW))
        spent.append(1000 * (time.perf_counter() - began))
    return spent, total


def fill_clues(store: Store, count: int) -> None:
    """Store so many made-up clues with the work on them."""
    rows = list(_rows(count))
    for at in range(0, count, BATCH):
        part = rows[at : at + BATCH]
        with store.engine.begin() as connection:
            connection.execute(CLUES.insert(), [clue for clue, _ in part])
            connection.execute(CLUE_WORK.insert(), [work for _, work in part])
            mark(connection, [clue for clue, _ in part])


def _rows(count: int) -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    """Yield clues of a thousand rounds with the long columns that real ones have, and the work on them."""
    chance = random.Random(20261126)
    reasons = ["伤情达到标准" * 8] * 6
    statuses = [s.value for s in Status]
    for number in range(count):
        key = f"{number:012x}"
        since = NOW - timedelta(days=700 * chance.random())
        colouring = {"colour": chance.choice(("red", "orange", "yellow")), "weak": chance.random() < 0.3}
        texts: dict[str, object] = {c.name: "" for c in CLUES.columns}
        clue = texts | {
            "clue_id": key,
            "model": chance.choice(("SX-1", "SX-2", "PA", "GY-M1")),
            "case_number": f"c{number // 3}",
            "level": "person",
            "rows": json.dumps([["parties", f"c{number // 3}", f"D{number}"]]),
            "people": json.dumps([["parties", f"c{number // 3}", f"D{number}"]]),
            "verdict": chance.choice(("yes", "cannot-tell")),
            "grade": chance.choice("ABCDE"),
            "tags": '["DIBAO"]',
            "links": '[["dibao", 4, "A"]]',
            "facts": json.dumps({"category": chance.choice(("刑事", "民事")), "charge": "故意伤害"}),
            "colouring": json.dumps(colouring | {"reasons": reasons}),
            "status": chance.choice(statuses),
            "change": chance.choice(("new", "kept", "changed", "gone")),
            "first_round": f"{number % 1000:032x}",
            "last_round": f"{number % 1000:032x}",
        }
        at = utc_text(since)
        work = {"clue_id": key, "found_at": at, "since": at, "deferred_until": "", "watched": False, "needs": "[]"}
        officer = f"officer-{number % 20}" if chance.random() < 0.8 else ""
        yield clue, work | {"officer": officer, "elements": "[]", "explained": True}


if __name__ == "__main__":
    raise SystemExit(main())
