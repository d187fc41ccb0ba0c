"""Fill what the tables lack from the papers: particulars of people, harm, loss, fault, and people in no table.

A table's own cell always stays. People with masked names are never added, and nobody enters a case that the tables
know him in under any part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from linkage.normalise.person import NameState, RawPerson
from linkage.normalise.record import normalise
from procuratorate_node.casefiles.case_papers import CasePapers, DatedPaper, is_criminal
from procuratorate_node.casefiles.facts import FoundPerson, Role, Topic
from procuratorate_node.casefiles.kinds import Kind
from procuratorate_node.casefiles.names import may_link
from procuratorate_node.casefiles.states import evidence_of
from procuratorate_node.cases.records import KIN, VICTIM, CaseFile, Party, RowRef, Source
from procuratorate_node.likeness import names_alike, usable_number

CELLS: Final = (
    ("sex", Topic.SEX),
    ("id_number", Topic.ID),
    ("birth", Topic.BIRTH),
    ("address", Topic.ADDRESS),
    ("phone", Topic.PHONE),
)
ENTRY: Final = "案卷文书"  # How such a row was entered, as the tables' own column says it.
# Papers that name a victim by law; a settlement or a ruling alone does not make somebody a victim.
SOURCES: Final = (
    *(Kind.INDICTMENT, Kind.OPINION, Kind.ARREST, Kind.CRIMINAL),
    *(Kind.INTERVIEW, Kind.ACCIDENT, Kind.APPRAISAL),
)


@dataclass(frozen=True, slots=True)
class Filled:
    """The completed case file; how many people were added and how many cells filled."""

    file: CaseFile
    added: int
    cells: int


def fill(file: CaseFile, papers: CasePapers, *, as_of: date) -> Filled:
    """Return the case file with the papers' facts in its empty cells and their people added."""
    counted = _Counted()
    parties = [counted.filled(p, papers.by_case.get(p.ref.case, ()), file) for p in file.parties]
    added = [
        party
        for case, dated in papers.by_case.items()
        if is_criminal(file, case)
        for party in _newcomers(file, case, dated, as_of=as_of)
    ]
    return Filled(replace(file, parties=(*parties, *added)), len(added), counted.cells)


class _Counted:
    """Fill rows and count the cells."""

    def __init__(self) -> None:
        self.cells = 0

    def filled(self, party: Party, papers: Sequence[DatedPaper], file: CaseFile) -> Party:
        if not papers:
            return party
        person = self._person(party, papers, file)
        changes: dict[str, object] = {}
        if party.role == VICTIM:
            changes = self._victim(party, papers)
        self.cells += len(changes)
        return replace(party, person=person, **changes)  # type: ignore[arg-type]

    def _person(self, party: Party, papers: Sequence[DatedPaper], file: CaseFile) -> RawPerson:
        cells = {}
        for name, topic in CELLS:
            if not getattr(party.person, name).strip():
                found = _newest(papers, party.ref, topic)
                if found:
                    cells[name] = found
        if not any(
            (party.person.age.strip(), party.person.birth.strip(), party.person.id_number.strip(), "birth" in cells)
        ):
            age = _newest(papers, party.ref, Topic.AGE)
            case = file.cases.get(party.ref.case)
            if age and case is not None:
                cells["age"] = age
        self.cells += len(cells)
        return replace(party.person, **cells)  # type: ignore[arg-type]

    @staticmethod
    def _victim(party: Party, papers: Sequence[DatedPaper]) -> dict[str, object]:
        changes: dict[str, object] = {}
        if not party.harm and (harm := _newest(papers, party.ref, Topic.HARM)):
            changes["harm"] = harm
            if harm == "死亡" and not party.dead:
                changes["dead"] = True
        if not party.fault and (fault := _newest(papers, party.ref, Topic.FAULT)):
            changes["fault"] = fault
        if party.loss is None and (loss := _newest(papers, party.ref, Topic.LOSS)):
            changes["loss"] = float(loss)
        return changes


def _newest(papers: Sequence[DatedPaper], ref: RowRef, topic: Topic) -> str:
    """Return the newest paper's word on a row's person, "" where all are silent."""
    evidence = evidence_of(papers, (ref,), topic)
    return evidence[-1].fact.value if evidence else ""


def _newcomers(file: CaseFile, case: str, papers: Sequence[DatedPaper], *, as_of: date) -> Iterator[Party]:
    """Yield rows for the victims and near relatives no table has, each once; a dead victim's relatives point to him."""
    known = list(file.by_case.get(case, ()))
    rows: dict[str, RowRef] = {p.person.name: p.ref for p in known if p.role == VICTIM}
    kept = [p for role in (Role.VICTIM, Role.KIN) for p in _strangers(papers, role)]
    matched = frozenset(ref for paper in papers for ref in paper.rows.values())
    for paper, number, person in kept:
        if _stands_there(person, known, matched, as_of) or not may_link(person.name):
            continue
        row = f"文书{hashlib.sha256(paper.name.encode()).hexdigest()[:6]}-{number + 1}"
        party = _party(RowRef(Source.PARTIES, case, row), person, about=rows.get(person.about), file=file)
        rows.setdefault(person.name, party.ref)
        known.append(party)
        yield party


def _strangers(papers: Sequence[DatedPaper], role: Role) -> Iterator[tuple[DatedPaper, int, FoundPerson]]:
    for paper in papers:
        if paper.facts.kind in SOURCES:
            yield from ((paper, n, p) for n, p in paper.strangers() if p.role is role and not p.masked)


def _stands_there(person: FoundPerson, known: Iterable[Party], matched: frozenset[RowRef], as_of: date) -> bool:
    """Tell whether some row of the case may be this person, whatever his part: better none added than one twice.

    A victim's row that no paper names is enough when its name has any part in common, or hides its given part.
    """
    record = normalise(RawPerson(name=person.name, id_number=person.value(Topic.ID)), as_of=as_of)
    number = usable_number(record)
    for party in known:
        row = normalise(party.person, as_of=as_of)
        unnamed = party.role == VICTIM and person.role is Role.VICTIM and party.ref not in matched
        if (number and number == usable_number(row)) or (
            row.name and names_alike(row, record) >= (1 if unnamed else 2)
        ):
            return True
        if row.name_state is NameState.MASKED and party.person.name.strip()[:1] == person.name[:1]:
            return True
    return False


def _party(ref: RowRef, person: FoundPerson, *, about: RowRef | None, file: CaseFile) -> Party:
    case = file.cases[ref.case]
    raw = RawPerson(
        name=person.name,
        id_number=person.value(Topic.ID),
        sex=person.value(Topic.SEX),
        birth=person.value(Topic.BIRTH),
        age=person.value(Topic.AGE),
        address=person.value(Topic.ADDRESS),
        phone=person.value(Topic.PHONE),
        age_on=case.happened or case.accepted,
    )
    loss = person.value(Topic.LOSS)
    return Party(
        ref,
        VICTIM if person.role is Role.VICTIM else KIN,
        raw,
        relation=person.value(Topic.RELATION),
        about=about.row if about is not None else "",
        dead=bool(person.value(Topic.DEAD)),
        harm=person.value(Topic.HARM),
        loss=float(loss) if loss else None,
        fault=person.value(Topic.FAULT),
        entry=ENTRY,
    )
