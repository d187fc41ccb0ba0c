"""Read the sheets of a workbook (.xlsx, .xls): typed cells as text, merged cells filled only where asked.

A merged cell has its value in the top-left cell only. It is repeated downward inside the real merged range, and only
in columns the caller names: filling a household head's name into other people's rows would make wrong people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from linkage.errors import InputError
from linkage.sources.formulas import Cell, blind_cells
from linkage.sources.header import Header, find_header, is_header_again
from linkage.sources.table import HEADER_SEARCH_ROWS, HeaderFit, Reject, RejectReason, Row, Table, cell_text

FillColumn = Callable[[str], bool]
MAX_COLUMNS = 400  # A stray format in the last column makes every row 16,384 cells wide.


def read_workbook(path: Path, fit: HeaderFit, *, fill: FillColumn) -> Iterator[Table | Reject]:
    """Yield a table per visible sheet that has a known header, a Reject with line 0 for every other sheet.

    Raises InputError for a damaged or protected file, and when not one sheet has a known header.
    """
    workbook = _open(path)
    known, filled = 0, 0
    for meta in workbook.sheets_metadata:
        if meta.typ is not SheetTypeEnum.WorkSheet:
            continue
        sheet = _sheet(workbook, meta.name, path.name)
        if sheet.start is None:
            continue
        if meta.visible is not SheetVisibleEnum.Visible:
            yield Reject(path.name, meta.name, 0, RejectReason.SHEET_HIDDEN)
            continue
        filled += 1
        table = _table(path, sheet, fit, fill)
        known += table is not None
        yield table or Reject(path.name, meta.name, 0, RejectReason.SHEET_NO_HEADER)
    if not filled:
        raise InputError(f"工作簿是空的：{path.name}", f"the workbook is empty: {path.name}")
    if not known:
        raise _no_header(path.name)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Hold what a sheet's rows are read with."""

    file: str
    sheet: str
    header: Header
    fit: HeaderFit
    merged: Mapping[Cell, Cell]  # Top-left cell → bottom-right cell, only in columns that are filled.
    blind: Mapping[Cell, RejectReason]


def _open(path: Path) -> CalamineWorkbook:
    try:
        with path.open("rb") as file:
            return CalamineWorkbook.from_filelike(file)
    except PasswordError:
        raise InputError(
            f"工作簿有密码：{path.name}",
            f"the workbook is protected by a password: {path.name}",
            hint_zh="去掉密码后另存",
            hint_en="save it without the password",
        ) from None
    except CalamineError as exc:
        raise _damaged(path.name, type(exc).__name__) from None


def _sheet(workbook: CalamineWorkbook, name: str, file: str) -> CalamineSheet:
    try:
        return workbook.get_sheet_by_name(name)
    except CalamineError as exc:
        raise _damaged(file, type(exc).__name__) from None


def _table(path: Path, sheet: CalamineSheet, fit: HeaderFit, fill: FillColumn) -> Table | None:
    first = list(_physical(sheet, HEADER_SEARCH_ROWS))
    header = find_header([(line, cells) for line, cells in first if any(cells)], fit)
    if header is None:
        return None
    wanted = {i for i, title in enumerate(header.titles) if title and fill(title)}
    merged = {
        (top, left): (bottom, right)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        if left in wanted and bottom > top >= header.last_line
    }
    layout = _Layout(path.name, sheet.name, header, fit, merged, blind_cells(path, sheet.name))
    titles = tuple(c for line, cells in first if line < header.last_line for c in cells if c)
    return Table(path.name, sheet.name, header.titles, header.last_line, _rows(sheet, layout), titles)


def _physical(sheet: CalamineSheet, limit: int | None = None) -> Iterator[tuple[int, list[str]]]:
    """Yield (line from 1, text cells) from the sheet's very first row and column on."""
    left = 0 if sheet.start is None else sheet.start[1]
    for line, cells in enumerate(sheet.iter_rows(), start=1):
        if limit is not None and line > limit:
            return
        # The reader keeps empty rows at the top but leaves out empty columns on the left; merged ranges count both.
        yield line, ([""] * left + [cell_text(c) for c in cells[:MAX_COLUMNS]])


def _rows(sheet: CalamineSheet, layout: _Layout) -> Iterator[Row | Reject]:
    running: dict[int, tuple[int, str]] = {}  # Column → (last row of the merged range, its value).
    for line, cells in _physical(sheet):
        if line <= layout.header.last_line:
            continue
        faults = _faults(line - 1, layout) if layout.blind else {}
        if not any(cells) and not faults:
            continue
        if layout.merged:
            _fill_down(line - 1, cells, running, layout.merged)
        yield _row(line, cells, faults, layout)


def _row(line: int, cells: list[str], faults: dict[str, RejectReason], layout: _Layout) -> Row | Reject:
    header = layout.header
    if is_header_again(line, cells, header, layout.fit):
        return Reject(layout.file, layout.sheet, line, RejectReason.REPEATED_HEADER)
    return Row(line, {t: c for t, c in zip(header.titles, cells, strict=False) if t}, faults)


def _fill_down(row: int, cells: list[str], running: dict[int, tuple[int, str]], merged: Mapping[Cell, Cell]) -> None:
    for column in range(len(cells)):
        if (row, column) in merged:
            running[column] = (merged[row, column][0], cells[column])
        elif column in running and row <= running[column][0] and not cells[column]:
            cells[column] = running[column][1]


def _faults(row: int, layout: _Layout) -> dict[str, RejectReason]:
    titles = layout.header.titles
    found = ((t, layout.blind.get((row, column))) for column, t in enumerate(titles) if t)
    return {t: reason for t, reason in found if reason is not None}


def _damaged(name: str, kind: str) -> InputError:
    return InputError(
        f"工作簿无法打开（{kind}）：{name}",
        f"the workbook cannot be opened ({kind}): {name}",
        hint_zh="用 Excel 或 WPS 打开，另存为 .xlsx 后重试",
        hint_en="open it in a spreadsheet program and save it as .xlsx",
    )


def _no_header(name: str) -> InputError:
    return InputError(
        f"{name} 没有一个工作表有可识别的表头（前 {HEADER_SEARCH_ROWS} 行）",
        f"no sheet of {name} has a known header in its first {HEADER_SEARCH_ROWS} rows",
        hint_zh="若列名特殊，请在 mapping.toml 中指定列名",
        hint_en="if the titles are unusual, name them in mapping.toml",
    )
