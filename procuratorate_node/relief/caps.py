"""Apply the caps in their order and say what exceeding each one needs (domain B1 amount, C5 caps; rules art. 10)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal, localcontext

from procuratorate_node.relief.facts import AmountFacts
from procuratorate_node.relief.money import EXACT, grouped
from procuratorate_node.relief.rules import Cap
from procuratorate_node.relief.tables import Tables


@dataclass(frozen=True, slots=True)
class CapStep:
    """One cap: its limit in yuan (None: not known), the amount before and after it, how the limit was made."""

    cap: Cap
    limit: Decimal | None
    before: Decimal
    after: Decimal
    how_zh: str = ""
    how_en: str = ""

    @property
    def binds(self) -> bool:
        return self.after < self.before

    def exceeded_by(self, amount: Decimal) -> bool:
        """Tell whether an amount lies above a known limit."""
        return self.limit is not None and amount > self.limit


def apply_caps(amount: Decimal, facts: AmountFacts, tables: Tables) -> tuple[CapStep, ...]:
    """Return every cap in order. A limit that binds is rounded down to the scale's step, so no rounding passes it."""
    step, made = tables.scale.formula.rounding_step, []
    for cap in tables.rules.caps:
        limit = limit_of(cap, facts, tables)
        after = amount
        if limit is not None and amount > limit:
            with localcontext(EXACT):
                after = (limit / step).to_integral_value(rounding=ROUND_FLOOR) * step
        made.append(CapStep(cap, limit, amount, after, *_how(cap, facts, tables)))
        amount = after
    return tuple(made)


def limit_of(cap: Cap, facts: AmountFacts, tables: Tables) -> Decimal | None:
    """Return a cap's limit in yuan, None where it is not known or there is none."""
    if cap.base == "award":
        return facts.unpaid
    if cap.base == "wage":
        with localcontext(EXACT):
            return tables.wage.monthly * cap.months
    if cap.base == "local":
        return None if tables.local_cap is None else tables.local_cap.amount
    return facts.budget_left


def _how(cap: Cap, facts: AmountFacts, tables: Tables) -> tuple[str, str]:
    """Say what a limit is made of, in both languages."""
    if cap.base == "award" and facts.award is not None:
        award, paid = grouped(facts.award), grouped(facts.paid)
        return f"应赔 {award} − 已付 {paid}", f"award {award} − paid {paid}"
    if cap.base == "wage":
        wage, months = tables.wage, cap.months
        return (
            f"{months} × {grouped(wage.monthly)}，{wage.year} 年",
            f"{months} × {grouped(wage.monthly)}, year {wage.year}",
        )
    return "", ""
