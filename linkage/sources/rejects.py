"""Write the reject report: which rows were left out and why. It names rows and columns, never a cell."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from linkage.sources.table import Reject, RejectReason

REPORT_SUFFIX = ".rejects.csv"
TITLES = ("文件", "工作表", "行", "列", "原因代码", "原因", "reason")


def report_path(source: Path, folder: Path | None = None) -> Path:
    """Return where the report about a source goes: beside it, or in `folder` when the source is read-only."""
    return (folder or source.parent) / f"{source.name}{REPORT_SUFFIX}"


def write_rejects(path: Path, rejects: Iterable[Reject]) -> Counter[RejectReason]:
    """Write the report (UTF-8 with mark, so that spreadsheet programs show it) and return the counts by reason."""
    counts: Counter[RejectReason] = Counter()
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(TITLES)
        for r in rejects:
            counts[r.reason] += 1
            out.writerow((r.file, r.sheet, r.line or "", r.column, r.reason.value, r.reason.zh, r.reason.en))
    return counts
