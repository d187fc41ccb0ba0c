"""Sheets of the procuratorate's folder as rows by field, with the row numbers a person sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from linkage.errors import InputError
from linkage.sources.reading import read_tables
from linkage.sources.table import INFORMATIVE, Reject, Row
from linkage.sources.table import Table as SourceTable
from procuratorate_node.cases.preset import TablePreset

SUFFIXES: Final = (".csv", ".txt", ".xlsx", ".xls", ".xlsm")


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one data row: `number` is the physical row, counted from 1; cells by field, "" if absent."""

    number: int
    cells: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Line({self.number})"


@dataclass(frozen=True, slots=True)
class Table:
    """Hold one file's rows and what its source could not read: (row, column, reason)."""

    file: str
    lines: tuple[Line, ...]
    unread: tuple[tuple[int, str, str], ...]


def find_file(folder: Path, preset: TablePreset) -> Path | None:
    """Return the first file that fits the preset's patterns, in their order, then by name."""
    for pattern in preset.files:
        found = sorted(p for p in folder.glob(pattern) if p.suffix.lower() in SUFFIXES and p.is_file())
        if found:
            return found[0]
    return None


def read_table(path: Path, preset: TablePreset) -> Table:
    """Read every sheet with the table's headings. Raises InputError when a needed heading is nowhere."""
    lines: list[Line] = []
    unread: list[tuple[int, str, str]] = []
    missing = list(preset.required)
    for sheet in read_tables(path, lambda titles: len(preset.titles(titles))):
        if isinstance(sheet, Reject):
            unread.append((sheet.line, sheet.column, sheet.reason.value))
            continue
        titles = preset.titles(sheet.header)
        lacking = [field for field in preset.required if field not in titles]
        if lacking:
            missing = min(missing, lacking, key=len)
            continue
        missing = []
        _read_sheet(sheet, titles, lines, unread)
    if missing:
        raise _lacking(path, [preset.columns[field][0] for field in missing])
    return Table(path.name, tuple(lines), tuple(unread))


def _read_sheet(
    sheet: SourceTable, titles: Mapping[str, str], lines: list[Line], unread: list[tuple[int, str, str]]
) -> None:
    for row in sheet.rows:
        if isinstance(row, Reject):
            if row.reason not in INFORMATIVE:
                unread.append((row.line, row.column, row.reason.value))
        else:
            unread += [(row.line, title, reason.value) for title, reason in row.faults.items()]
            lines.append(_line(row, titles))


def _line(row: Row, titles: Mapping[str, str]) -> Line:
    return Line(row.line, {field: row.cells.get(title, "") for field, title in titles.items()})


def _lacking(path: Path, columns: Sequence[str]) -> InputError:
    return InputError(
        f"{path.name} 缺少列：{'、'.join(columns)}",
        f"{path.name} lacks columns: {', '.join(columns)}",
        hint_zh="请检查表头，或在案件预设里补充列名。",
        hint_en="check the heading, or add the column's name to the preset.",
    )
