"""What every source yields: tables with a header, rows with physical numbers, and rejects with a reason.

Rules: a cell is text, trimmed, "" where absent. `line` is the physical row of the sheet or the CSV record, from 1,
counting titles and header. No type here shows a cell in its repr.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

HEADER_SEARCH_ROWS = 20
SPREADSHEET_DIGITS = 15  # A spreadsheet keeps no more; longer numbers are already damaged when we see them.

HeaderFit = Callable[[Sequence[str]], int]
"""Say how many of these titles are known. A source takes the row with the most as the header."""


class RejectReason(StrEnum):
    """Say why a row, cell or sheet was left out."""

    RAGGED = "RAGGED"
    MISSING_CELL = "MISSING_CELL"
    NUL_BYTE = "NUL_BYTE"
    REPEATED_HEADER = "REPEATED_HEADER"
    NOTE_ROW = "NOTE_ROW"
    NO_PERSON = "NO_PERSON"
    FORMULA = "FORMULA"
    ERROR_CELL = "ERROR_CELL"
    BINARY_CELL = "BINARY_CELL"
    UNUSABLE = "UNUSABLE"
    SHEET_HIDDEN = "SHEET_HIDDEN"
    SHEET_NO_HEADER = "SHEET_NO_HEADER"
    SHEET_OTHER = "SHEET_OTHER"

    @property
    def zh(self) -> str:
        return REASON_TEXTS[self][0]

    @property
    def en(self) -> str:
        return REASON_TEXTS[self][1]


REASON_TEXTS: Mapping[RejectReason, tuple[str, str]] = {
    RejectReason.RAGGED: ("单元格比表头多，列可能错位", "more cells than the header: columns may be shifted"),
    RejectReason.MISSING_CELL: ("该行缺少单元格", "the row ends before this column"),
    RejectReason.NUL_BYTE: ("含有空字节，文件可能损坏", "holds NUL bytes: the file may be damaged"),
    RejectReason.REPEATED_HEADER: ("重复的表头行", "the header is repeated"),
    RejectReason.NOTE_ROW: ("说明、合计或签字行", "a note, total or signature row"),
    RejectReason.NO_PERSON: ("姓名和证件号码都为空", "neither name nor number"),
    RejectReason.FORMULA: ("公式没有保存计算结果", "a formula without a stored value"),
    RejectReason.ERROR_CELL: ("单元格是错误值", "an error cell"),
    RejectReason.BINARY_CELL: ("单元格不是文字", "the cell is not text"),
    RejectReason.UNUSABLE: ("姓名和证件号码都无法使用", "neither name nor number can be used"),
    RejectReason.SHEET_HIDDEN: ("隐藏的工作表，未读取", "a hidden sheet, not read"),
    RejectReason.SHEET_NO_HEADER: ("工作表里没有可识别的表头", "the sheet has no header that is known"),
    RejectReason.SHEET_OTHER: ("工作表不是这种登记表", "the sheet is not of this register"),
}
INFORMATIVE = frozenset({RejectReason.NOTE_ROW, RejectReason.REPEATED_HEADER})
"""Rows that no one would miss: reported, but not counted as bad."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Name a row (or a sheet: line 0) that was left out, and why. Holds no cell."""

    file: str
    sheet: str
    line: int
    reason: RejectReason
    column: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """Hold one row's text by title. `faults` names columns whose cell could not be read, with the reason."""

    line: int
    cells: Mapping[str, str]
    faults: Mapping[str, RejectReason] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Row(line={self.line}, filled={sum(map(bool, self.cells.values()))})"


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """Hold one sheet or file: its titles and its rows in order. `rows` can be read once.

    `titles` are the texts above the header (a report's name and date). `sheet` is "" for a CSV file or a query.
    """

    name: str
    sheet: str
    header: tuple[str, ...]
    header_line: int
    rows: Iterator[Row | Reject]
    titles: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Table(name={self.name!r}, sheet={self.sheet!r}, columns={len(self.header)})"


def fold_title(text: str) -> str:
    """Return a title in the form that is compared: NFKC, upper case, without spaces, marks and colons."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in folded if not c.isspace() and c not in "*:★●\u200b\ufeff'\"_")


@functools.cache
def fold_word(word: str) -> str:
    """Return a preset's own word as `fold_title` does, kept because every file is asked for it. Never for a cell."""
    return fold_title(word)


def cell_text(value: object) -> str:
    """Return a typed cell as text.

    Whole floats lose ".0"; numbers of more than 15 digits keep the exponent ("3.27E+17"), by which a damaged citizen
    number is known; a date is YYYY-MM-DD, with a time only if there is one; a truth value is TRUE or FALSE.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("\u00a0", " ").strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, Decimal):
        return format(value.quantize(Decimal(1)) if value == value.to_integral_value() else value, "f")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value) if isinstance(value, (int, timedelta)) else str(value).strip()


def _float_text(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    if abs(value) >= 10**SPREADSHEET_DIGITS:
        return repr(value).upper() if "e" in repr(value) else f"{value:.15E}"
    return str(int(value)) if value.is_integer() else repr(value)
