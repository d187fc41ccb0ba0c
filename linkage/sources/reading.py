"""Open any table file: the one door for the nodes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from linkage.sources.csv_source import read_csv
from linkage.sources.excel_source import FillColumn, read_workbook
from linkage.sources.kinds import file_kind
from linkage.sources.table import HeaderFit, Reject, Table


def fill_nothing(_title: str) -> bool:
    """Fill no merged cell: the default."""
    return False


def read_tables(path: Path, fit: HeaderFit, *, fill: FillColumn = fill_nothing) -> Iterator[Table | Reject]:
    """Yield the tables of a file, one per sheet; a Reject with line 0 stands for a sheet left out.

    `fit` says how many of a row's titles are known; `fill` names the columns in which merged cells are repeated
    downward. Raises InputError with a hint for what cannot be read.
    """
    if file_kind(path) == "text":
        yield read_csv(path, fit)
    else:
        yield from read_workbook(path, fit, fill=fill)
