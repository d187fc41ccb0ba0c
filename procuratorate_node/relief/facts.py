"""What the amount of one case is computed from: figures, codes and register tags; no name, number or address."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from linkage.errors import InputError
from procuratorate_node.cases.values import fold_cause
from procuratorate_node.relief.money import check_yuan
from procuratorate_node.relief.scale import HARM_LEVELS

TAG: Final = re.compile(r"[A-Z][A-Z0-9_]{0,24}")
ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Points:
    """The points an officer sets for one group's add-on, within the range of its level."""

    tag: str
    points: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountFacts:
    """The facts of one case. Sums are in yuan.

    `tags` are the tags of the whole family that is helped (SC-0-2). `case_coefficient` and `hardship` are set by a
    person; where they are None the scale's usual value for `harm` and `tier` is taken. `award` is what a court awarded
    or should award, None where nobody can tell yet; `paid` is what the debtor has really paid.
    """

    region: str
    decided_on: date
    case_type: str
    harm: int
    fault: str
    tier: str = ""
    hardship: Decimal | None = None
    case_coefficient: Decimal | None = None
    tags: tuple[str, ...] = ()
    points: tuple[Points, ...] = ()
    urgent: bool = False
    words: int = 0
    minor: bool = False
    charge: str = field(default="", repr=False)
    award: Decimal | None = None
    paid: Decimal = ZERO
    budget_left: Decimal | None = None
    reference: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        for name in ("award", "paid", "budget_left"):
            value = getattr(self, name)
            if value is not None:
                check_yuan(value, what=name)
        if not 0 <= self.harm < HARM_LEVELS:
            raise InputError("harm 应为 0 至 3", "harm is 0 to 3")
        if self.words < 0:
            raise InputError("words 不应小于 0", "words is not below 0")
        if not self.tier and self.hardship is None:
            raise InputError("应给出困难档次 tier 或困难系数 hardship", "give a tier or a hardship coefficient")
        if not all(TAG.fullmatch(t) for t in self.tags) or len(set(self.tags)) != len(self.tags):
            raise InputError("登记类别代码有误或重复", "a register tag is malformed or stands twice")
        named = [p.tag for p in self.points]
        if len(set(named)) != len(named) or not set(named) <= set(self.tags):
            raise InputError("points 只能用于 tags 中的类别，且各一次", "points go to tags of the facts, once each")

    @property
    def folded_charge(self) -> str:
        return fold_cause(self.charge) if self.charge else ""

    @property
    def unpaid(self) -> Decimal | None:
        """Return the unpaid part of the award, None where the award is not known."""
        return None if self.award is None else max(self.award - self.paid, ZERO)
