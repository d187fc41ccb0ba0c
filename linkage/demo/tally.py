"""Count what came out: clues by model, verdict and grade; rows and bytes that each party sent."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

GRADES = ("A", "B", "C", "D", "E", "-")
YES, CANNOT_TELL = "yes", "cannot-tell"
SHARED = (
    "各单位的程序共用一份预先载入的库，每个峰值都含它；单独运行时更少\n"
    "nodes share libraries loaded beforehand: every peak holds them, a node by itself takes less"
)


@dataclass(frozen=True, slots=True)
class ModelTally:
    """One model's clues: how many of which verdict and grade. Grade "-" is a clue that rests on no link."""

    model: str
    verdicts: Mapping[str, int]
    grades: Mapping[str, int]

    @property
    def clues(self) -> int:
        return sum(self.verdicts.values())


@dataclass(frozen=True, slots=True)
class Sent:
    """What one party sent to the linkage unit."""

    populations: int
    rows: int
    bytes: int


def tally_clues(file: Path, models: Sequence[str]) -> list[ModelTally]:
    """Count the clues of clues.csv, a line for every model asked, in that order."""
    with file.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    verdicts: dict[str, Counter[str]] = {model: Counter() for model in models}
    grades: dict[str, Counter[str]] = {model: Counter() for model in models}
    for row in rows:
        verdicts.setdefault(row["model"], Counter())[row["verdict"]] += 1
        grades.setdefault(row["model"], Counter())[row["grade"] or "-"] += 1
    return [ModelTally(model, verdicts[model], grades[model]) for model in verdicts]


def tally_sent(log: Path) -> Sent:
    """Sum up the uploads that a party's own audit log tells of."""
    uploads: dict[str, tuple[int, int]] = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry["kind"] == "upload.begun":
            facts = entry["facts"]
            uploads[facts["population"]] = (int(facts["rows"]), int(facts["bytes"]))
    return Sent(len(uploads), sum(rows for rows, _ in uploads.values()), sum(size for _, size in uploads.values()))


def clue_table(tallies: Sequence[ModelTally]) -> Table:
    """Lay out the clues by model."""
    table = Table(title="线索 | clues")
    table.add_column("模型 model")
    for heading in ("线索 clues", "是 yes", "说不准 cannot tell", *GRADES):
        table.add_column(heading, justify="right")
    for found in tallies:
        counts = [found.clues, found.verdicts.get(YES, 0), found.verdicts.get(CANNOT_TELL, 0)]
        table.add_row(found.model, *(str(n) for n in counts + [found.grades.get(grade, 0) for grade in GRADES]))
    table.add_row("合计 all", *_sums(tallies), style="bold")
    return table


def _sums(tallies: Sequence[ModelTally]) -> list[str]:
    counts = [sum(t.clues for t in tallies)]
    counts += [sum(t.verdicts.get(verdict, 0) for t in tallies) for verdict in (YES, CANNOT_TELL)]
    return [str(n) for n in counts + [sum(t.grades.get(grade, 0) for t in tallies) for grade in GRADES]]


def party_table(sent: Mapping[str, Sent], peaks: Mapping[str, int]) -> Table:
    """Lay out what each party sent and how much memory its program took at most."""
    table = Table(title="各方 | parties", caption=SHARED)
    table.add_column("单位 party")
    for heading in ("群体 populations", "行 rows", "发送字节 bytes sent", "内存峰值 peak MiB"):
        table.add_column(heading, justify="right")
    for party, found in sent.items():
        peak = peaks.get(party, 0) // 1024
        table.add_row(party, str(found.populations), f"{found.rows:,}", f"{found.bytes:,}", str(peak))
    for name in sorted(name for name, size in peaks.items() if name not in sent and size):
        table.add_row(name, "", "", "", str(peaks[name] // 1024))
    return table


def time_table(seconds: Mapping[str, float]) -> Table:
    """Lay out how long each stage took."""
    table = Table(title="用时 | time")
    table.add_column("阶段 stage")
    table.add_column("秒 s", justify="right")
    for stage, taken in seconds.items():
        table.add_row(stage, f"{taken:.1f}")
    return table
