"""The procuratorate's own rows as frozen records.

Rows name persons in clear text: nothing here may be printed, logged or put into an error. A row is referred to by
`RowRef` (source, case number, row id), which is what clues carry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from linkage.normalise.person import RawPerson

VICTIM: Final = "被害人"
KIN: Final = "近亲属"
SUSPECT: Final = "犯罪嫌疑人"
APPLICANT: Final = "申请人"
COMPLAINANT: Final = "申诉人"
PETITIONER: Final = "信访人"
ROLES: Final = (VICTIM, KIN, APPLICANT, COMPLAINANT, PETITIONER, SUSPECT)
CRIMINAL: Final = ("刑事", "未检")
CATEGORIES: Final = (*CRIMINAL, "民事", "行政", "信访")


class Source(StrEnum):
    """Which of the procuratorate's files a person row stands in."""

    PARTIES = "parties"
    AIDED = "aided"
    PETITIONS = "petitions"


class Compensation(StrEnum):
    """What the file says about payment to one victim (domain C2). Only FULL leaves a set.

    CONFLICT: papers of one day, or the row's note and a paper, say "all paid" and something else; a person must look.
    """

    FULL = "FULL"
    PARTIAL = "PARTIAL"
    NOT = "NOT"
    UNKNOWN = "UNKNOWN"
    CONFLICT = "CONFLICT"


@dataclass(frozen=True, slots=True, order=True)
class RowRef:
    """Name one row of the procuratorate's files; `case` is the 救助案号 for aided rows."""

    source: Source
    case: str
    row: str


@dataclass(frozen=True, slots=True)
class Case:
    """One accepted case. `cause` is the charge without its trailing 罪, or the civil cause."""

    number: str
    category: str
    cause: str
    business: str = ""
    department: str = ""
    officer: str = ""
    accepted: date | None = None
    happened: date | None = None
    stage: str = ""
    judgment: str = ""
    related: str = ""
    summary: str = field(default="", repr=False)

    @property
    def criminal(self) -> bool:
        return self.category in CRIMINAL


@dataclass(frozen=True, slots=True, repr=False)
class Party:
    """One person in one role in one case. `loss` is in yuan; `about` is the row id of the related victim."""

    ref: RowRef
    role: str
    person: RawPerson
    relation: str = ""
    about: str = ""
    dead: bool = False
    harm: str = ""
    loss: float | None = None
    fault: str = ""
    compensation: str = ""
    remark: str = ""
    entry: str = ""

    def __repr__(self) -> str:
        return f"Party(role={self.role})"


@dataclass(frozen=True, slots=True, repr=False)
class Aided:
    """One person who already received judicial assistance here. `amount` is in yuan."""

    ref: RowRef
    person: RawPerson
    related_case: str = ""
    standing: str = ""
    cause: str = ""
    amount: float | None = None
    accepted: date | None = None
    decided: date | None = None
    paid: date | None = None
    remark: str = ""

    def __repr__(self) -> str:
        return "Aided()"


@dataclass(frozen=True, slots=True, repr=False)
class Petition:
    """One row of the petition system. The same petition stands in the parties under the same number."""

    ref: RowRef
    person: RawPerson
    kind: str = ""
    received: date | None = None
    related_case: str = ""

    def __repr__(self) -> str:
        return f"Petition(kind={self.kind})"


@dataclass(frozen=True, slots=True)
class Judgment:
    """One judgment of a case. `awarded` is in yuan."""

    case: str
    reference: str
    kind: str = ""
    decided: date | None = None
    awarded: float | None = None


@dataclass(frozen=True, slots=True, repr=False)
class CaseFile:
    """Hold everything read from the procuratorate's folder, with the look-ups the rest needs."""

    cases: Mapping[str, Case]
    parties: Sequence[Party]
    aided: Sequence[Aided] = ()
    petitions: Sequence[Petition] = ()
    judgments: Sequence[Judgment] = ()
    by_case: Mapping[str, Sequence[Party]] = field(init=False)
    _by_row: Mapping[tuple[str, str], Party] = field(init=False)

    def __post_init__(self) -> None:
        grouped: dict[str, list[Party]] = {}
        for party in self.parties:
            grouped.setdefault(party.ref.case, []).append(party)
        object.__setattr__(self, "by_case", grouped)
        object.__setattr__(self, "_by_row", {(p.ref.case, p.ref.row): p for p in self.parties})

    def __repr__(self) -> str:
        return f"CaseFile(cases={len(self.cases)}, parties={len(self.parties)}, aided={len(self.aided)})"

    def party(self, case: str, row: str) -> Party | None:
        return self._by_row.get((case, row))

    def victim_of(self, party: Party) -> Party | None:
        """Return the victim a row is about: a victim himself, the related victim of a near relative, else None."""
        if party.role == VICTIM:
            return party
        return self.party(party.ref.case, party.about) if party.role == KIN and party.about else None

    def is_probe(self, party: Party) -> bool:
        """Tell whether a row of a criminal case is a living victim, or a near relative of a dead one (A8 trap 1)."""
        case = self.cases.get(party.ref.case)
        if case is None or not case.criminal or party.dead:
            return False
        victim = self.victim_of(party)
        return party.role == VICTIM or (party.role == KIN and victim is not None and victim.dead)

    def judgment_references(self, case_number: str) -> tuple[str, ...]:
        """Return the judgment numbers of one case, from the case itself and the list of judgments, without repeats."""
        case = self.cases.get(case_number)
        found = [case.judgment] if case is not None and case.judgment else []
        found += [j.reference for j in self.judgments if j.case == case_number and j.reference]
        return tuple(dict.fromkeys(found))

    def person_rows(self) -> Iterator[tuple[RowRef, RawPerson]]:
        """Yield every row that names a person of ours: parties, aided, petitions, in file order."""
        rows: tuple[Party | Aided | Petition, ...] = (*self.parties, *self.aided, *self.petitions)
        for row in rows:
            yield row.ref, row.person
