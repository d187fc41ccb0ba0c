"""Read the procuratorate's folder into a `CaseFile`; what cannot be used is reported, never dropped silently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from linkage.errors import InputError
from linkage.normalise.person import RawPerson
from procuratorate_node.cases.preset import CasesPreset
from procuratorate_node.cases.records import Aided, Case, CaseFile, Judgment, Party, Petition, RowRef, Source
from procuratorate_node.cases.tables import Line, Table, find_file, read_table
from procuratorate_node.cases.values import fold, fold_cause, parse_date, parse_money, parse_yes_no

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reject:
    """Report one fault: `kept` tells whether the row is used without the unreadable cell, or not at all."""

    file: str
    row: int
    column: str
    reason: str
    kept: bool


class Faults:
    """Collect rejects while one file is read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Reject] = []

    def refuse(self, line: Line, column: str, reason: str) -> None:
        self.found.append(Reject(self.file, line.number, column, reason, kept=False))

    def read(self, line: Line, column: str, parse: Callable[[str], T | None]) -> T | None:
        """Return the parsed cell; note a cell that is filled but cannot be read, and go on without it."""
        cell = line.cells.get(column, "")
        value = parse(cell) if cell else None
        if cell and value is None:
            self.found.append(Reject(self.file, line.number, column, "unreadable", kept=True))
        return value

    def fits(self, line: Line, required: Iterable[str]) -> bool:
        missing = [column for column in required if not line.cells.get(column)]
        for column in missing:
            self.refuse(line, column, "empty")
        return not missing


@dataclass(frozen=True, slots=True)
class ReadCases:
    """Return of `read_cases`: the records, the report, and rows per table."""

    file: CaseFile
    rejects: tuple[Reject, ...]
    rows: dict[str, int]

    def summary(self) -> list[tuple[str, str, str, int]]:
        """Return (file, column, reason, rows), most frequent first."""
        counts = Counter((r.file, r.column, r.reason) for r in self.rejects)
        return [(*key, n) for key, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def read_cases(folder: Path, preset: CasesPreset) -> ReadCases:
    """Read every table of the folder. Raises InputError when the cases or the parties are missing."""
    tables = {name: _open(folder, preset, name) for name in preset.tables}
    faults = {name: Faults(table.file) for name, table in tables.items() if table is not None}

    def each(name: str, build: Callable[[Line, Faults], T | None]) -> list[T]:
        table = tables.get(name)
        if table is None:
            return []
        required = preset.tables[name].required
        lines = (line for line in table.lines if faults[name].fits(line, required))
        return [row for row in (build(line, faults[name]) for line in lines) if row is not None]

    cases: dict[str, Case] = {}
    each("cases", lambda line, f: _case(line, f, preset, cases))
    seen: set[tuple[str, str]] = set()
    parties = each("parties", lambda line, f: _party(line, f, preset, cases, seen=seen))
    file = CaseFile(
        cases=cases,
        parties=parties,
        aided=each("aided", lambda line, f: _aided(line, f, seen)),
        petitions=each("petitions", _petition),
        judgments=each("judgments", _judgment),
    )
    unread = [Reject(t.file, *fault, kept=False) for t in tables.values() if t is not None for fault in t.unread]
    rejects = (*unread, *(r for f in faults.values() for r in f.found))
    return ReadCases(file, rejects, {name: len(t.lines) for name, t in tables.items() if t is not None})


def _open(folder: Path, preset: CasesPreset, name: str) -> Table | None:
    path = find_file(folder, preset.tables[name])
    if path is not None:
        return read_table(path, preset.tables[name])
    if name in ("cases", "parties"):
        wanted = preset.tables[name].files[0]
        raise InputError(f"案件文件夹里没有 {wanted}", f"the cases folder has no {wanted}")
    return None


def _case(line: Line, faults: Faults, preset: CasesPreset, cases: dict[str, Case]) -> Case | None:
    get = line.cells.get
    number = get("number", "")
    category = preset.categories.get(fold(get("category", "")))
    if category is None:
        faults.refuse(line, "category", "unknown word")
        return None
    if number in cases:
        faults.refuse(line, "number", "repeated")
        return None
    cases[number] = Case(
        number,
        category,
        fold_cause(get("cause", "")),
        business=fold(get("business", "")),
        department=get("department", ""),
        officer=get("officer", ""),
        accepted=faults.read(line, "accepted", parse_date),
        happened=faults.read(line, "happened", parse_date),
        stage=fold(get("stage", "")),
        judgment=get("judgment", ""),
        related=get("related", ""),
        summary=get("summary", ""),
    )
    return cases[number]


def _party(
    line: Line, faults: Faults, preset: CasesPreset, cases: dict[str, Case], *, seen: set[tuple[str, str]]
) -> Party | None:
    get = line.cells.get
    role = preset.roles.get(fold(get("role", "")))
    case = cases.get(get("case", ""))
    key = (get("case", ""), get("row", ""))
    if role is None or case is None or key in seen:
        column, reason = ("role", "unknown word") if role is None else ("row", "repeated")
        faults.refuse(line, *(("case", "no such case") if case is None else (column, reason)))
        return None
    seen.add(key)
    return Party(
        RowRef(Source.PARTIES, *key),
        role,
        _raw(line, case.happened or case.accepted),
        relation=get("relation", ""),
        about=get("about", ""),
        dead=bool(faults.read(line, "dead", parse_yes_no)),
        harm=fold(get("harm", "")),
        loss=faults.read(line, "loss", parse_money),
        fault=fold(get("fault", "")),
        compensation=get("compensation", ""),
        remark=get("remark", ""),
        entry=get("entry", ""),
    )


def _raw(line: Line, age_on: date | None) -> RawPerson:
    """Take a row's person cells. A stated age refers to the event (C1), or to the acceptance where it is not known."""
    get = line.cells.get
    return RawPerson(
        name=get("name", ""),
        id_number=get("id_number", ""),
        sex=get("sex", ""),
        birth=get("birth", ""),
        age=get("age", ""),
        address=get("address", ""),
        phone=get("phone", ""),
        age_on=age_on,
    )


def _aided(line: Line, faults: Faults, seen: set[tuple[str, str]]) -> Aided | None:
    get = line.cells.get
    key = (get("case", ""), get("row", ""))
    if key in seen:
        faults.refuse(line, "row", "repeated")
        return None
    seen.add(key)
    return Aided(
        RowRef(Source.AIDED, *key),
        _raw(line, None),
        related_case=get("related_case", ""),
        standing=fold(get("standing", "")),
        cause=fold_cause(get("cause", "")),
        amount=faults.read(line, "amount", parse_money),
        accepted=faults.read(line, "accepted", parse_date),
        decided=faults.read(line, "decided", parse_date),
        paid=faults.read(line, "paid", parse_date),
        remark=get("remark", ""),
    )


def _petition(line: Line, faults: Faults) -> Petition:
    get = line.cells.get
    return Petition(
        RowRef(Source.PETITIONS, get("case", ""), str(line.number)),
        _raw(line, None),
        kind=fold(get("kind", "")),
        received=faults.read(line, "received", parse_date),
        related_case=get("related_case", ""),
    )


def _judgment(line: Line, faults: Faults) -> Judgment:
    get = line.cells.get
    return Judgment(
        get("case", ""),
        get("reference", ""),
        kind=fold(get("kind", "")),
        decided=faults.read(line, "decided", parse_date),
        awarded=faults.read(line, "awarded", parse_money),
    )
