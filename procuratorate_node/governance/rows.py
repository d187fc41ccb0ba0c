"""What the figures are counted from: frozen rows without a name, a number or a case number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from procuratorate_node.cluework.checks import Check


@dataclass(frozen=True, slots=True)
class ClueRow:
    """One clue. `verdict` is confirmed, rejected or open; `found` is None where nobody noted the day.

    `department` is the one that handed the clue over, else the one whose kind of case it is; `award` is the newest's
    state.
    """

    model: str
    category: str
    colour: str
    grade: str
    phase: str
    verdict: str
    tags: tuple[str, ...] = ()
    found: date | None = None
    check: Check | None = None
    elements: tuple[str, ...] = ()
    department: str = ""
    award: str = ""


@dataclass(frozen=True, slots=True)
class AwardRow:
    """One decided or paid award, in yuan. `persons` are those the clue was opened for."""

    model: str
    charge: str
    case_type: str
    harm: int
    stage: str
    tags: tuple[str, ...]
    amount: Decimal
    decided: date
    persons: int = 1
    found: date | None = None
    paid: date | None = None

    @property
    def days(self) -> int | None:
        """Return the days from clue to payment."""
        return None if self.found is None or self.paid is None else (self.paid - self.found).days


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One release request, referral or letter of suggestion: to whom, for what, how far it is, what came of it."""

    kind: str
    receiver: str
    about: str
    state: str
    sent: date
    answered: date | None = None
    band: str = ""


@dataclass(frozen=True, slots=True)
class SupervisionRow:
    """One clue of the supervision lane; `recovered` is what was paid after the advice, in yuan, None unknown."""

    state: str
    day: date | None
    recovered: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One year's fund in yuan; `awards` is how many decisions used it."""

    year: int
    budget: Decimal | None
    committed: Decimal
    paid: Decimal
    awards: int


@dataclass(frozen=True, slots=True)
class Rows:
    """Everything the figures are made of."""

    clues: Sequence[ClueRow] = ()
    awards: Sequence[AwardRow] = ()
    letters: Sequence[LetterRow] = ()
    budgets: Sequence[BudgetRow] = ()
    lane: Sequence[SupervisionRow] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """The days counted, both ends included: of clues the day found, of awards the decision, of letters the sending."""

    since: date
    until: date

    def holds(self, day: date | None) -> bool:
        return day is not None and self.since <= day <= self.until

    def year_before(self) -> Period:
        """Return the same days one year earlier; the 29th of February becomes the 28th."""
        return Period(_year_before(self.since), _year_before(self.until))

    def of(self, rows: Rows) -> Rows:
        """Return the rows of the period; budgets are by year."""
        return Rows(
            [r for r in rows.clues if self.holds(r.found)],
            [r for r in rows.awards if self.holds(r.decided)],
            [r for r in rows.letters if self.holds(r.sent)],
            [b for b in rows.budgets if self.since.year <= b.year <= self.until.year],
            [s for s in rows.lane if self.holds(s.day)],
        )


def _year_before(day: date) -> date:
    return date(day.year - 1, day.month, min(day.day, 28) if day.month == 2 else day.day)
