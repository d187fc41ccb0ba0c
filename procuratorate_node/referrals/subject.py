"""What rules look at of one of a clue's persons: age, charge, harm, words, registers. It names nobody."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from linkage.errors import NotFoundError
from linkage.normalise.person import Birth
from procuratorate_node.ages import age_at
from procuratorate_node.cases.records import Party, RowRef
from procuratorate_node.cases.values import fold_cause
from procuratorate_node.casework import Casework
from procuratorate_node.clues import Clue
from procuratorate_node.colour_table import ColourTable
from procuratorate_node.model import ScreeningModel
from procuratorate_node.painting import Proven, age_at_event, inputs_of
from procuratorate_node.reidentify import people_of

SEX = {"1": "男", "2": "女", "男": "男", "女": "女"}


@dataclass(frozen=True, slots=True)
class Subject:
    """One person as the catalogue's triggers and guards see him.

    `ages` are the youngest and the oldest age possible today, None where nothing is known. `youngest_victim` is the
    least age at the event of the victims the rows are about. `datasets` are the registers that the screening asked.
    """

    role: str
    sex: str
    ages: tuple[int, int] | None
    youngest_victim: int | None
    child_charge: bool
    kind: str
    harm: int
    compensation: str
    summary: str
    tags: frozenset[str]
    datasets: frozenset[str]
    locality: str = ""

    def may_be_minor(self, age: int) -> bool:
        """Tell whether the case must be handled as a minor's; a person of unknown age may be one."""
        young = self.ages is None or self.ages[0] < age
        return young or self.child_charge or (self.youngest_victim is not None and self.youngest_victim < age)


def subject_of(
    clue: Clue, number: int, work: Casework, table: ColourTable, *, asked: Iterable[ScreeningModel], today: date
) -> Subject:
    """Return the clue's person of that number, from 1; `asked` are the models whose registers were asked about him.

    Raises NotFoundError.
    """
    people = people_of(clue.people, work.facts.person_of)
    if not 0 < number <= len(people):
        raise NotFoundError(f"这条线索没有第 {number} 人", f"this clue has no person number {number}")
    rows = people[number - 1]
    parties = [p for p in (work.read.file.party(r.case, r.row) for r in rows) if p is not None]
    tags = frozenset(tag.lstrip("+") for tag in clue.tags if not tag.startswith("-"))
    inputs = [i for i in (inputs_of(work.facts, table, r, Proven(tags)) for r in rows) if i is not None]
    victims = [v for v in map(work.read.file.victim_of, parties) if v is not None]
    charges = _charges(rows, work)
    kinds = {m.kind for m in (table.charge_model(c) for c in charges) if m is not None} - {""}
    return Subject(
        role=parties[0].role if parties else clue.facts.get("role", ""),
        sex=_sex(rows, work),
        ages=_ages(rows, work, today),
        youngest_victim=min(_event_ages(victims, work), default=None),
        child_charge=any(c in map(fold_cause, m.minor_victims) for c in charges for m in table.charges.models),
        kind=_gravest(kinds),
        harm=max((i.harm for i in inputs), default=0),
        compensation=clue.facts.get("compensation", ""),
        summary="\n".join(work.read.file.cases[c].summary for c in _cases(rows) if c in work.read.file.cases),
        tags=tags,
        datasets=frozenset(u.dataset for m in asked for u in m.populations.values()),
        locality=clue.facts.get("locality", ""),
    )


def _gravest(kinds: set[str]) -> str:
    """Return the kind that protects most where rows are of several cases."""
    return next((k for k in ("sexual", "domestic", "property") if k in kinds), "")


def _cases(rows: Iterable[RowRef]) -> list[str]:
    return list(dict.fromkeys(r.case for r in rows))


def _charges(rows: Iterable[RowRef], work: Casework) -> list[str]:
    file = work.read.file
    aided = {a.ref: a for a in file.aided}
    causes = [aided[r].cause for r in rows if r in aided]
    return [*(file.cases[c].cause for c in _cases(rows) if c in file.cases), *map(fold_cause, causes)]


def _ages(rows: tuple[RowRef, ...], work: Casework, today: date) -> tuple[int, int] | None:
    person = work.people.get(work.facts.person_of.get(rows[0], ""))
    return None if person is None else _age_span(person.person.birth, today)


def _age_span(birth: Birth, today: date) -> tuple[int, int] | None:
    """Return the youngest and the oldest age a birth allows today."""
    if not birth.year_low:
        return None
    last = birth.month or 12
    youngest = date(birth.year_high, last, birth.day or monthrange(birth.year_high, last)[1])
    oldest = date(birth.year_low, birth.month or 1, birth.day or 1)
    return max(0, age_at(today, youngest)), max(0, age_at(today, oldest))


def _sex(rows: tuple[RowRef, ...], work: Casework) -> str:
    person = work.people.get(work.facts.person_of.get(rows[0], ""))
    return "" if person is None else SEX.get(person.person.sex, "")


def _event_ages(victims: Iterable[Party], work: Casework) -> Iterator[int]:
    for victim in victims:
        case = work.read.file.cases.get(victim.ref.case)
        age = None if case is None else age_at_event(victim, case, work.facts)
        if age is not None:
            yield age
