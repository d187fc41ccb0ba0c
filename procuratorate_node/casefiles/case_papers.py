"""The papers of all cases in the order of their dates, and which row of the tables each person found in them is.

A found person is a row of his case when the names or the numbers agree; a name misread from a scan or written with
another character, when nobody else of that part is left. A masked name (张某某) is never taken for anybody's, but a
paper that masks a case's only victim still speaks of him.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

from linkage.normalise.person import Person, RawPerson
from linkage.normalise.record import normalise
from procuratorate_node.casefiles.facts import FoundPerson, PaperFacts, Role, Topic
from procuratorate_node.casefiles.faults import Fault, UnreadablePaper
from procuratorate_node.casefiles.library import PaperFile, ReadPaper
from procuratorate_node.casefiles.reading import decode
from procuratorate_node.cases.records import CRIMINAL, KIN, SUSPECT, VICTIM, CaseFile, Party, RowRef
from procuratorate_node.cases.values import parse_date
from procuratorate_node.likeness import contradictions, names_alike, usable_number

FOLDER: Final = "documents"
INDEX: Final = "documents_index.csv"
# Which rows of the tables a part in a paper may be.
ROWS: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.VICTIM: (VICTIM, "申请人", "申诉人", "信访人"),
    Role.KIN: (KIN, "申请人", "信访人", "申诉人"),
    Role.CREDITOR: (VICTIM, KIN, "申请人"),
    Role.SUSPECT: (SUSPECT,),
    Role.DEBTOR: (SUSPECT,),
}
NEAR: Final = 2  # From names_alike: one character apart by sound, shape or loss.


@dataclass(frozen=True, slots=True, repr=False)
class DatedPaper:
    """One paper read. `rows` maps the position of a found person to the row he is."""

    name: str
    dated: date
    facts: PaperFacts
    rows: Mapping[int, RowRef]

    def __repr__(self) -> str:
        return f"DatedPaper({self.dated}, {self.facts.kind.name})"

    def of(self, ref: RowRef) -> Iterator[FoundPerson]:
        """Yield what this paper says of one row's person."""
        yield from (self.facts.people[n] for n, row in self.rows.items() if row == ref)

    def strangers(self) -> Iterator[tuple[int, FoundPerson]]:
        """Yield the people that no row of the tables is."""
        yield from ((n, p) for n, p in enumerate(self.facts.people) if n not in self.rows)


@dataclass(frozen=True, slots=True)
class SetAside:
    """One paper that could not be read, and why."""

    name: str
    fault: Fault


@dataclass(frozen=True, slots=True, repr=False)
class CasePapers:
    """All papers by case, oldest first, and those set aside."""

    by_case: Mapping[str, Sequence[DatedPaper]] = field(default_factory=dict)
    aside: Sequence[SetAside] = ()

    @property
    def read(self) -> int:
        return sum(map(len, self.by_case.values()))

    @property
    def unread(self) -> int:
        return len(self.aside)

    def __repr__(self) -> str:
        return f"CasePapers(read={self.read}, unread={self.unread})"


def find_papers(folder: Path, file: CaseFile) -> list[PaperFile]:
    """Return the papers of all known cases, in order of case and name; hidden files are no papers."""
    return [
        PaperFile(path, path.relative_to(folder).as_posix(), case, known_names(parties))
        for case, parties in sorted(file.by_case.items())
        if (folder / FOLDER / case).is_dir()
        for path in sorted((folder / FOLDER / case).rglob("*"))
        if path.is_file() and not path.name.startswith((".", "~$"))
    ]


def known_names(parties: Sequence[Party]) -> tuple[str, ...]:
    """Return the plain names of a case's victims, which help to see where a name ends."""
    names = {"".join(p.person.name.split()) for p in parties if p.role == VICTIM}
    return tuple(sorted(n for n in names if 2 <= len(n) <= 20 and all(c.isalpha() or c == "·" for c in n)))


def read_dates(folder: Path) -> dict[str, date]:
    """Return paper path → date of filing from documents_index.csv, {} without one. Bad lines are left out."""
    index = folder / INDEX
    try:
        text = decode(index.read_bytes()) if index.is_file() else ""
    except UnreadablePaper:
        return {}
    dates: dict[str, date] = {}
    for row in csv.DictReader(io.StringIO(text)):
        filed = parse_date(row.get("入卷日期") or "")
        if filed is not None and row.get("文件"):
            dates[row["文件"]] = filed
    return dates


def arrange(read: Sequence[ReadPaper], file: CaseFile, *, dates: Mapping[str, date], as_of: date) -> CasePapers:
    """Order the papers read and match their people to the rows of their cases."""
    by_case: dict[str, list[DatedPaper]] = {}
    aside = [SetAside(r.file.name, r.fault) for r in read if r.fault is not None]
    rows = _Rows(file, as_of)
    for one in read:
        if one.facts is not None:
            dated = dates.get(one.file.name) or one.facts.dated or date.min
            matched = rows.match(one.file.case, one.facts)
            by_case.setdefault(one.file.case, []).append(DatedPaper(one.file.name, dated, one.facts, matched))
    for case, papers in by_case.items():
        by_case[case] = sorted(_agreed(papers), key=lambda p: (p.dated, p.name))
    return CasePapers(by_case, aside)


def _agreed(papers: Sequence[DatedPaper]) -> Iterator[DatedPaper]:
    """Yield the papers of a case with one row for one name: who was matched in one paper is the same in the others."""
    rows = {p.facts.people[n].name: row for p in papers for n, row in p.rows.items() if not p.facts.people[n].masked}
    for paper in papers:
        taken = set(paper.rows.values())
        unmatched = ((n, p.name) for n, p in paper.strangers() if p.role in ROWS and p.name in rows)
        more = {n: rows[name] for n, name in unmatched if rows[name] not in taken}
        yield replace(paper, rows={**paper.rows, **more}) if more else paper


class _Rows:
    """Match the people of papers to rows, one case at a time."""

    def __init__(self, file: CaseFile, as_of: date) -> None:
        self._file = file
        self._as_of = as_of
        self._people: dict[RowRef, Person] = {}

    def _person(self, party: Party) -> Person:
        if party.ref not in self._people:
            self._people[party.ref] = normalise(party.person, as_of=self._as_of)
        return self._people[party.ref]

    def match(self, case: str, facts: PaperFacts) -> dict[int, RowRef]:
        parties = self._file.by_case.get(case, ())
        found: dict[int, RowRef] = {}
        people = {n: (p, self._found(p)) for n, p in enumerate(facts.people) if p.role in ROWS and not p.masked}
        for least in (3, NEAR):
            for number, (person, record) in people.items():
                if number in found:
                    continue
                taken = set(found.values())
                fits = [
                    p
                    for p in parties
                    if p.role in ROWS[person.role] and p.ref not in taken and self._same(p, record, least)
                ]
                if fits and (least == 3 or len({self._person(p).name for p in fits}) == 1):
                    found[number] = min(fits, key=lambda p: (ROWS[person.role].index(p.role), p.ref)).ref
        found |= self._last_one(parties, people, found)
        return found | self._only_one(parties, facts, found)

    def _last_one(
        self, parties: Sequence[Party], people: Mapping[int, tuple[FoundPerson, Person]], found: Mapping[int, RowRef]
    ) -> dict[int, RowRef]:
        """Match the one victim left over in a paper to the one row left over, where their names have a part in common
        and nothing contradicts it: a name mistyped beyond the rules above."""
        taken = set(found.values())
        rows = [p for p in parties if p.role == VICTIM and p.ref not in taken and self._person(p).name]
        left = [(n, r) for n, (p, r) in people.items() if n not in found and p.role is Role.VICTIM]
        if len(rows) != 1 or len(left) != 1:
            return {}
        (number, record), row = left[0], self._person(rows[0])
        alike = names_alike(row, record) >= 1 and not contradictions(row, record)
        return {number: rows[0].ref} if alike else {}

    def _found(self, person: FoundPerson) -> Person:
        raw = RawPerson(
            name=person.name,
            id_number=person.value(Topic.ID),
            birth=person.value(Topic.BIRTH),
            sex=person.value(Topic.SEX),
        )
        return normalise(raw, as_of=self._as_of)

    def _same(self, party: Party, record: Person, least: int) -> bool:
        row = self._person(party)
        number = usable_number(record)
        if number and number == usable_number(row):
            return True
        return bool(row.name) and names_alike(row, record) >= least

    def _only_one(self, parties: Sequence[Party], facts: PaperFacts, found: Mapping[int, RowRef]) -> dict[int, RowRef]:
        """Return the case's only victim for a paper's only one, where that one's name is masked."""
        rows = [p for p in parties if p.role == VICTIM]
        same = {self._person(p).name or p.ref.row for p in rows}
        victims = [n for n, p in enumerate(facts.people) if p.role is Role.VICTIM]
        if len(same) != 1 or len(victims) != 1 or victims[0] in found or not facts.people[victims[0]].masked:
            return {}
        surname = self._person(rows[0]).surname
        return {victims[0]: rows[0].ref} if facts.people[victims[0]].name.startswith(surname or "\0") else {}


def is_criminal(file: CaseFile, case: str) -> bool:
    known = file.cases.get(case)
    return known is not None and known.category in CRIMINAL
