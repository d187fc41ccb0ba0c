"""Read a register: table rows in, persons with class tags out, by a preset. Nothing here prints a cell.

A row may be about several persons (creditor and debtor): one RegisterRow each. A row without name and number, or
whose needed cell could not be read, becomes a Reject; the reader never stops at a bad row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from agency_node.columns import Layout, fill_test, header_fit, require_layout
from agency_node.mapping import PERSON_FIELDS, Band, Preset, Role
from agency_node.rules import EMPTY_MARKS, fold_value, is_blank
from linkage.errors import InputError
from linkage.normalise.checkdigit import has_check
from linkage.normalise.person import RawPerson
from linkage.sources.reading import read_tables
from linkage.sources.sql_source import SqlSource, read_sql
from linkage.sources.table import Reject, RejectReason, Row, Table

NOTE_START = re.compile(
    r"(注|备注|说明|附注|附|填报|填表|填写|制表|审核|复核|审批|核对|负责人|单位负责人|分管领导|联系人|经办|打印|统计|报送|数据截止|截止|日期)"
    r"[人员单位时间日期领导说明]{0,4}\s*[:：(（\s]|.{0,6}(合\s*计|小\s*计|总\s*计|共\s*计)|(以下|此处)?空白|——|第.{1,4}页"
)
NOTE_CELLS = 4  # A signature row has three or four cells; a person's row in a register has more.
SERIAL_DAY = re.compile(r"[1-5]\d{4}")
SERIAL_EPOCH = date(1899, 12, 30)
DAY = re.compile(r"(\d{4})\D*?(0[1-9]|1[0-2]|[1-9](?!\d))(?:\D*?(3[01]|[12]\d|0?[1-9]))?(?!\d)")
CERTIFICATE = re.compile(r"(\d{17}[\dX])\d{2,4}[B\d]*")
FIRST_YEAR = 1949


@dataclass(frozen=True, slots=True, repr=False)
class RegisterRow:
    """Hold one person of one row. `line` is the physical row; `fields` only what the preset lets be released.

    `since` is YYYYMM or ""; `context` the case number as written; `band` 0 unknown, 1 nothing unpaid, 2 less than
    half, 3 half or more, 4 all; `status_known` is False when the status word is in neither list of the preset.
    """

    file: str
    sheet: str
    line: int
    dataset: str
    role: str
    person: RawPerson
    classes: tuple[str, ...]
    active: bool
    since: str = ""
    context: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    band: int = 0
    status_known: bool = True

    def __repr__(self) -> str:
        return f"RegisterRow({self.dataset}, {self.file}, {self.sheet}, {self.line}, active={self.active})"


def read_register(
    source: Path | SqlSource, preset: Preset, *, as_of: date, file: str = "", sheets: tuple[str, ...] = ()
) -> Iterator[RegisterRow | Reject]:
    """Yield the persons of a register file or database table in order.

    `file` is the name rows carry (the path's own name when ""); `sheets` keeps only these sheets. Raises InputError
    for a file that cannot be read or lacks needed columns.
    """
    found, fault = 0, None
    for table in _tables(source, preset):
        if sheets and table.sheet not in sheets:
            continue
        if isinstance(table, Reject):
            yield _renamed(table, file)
            continue
        try:
            layout = require_layout(preset, table.header, file=file or table.name)
        except InputError as exc:
            fault = fault or exc
            yield Reject(file or table.name, table.sheet, 0, RejectReason.SHEET_OTHER)
            continue
        found += 1
        yield from _table_rows(table, (preset, layout), as_of, file or table.name)
    if fault is not None and not found:
        raise fault


def _tables(source: Path | SqlSource, preset: Preset) -> Iterator[Table | Reject]:
    fit = header_fit([preset])
    if isinstance(source, SqlSource):
        yield read_sql(source, fit)
    else:
        yield from read_tables(source, fit, fill=fill_test(preset))


def _table_rows(table: Table, form: tuple[Preset, Layout], as_of: date, file: str) -> Iterator[RegisterRow | Reject]:
    preset, layout = form
    needed = _needed_titles(preset, layout)
    for row in table.rows:
        if isinstance(row, Reject):
            yield _renamed(row, file)
            continue
        fault = next((t for t in row.faults if t in needed), None)
        if fault is not None:
            note = _is_note(row)
            yield Reject(file, table.sheet, row.line, RejectReason.NOTE_ROW if note else row.faults[fault], fault)
            continue
        yield from _persons(row, preset, layout, _Place(file, table.sheet, as_of))


@dataclass(frozen=True, slots=True)
class _Place:
    file: str
    sheet: str
    as_of: date


def _persons(row: Row, preset: Preset, layout: Layout, place: _Place) -> Iterator[RegisterRow | Reject]:
    cells = {name: row.cells.get(title, "") for name, title in layout.columns.items()}
    if _is_note(row):
        yield Reject(place.file, place.sheet, row.line, RejectReason.NOTE_ROW)
        return
    for role, titles in zip(preset.roles, layout.persons, strict=True):
        if role.only is not None and not role.only.holds(cells):
            continue
        person = {name: row.cells.get(title, "") for name, title in titles.items()}
        number = _number(person.get("id_number", ""), cells.get(role.id_fallback, ""))
        if is_blank(person["name"]) and is_blank(number):
            yield Reject(place.file, place.sheet, row.line, RejectReason.NO_PERSON, titles["name"])
            continue
        yield _register_row(row.line, (preset, role, place), cells, person | {"id_number": number})


def _register_row(
    line: int, known: tuple[Preset, Role, _Place], cells: Mapping[str, str], person: dict[str, str]
) -> RegisterRow:
    preset, role, place = known
    tags = [c.tag for c in role.classes if c.when is None or c.when.holds(cells)]
    person["birth"] = _birth(person.get("birth", ""))
    person["sex"] = person.get("sex", "") or role.sex
    released = {f: person.get(f) or cells.get(f, "") for f in preset.release}
    return RegisterRow(
        file=place.file,
        sheet=place.sheet,
        line=line,
        dataset=role.dataset,
        role=role.role,
        person=RawPerson(
            **{f: person.get(f, "") for f in PERSON_FIELDS},
            age_on=day_of(cells.get(preset.age_on, "")) or place.as_of,
        ),
        classes=tuple(tags[:1] if role.choose_first else dict.fromkeys(tags)),
        active=preset.ended is None or not preset.ended.holds(cells),
        since=month_of(cells.get(preset.since, "")),
        context=cells.get(preset.context, ""),
        fields={f: v for f, v in released.items() if v},
        band=_band(preset.band, cells),
        status_known=_status_known(preset, cells),
    )


def month_of(text: str) -> str:
    """Return YYYYMM of a date in any usual form, "" when no month can be read from it."""
    if not text:
        return ""
    text = unicodedata.normalize("NFKC", text).strip()
    if SERIAL_DAY.fullmatch(text):
        return f"{SERIAL_EPOCH + timedelta(int(text)):%Y%m}"
    found = DAY.match(text)
    return f"{found[1]}{int(found[2]):02d}" if found and int(found[1]) >= FIRST_YEAR else ""


def day_of(text: str) -> date | None:
    """Return the day of a date in any usual form, None when it is not complete."""
    if not text:
        return None
    text = unicodedata.normalize("NFKC", text).strip()
    if SERIAL_DAY.fullmatch(text):
        return SERIAL_EPOCH + timedelta(int(text))
    found = DAY.match(text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found and found[3] else None
    except ValueError:
        return None


def _birth(text: str) -> str:
    """Turn a bare spreadsheet day number into a date; five digits are no other form of a birth date."""
    if not SERIAL_DAY.fullmatch(text):
        return text
    return (SERIAL_EPOCH + timedelta(int(text))).isoformat()


def _number(written: str, certificate: str) -> str:
    """Return the number, or the one inside the disability certificate's when only that one is whole."""
    if not certificate or has_check("".join(unicodedata.normalize("NFKC", written).upper().split()).lstrip("'")):
        return written
    inside = CERTIFICATE.match("".join(unicodedata.normalize("NFKC", certificate).upper().split()))
    return inside[1] if inside and has_check(inside[1]) else written or certificate


def _band(band: Band | None, cells: Mapping[str, str]) -> int:
    if band is None:
        return 0
    due, paid = _amount(cells.get(band.due, "")), _amount(cells.get(band.paid, "") or "0")
    if due is None or paid is None or due <= 0:
        return 0
    unpaid = max(due - paid, Decimal(0)) / due
    return 1 if not unpaid else 4 if unpaid == 1 else 3 if unpaid * 2 >= 1 else 2


def _amount(text: str) -> Decimal | None:
    try:
        return Decimal(re.sub(r"[,，\s元¥￥]", "", unicodedata.normalize("NFKC", text)))
    except InvalidOperation:
        return None


def _status_known(preset: Preset, cells: Mapping[str, str]) -> bool:
    if preset.ended is None or preset.ended.holds(cells):
        return True
    said = {fold_value(cells.get(c, "")) for c in preset.ended.columns()} - EMPTY_MARKS
    return said <= preset.current


def _is_note(row: Row) -> bool:
    filled = [c for c in row.cells.values() if c]
    return 0 < len(filled) <= NOTE_CELLS and NOTE_START.match(filled[0]) is not None


def _needed_titles(preset: Preset, layout: Layout) -> frozenset[str]:
    """Return the columns without which a row must not be used: identity, and whatever the rules look at."""
    rules = [preset.ended, *(r.only for r in preset.roles), *(c.when for r in preset.roles for c in r.classes)]
    columns = {c for rule in rules if rule is not None for c in rule.columns()}
    titles = {layout.columns[c] for c in columns if c in layout.columns}
    return frozenset(titles | {p[f] for p in layout.persons for f in ("name", "id_number") if f in p})


def _renamed(reject: Reject, file: str) -> Reject:
    return Reject(file or reject.file, reject.sheet, reject.line, reject.reason, reject.column)
