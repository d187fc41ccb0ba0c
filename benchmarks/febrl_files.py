"""Write FEBRL tasks as CSV so that every peer reads the same bytes: columns as published, without soc_sec_id."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from benchmarks.febrl import COLUMNS, task
from linkage.normalise.latin import LatinRow


def write_task(folder: Path, name: str) -> None:
    """Write <name>-left.csv, <name>-right.csv where there are two files, and <name>-truth.csv (left, right)."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = task(name)
    _write(folder / f"{name}-left.csv", whole.left)
    if whole.right is not None:
        _write(folder / f"{name}-right.csv", whole.right)
    with (folder / f"{name}-truth.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("left", "right"))
        writer.writerows(sorted(whole.truth))


def _write(file: Path, rows: Sequence[LatinRow]) -> None:
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(COLUMNS.values())
        writer.writerows(rows)
