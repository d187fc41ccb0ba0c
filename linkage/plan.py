"""Set plans: closed boolean algebra over "is this anchor linked to population X", in three values.

A plan is built of `all`, `any`, `none` (nestable) over leaves. A leaf is the id of a register population, or "@name"
for a set the anchors themselves belong to. Kleene's strong logic: YES and NO decide where they can, CANNOT_TELL is kept
apart everywhere else, because in a difference a missed link is a false clue (design §3.5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from linkage.errors import ConfigError

MAX_DEPTH = 6
MAX_LEAVES = 64
Operator = Literal["all", "any", "none"]
OPERATORS: tuple[Operator, ...] = ("all", "any", "none")


class Verdict(IntEnum):
    """Order matters: `all` is the minimum, `any` the maximum."""

    NO = 0
    CANNOT_TELL = 1
    YES = 2

    def inverted(self) -> Verdict:
        return Verdict(2 - int(self))


@dataclass(frozen=True, slots=True)
class SetPlan:
    """Combine parts by one operator; `none` is the inverse of `any`. Parts are leaves (str) or plans."""

    operator: Operator
    parts: tuple[str | SetPlan, ...]

    def __post_init__(self) -> None:
        if self.operator not in OPERATORS:
            raise ConfigError(
                f"集合计划只认 all、any、none，收到 {self.operator}",
                f"a set plan knows all, any, none; found {self.operator}",
            )
        if not self.parts:
            raise ConfigError(
                f"集合计划的 {self.operator} 不能为空", f"{self.operator} in a set plan must not be empty"
            )
        if self.depth() > MAX_DEPTH or len(list(self.leaves())) > MAX_LEAVES:
            raise ConfigError(
                f"集合计划最多 {MAX_DEPTH} 层、{MAX_LEAVES} 个叶",
                f"a set plan has at most {MAX_DEPTH} levels and {MAX_LEAVES} leaves",
            )

    def depth(self) -> int:
        return 1 + max((part.depth() for part in self.parts if isinstance(part, SetPlan)), default=0)

    def leaves(self) -> Iterator[str]:
        """Yield every leaf, left to right, repeats included."""
        for part in self.parts:
            if isinstance(part, SetPlan):
                yield from part.leaves()
            else:
                yield part

    def negative_leaves(self, inverted: bool = False) -> Iterator[str]:
        """Yield the leaves under an odd number of `none`: there a missed link makes a false clue."""
        flipped = inverted != (self.operator == "none")
        for part in self.parts:
            if isinstance(part, SetPlan):
                yield from part.negative_leaves(flipped)
            elif flipped:
                yield part

    def evaluate(self, verdict_of: Callable[[str], Verdict]) -> Verdict:
        """Return the plan's verdict for one anchor, given the verdict of every leaf."""
        values = [p.evaluate(verdict_of) if isinstance(p, SetPlan) else verdict_of(p) for p in self.parts]
        if self.operator == "all":
            return min(values)
        return max(values) if self.operator == "any" else max(values).inverted()

    def to_json(self) -> dict[str, object]:
        """Return {operator: [leaf | {…}, …]}."""
        return {self.operator: [p.to_json() if isinstance(p, SetPlan) else p for p in self.parts]}


def parse_plan(data: object, depth: int = 0) -> SetPlan:
    """Read {"all": […], "none": […]}: several operators side by side are joined by `all`. Raises ConfigError."""
    if depth >= MAX_DEPTH:
        raise ConfigError(f"集合计划嵌套超过 {MAX_DEPTH} 层", f"a set plan nests {MAX_DEPTH} levels at most")
    if not isinstance(data, Mapping) or not data:
        raise ConfigError("集合计划必须是非空的表", "a set plan must be a non-empty table")
    unknown = sorted(set(map(str, data)) - set(OPERATORS))
    if unknown:
        raise ConfigError(f"集合计划里有不认识的键：{unknown}", f"unknown keys in the set plan: {unknown}")
    plans = tuple(SetPlan(op, _parse_parts(op, data[op], depth)) for op in OPERATORS if op in data)
    return plans[0] if len(plans) == 1 else SetPlan("all", plans)


def _parse_parts(operator: Operator, items: object, depth: int) -> tuple[str | SetPlan, ...]:
    if isinstance(items, str) or not isinstance(items, Sequence):
        raise ConfigError(f"{operator} 后面必须是列表", f"{operator} must be followed by a list")
    return tuple(item if isinstance(item, str) else parse_plan(item, depth + 1) for item in items)


WORDS: Mapping[str, Mapping[Operator, tuple[str, str]]] = {
    "zh": {"all": ("", " 并且 "), "any": ("", " 或者 "), "none": ("不在其中任何一个：", "、")},
    "en": {"all": ("", " and "), "any": ("", " or "), "none": ("in none of: ", ", ")},
}


def describe_plan(plan: SetPlan, *, title_of: Callable[[str], str], language: str = "zh") -> str:
    """Say the plan in words for the people who must consent to it."""
    prefix, glue = WORDS[language][plan.operator]
    parts = [
        f"（{describe_plan(p, title_of=title_of, language=language)}）" if isinstance(p, SetPlan) else title_of(p)
        for p in plan.parts
    ]
    return prefix + glue.join(parts)
