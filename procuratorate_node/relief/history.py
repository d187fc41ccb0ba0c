"""Decided cases as comparable figures: no person, only what peers and the benchmark need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from linkage.errors import InputError
from procuratorate_node.cases.records import Aided
from procuratorate_node.cases.values import fold_cause
from procuratorate_node.relief.money import MOST, check_yuan, parse_yuan
from procuratorate_node.relief.scale import Scale
from procuratorate_node.relief.validity import years_before


@dataclass(frozen=True, slots=True)
class DecidedCase:
    """One decided case. `multiplier` is (c_case + c_hard + a) × f, None where it was not recorded.

    `capped`: a cap or a departure set the amount, so it says nothing about the benchmark.
    """

    decided_on: date
    amount: Decimal
    case_type: str
    charge: str = field(default="", repr=False)
    harm: int | None = None
    tier: str = ""
    multiplier: Decimal | None = None
    capped: bool = False
    reference: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        check_yuan(self.amount, what="amount")
        if self.multiplier is not None and self.multiplier < 0:
            raise InputError("multiplier 不应小于 0", "multiplier is not below 0")

    def key(self, name: str) -> object:
        """Return what is compared under one of the scale's peer keys; None and "" compare with nothing."""
        return {
            "charge": fold_cause(self.charge) if self.charge else "",
            "case_type": self.case_type,
            "harm": self.harm,
            "tier": self.tier,
        }[name]


def window(cases: Iterable[DecidedCase], *, until: date, years: int) -> list[DecidedCase]:
    """Return the cases decided in the `years` years before `until`, that day not included."""
    since = years_before(until, years)
    return [c for c in cases if since <= c.decided_on < until]


def from_aided(rows: Sequence[Aided], scale: Scale) -> list[DecidedCase]:
    """Turn the office's own list into decided cases; rows without amount or day, or with a strange cause, are left out.

    The list holds no coefficients, so these cases serve as peers and not for the benchmark.
    """
    kinds = {fold_cause(cause): kind.code for kind in scale.case_types for cause in kind.causes}
    made = []
    for row in rows:
        kind = kinds.get(fold_cause(row.cause))
        if row.amount is None or not 0 < row.amount <= MOST or row.decided is None or kind is None:
            continue
        amount = parse_yuan(f"{row.amount:.2f}", what="amount")  # The list was read as floats; cents are exact enough.
        made.append(DecidedCase(row.decided, amount, kind, charge=row.cause, reference=row.ref.case))
    return made
