"""The yearly budget of relief: what was given, what is bound by decisions, what is paid, what is left (PA-V-3)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa

from procuratorate_node.awards.records import AWARDS, BUDGETS
from procuratorate_node.cluework.states import AwardState


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """One year in yuan. `budget` is None where nobody entered it; `committed` is decided and not yet paid."""

    year: int
    budget: Decimal | None
    committed: Decimal
    paid: Decimal

    @property
    def left(self) -> Decimal | None:
        """Return what may still be decided, never below 0; None without a budget."""
        return None if self.budget is None else max(self.budget - self.committed - self.paid, Decimal(0))


def budget_use(connection: sa.Connection, year: int) -> BudgetUse:
    """Return one year's use."""
    entered = sa.select(BUDGETS.c.amount).where(BUDGETS.c.year == year).order_by(BUDGETS.c.number.desc()).limit(1)
    spent = sa.select(AWARDS.c.state, AWARDS.c.amount).where(AWARDS.c.year == year)
    sums = {AwardState.DECIDED: Decimal(0), AwardState.PAID: Decimal(0)}
    for state, amount in connection.execute(spent):
        if state in sums:
            sums[AwardState(state)] += Decimal(amount)
    budget = connection.execute(entered).scalar()
    known = None if budget is None else Decimal(budget)
    return BudgetUse(year, known, sums[AwardState.DECIDED], sums[AwardState.PAID])


def budget_years(connection: sa.Connection) -> list[int]:
    """Return the years that have a budget or a decision."""
    years = {row[0] for row in connection.execute(sa.select(BUDGETS.c.year))}
    ended = sa.select(AWARDS.c.year).where(AWARDS.c.state.in_([AwardState.DECIDED, AwardState.PAID]))
    return sorted(years | {row[0] for row in connection.execute(ended)})
