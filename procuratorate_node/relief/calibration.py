"""Find the benchmark from the decided cases of the last years (domain GY-M2-2, C5).

C5: B = mean amount ÷ mean multiplier of the same cases, because the mean grant itself is about ten times too high.
A few unusual grants must not move it, so cases are left out whose own ratio amount ÷ multiplier lies farther from the
median ratio than `cut` × 1.4826 × the median deviation (the usual robust standard deviation) and farther than
`least_spread` of the median (so that a list of nearly equal ratios does not shrink to one value). Cases are unusable
whose multiplier was not recorded or is 0, whose amount is 0, or whose amount a cap or a departure set.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import Final

from linkage.errors import InputError
from procuratorate_node.relief.history import DecidedCase, window
from procuratorate_node.relief.money import EXACT, round_to
from procuratorate_node.relief.scale import CalibrationRule
from procuratorate_node.relief.validity import years_before

NORMAL: Final = Decimal("1.4826")
CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Calibration:
    """The proposed benchmark and what it rests on. Sums are in yuan; the first four numbers are counts of cases.

    `plain_ratio` is C5's ratio of means with outliers kept; `mean_amount` and `mean_multiplier` are of the used cases.
    """

    in_window: int
    unusable: int
    outliers: int
    used: int
    since: date
    until: date
    mean_amount: Decimal
    mean_multiplier: Decimal
    plain_ratio: Decimal
    exact: Decimal
    benchmark: Decimal
    lower_quartile: Decimal
    upper_quartile: Decimal


def calibrate(cases: Iterable[DecidedCase], *, until: date, rule: CalibrationRule) -> Calibration:
    """Return the benchmark that the `rule.years` years before `until` support.

    Raises InputError where fewer than `rule.least_cases` usable cases remain, before or after outliers are left out.
    """
    inside = window(cases, until=until, years=rule.years)
    usable = [c for c in inside if c.amount > 0 and c.multiplier and not c.capped]
    _enough(len(usable), rule)
    with localcontext(EXACT):
        ratios = [c.amount / (c.multiplier or Decimal(1)) for c in usable]
        middle = median(ratios)
        spread = NORMAL * median([abs(r - middle) for r in ratios])
        reach = max(rule.cut * spread, rule.least_spread * middle)
        kept = [c for c, r in zip(usable, ratios, strict=True) if abs(r - middle) <= reach]
        _enough(len(kept), rule)
        amount, multiplier = _means(kept)
        exact = amount / multiplier
        plain_amount, plain_multiplier = _means(usable)
        return Calibration(
            *(len(inside), len(inside) - len(usable), len(usable) - len(kept), len(kept)),
            *(years_before(until, rule.years), until),
            *(amount.quantize(CENT), multiplier.quantize(CENT), (plain_amount / plain_multiplier).quantize(CENT)),
            *(exact.quantize(CENT), round_to(exact, rule.rounding_step, rounding="half_up")),
            *(quantile(ratios, Decimal("0.25")).quantize(CENT), quantile(ratios, Decimal("0.75")).quantize(CENT)),
        )


def median(values: Iterable[Decimal]) -> Decimal:
    """Return the middle value, or the mean of the two middle ones."""
    return quantile(values, Decimal("0.5"))


def quantile(values: Iterable[Decimal], share: Decimal) -> Decimal:
    """Return the value at `share` of the way, linear between neighbours (Hyndman and Fan's type 7)."""
    ordered = sorted(values)
    with localcontext(EXACT):
        place = share * (len(ordered) - 1)
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _means(cases: list[DecidedCase]) -> tuple[Decimal, Decimal]:
    amounts = sum((c.amount for c in cases), Decimal(0))
    multipliers = sum((c.multiplier or Decimal(0) for c in cases), Decimal(0))
    return amounts / len(cases), multipliers / len(cases)


def _enough(found: int, rule: CalibrationRule) -> None:
    if found < rule.least_cases:
        raise InputError(
            f"可用于测算基准的案件只有 {found} 件，至少需要 {rule.least_cases} 件",
            f"only {found} cases can be used for the benchmark, at least {rule.least_cases} are needed",
            hint_zh="沿用现行基准金额，或为已办案件补录各项系数",
            hint_en="keep the benchmark in force, or record the coefficients of decided cases",
        )
