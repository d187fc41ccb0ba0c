"""Write CSV files and workbooks as offices export them, and note which person stands behind each row."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

Cell = str | int | float | None
_MOMENT = (2026, 11, 2, 9, 0, 0)


@dataclass(frozen=True, slots=True)
class About:
    """Say who a row is about in one slot (member, head, guardian, person, creditor, debtor, party, ...)."""

    slot: str
    person: str
    register: str
    tags: str
    active: bool
    ops: tuple[str, ...]
    row_id: str = ""
    case: str = ""


@dataclass(slots=True)
class Line:
    """Hold the cells of one data row, who it is about, and the group whose repeated cells a workbook merges."""

    cells: list[Cell]
    about: list[About] = field(default_factory=list)
    group: str = ""


@dataclass(slots=True)
class Sheet:
    """Hold one sheet: lines above the header, the header, the data and lines below; `merged` are column places."""

    name: str
    header: list[str]
    lines: list[Line]
    above: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)
    merged: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RowTruth:
    """Hold one line of truth/rows.csv: the physical row and the person behind one slot of it."""

    file: str
    sheet: str
    row: int
    snapshot: str
    current: bool
    about: About

    def place(self) -> str:
        """Return file, sheet where there is one, row and slot, as expected_clues.csv names them."""
        sheet = f"#{self.sheet}" if self.sheet else ""
        return f"{self.file}{sheet}:{self.row}:{self.about.slot}"


@dataclass(slots=True)
class Archive:
    """Write files under `root` and keep the truth of every row and the number of data rows per file."""

    root: Path
    truths: list[RowTruth] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def save(self, file: str, sheets: list[Sheet], *, snapshot: str, current: bool, encoding: str = "utf-8") -> None:
        """Write a CSV (one sheet) or a workbook, by the ending of the file's name."""
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        workbook = file.endswith(".xlsx")
        if workbook:
            _write_workbook(path, sheets)
        else:
            _write_csv(path, sheets[0], encoding)
        self.counts[file] = sum(len(sheet.lines) for sheet in sheets)
        for sheet in sheets:
            first = len(sheet.above) + 2
            for place, line in enumerate(sheet.lines):
                name = sheet.name if workbook else ""
                for about in line.about:
                    self.truths.append(RowTruth(file, name, first + place, snapshot, current, about))


def _write_csv(path: Path, sheet: Sheet, encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as handle:
        writer = csv.writer(handle)
        writer.writerows([text] for text in sheet.above)
        writer.writerow(sheet.header)
        writer.writerows(line.cells for line in sheet.lines)
        writer.writerows([text] for text in sheet.below)


def _write_workbook(path: Path, sheets: list[Sheet]) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _fill(book.create_sheet(sheet.name), sheet)
    raw = io.BytesIO()
    book.save(raw)
    path.write_bytes(_without_time(raw.getvalue()))


def _fill(target: Worksheet, sheet: Sheet) -> None:
    for text in sheet.above:
        target.append([text])
    target.append(sheet.header)
    for line in sheet.lines:
        target.append([cell if cell != "" else None for cell in line.cells])
    if sheet.below:
        target.append([])
    for text in sheet.below:
        target.append([text])
    if sheet.above:
        target.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(sheet.header))
    _merge_groups(target, sheet)


def _merge_groups(target: Worksheet, sheet: Sheet) -> None:
    first, start = len(sheet.above) + 2, 0
    for place in range(1, len(sheet.lines) + 1 if sheet.merged else 0):
        ended = place == len(sheet.lines) or sheet.lines[place].group != sheet.lines[start].group
        if not ended:
            continue
        if place - start > 1:
            for column in sheet.merged:
                target.merge_cells(start_row=first + start, end_row=first + place - 1,
                                   start_column=column + 1, end_column=column + 1)  # fmt: skip
        start = place


def _without_time(raw: bytes) -> bytes:
    """Return the workbook with fixed times, so that one seed gives one sequence of bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name in sorted(source.namelist()):
            data = source.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-11-02T09:00:00Z", data)
            made.writestr(zipfile.ZipInfo(name, _MOMENT), data, zipfile.ZIP_DEFLATED)
    return target.getvalue()
