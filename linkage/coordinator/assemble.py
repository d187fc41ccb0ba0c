"""Turn links into the result: verdicts per leaf, plans over all anchors at once, rows of the survivors.

Verdict of an anchor for a population: a link of grade A to D is YES; grade E is CANNOT_TELL; grade W is CANNOT_TELL
only where the leaf stands under an odd number of `none`, because there a missed link is a false clue; else NO.
Only links of positive leaves appear in the result, the surest first, never W.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from linkage.encoded import EncodedPopulation, Grade
from linkage.plan import SetPlan, Verdict
from linkage.rpc.result import ResultLink, ResultRow, SurvivingVerdict
from linkage.warrant import ModelWarrant, RoundWarrant

Column = npt.NDArray[np.int8]  # One Verdict per anchor.


class LinkArrays(Protocol):
    """What the matcher returns: parallel arrays sorted by (anchor, grade, other)."""

    @property
    def anchor(self) -> npt.NDArray[np.int32]: ...
    @property
    def other(self) -> npt.NDArray[np.int32]: ...
    @property
    def grade(self) -> npt.NDArray[np.uint8]: ...


@dataclass(frozen=True, slots=True, repr=False)
class Linked:
    """A population's links to the anchors, and its sealed payloads (n, 24) or (n, 0)."""

    links: LinkArrays
    payload: npt.NDArray[np.uint8]

    def verdicts(self, anchors: int, *, negative: bool) -> Column:
        """Return the verdict of every anchor for this population."""
        best = np.full(anchors, 255, np.uint8)
        np.minimum.at(best, self.links.anchor, self.links.grade)
        unclear = (best == Grade.E) | (negative & (best == Grade.W))
        column = np.full(anchors, Verdict.NO, np.int8)
        column[unclear] = Verdict.CANNOT_TELL
        column[best <= Grade.D] = Verdict.YES
        return column


def evaluate(plan: SetPlan, column_of: Callable[[str, bool], Column], *, inverted: bool = False) -> Column:
    """Return the plan's verdict of every anchor; `column_of(leaf, negative)` gives a leaf's. As SetPlan.evaluate."""
    flipped = inverted != (plan.operator == "none")
    parts = [
        evaluate(part, column_of, inverted=flipped) if isinstance(part, SetPlan) else column_of(part, flipped)
        for part in plan.parts
    ]
    if plan.operator == "all":
        lowest: Column = np.minimum.reduce(parts)
        return lowest
    highest: Column = np.maximum.reduce(parts)
    return highest if plan.operator == "any" else np.asarray(Verdict.YES - highest, np.int8)


def positive_leaves(plan: SetPlan, inverted: bool = False) -> set[str]:
    """Return the populations under an even number of `none`."""
    flipped = inverted != (plan.operator == "none")
    found: set[str] = set()
    for part in plan.parts:
        if isinstance(part, SetPlan):
            found |= positive_leaves(part, flipped)
        elif not flipped and not part.startswith("@"):
            found.add(part)
    return found


def needed_populations(warrant: RoundWarrant) -> dict[str, bool]:
    """Return the register populations some model asks about, and whether any asks negatively."""
    leaves = {leaf for model in warrant.models for leaf in model.plan.leaves() if not leaf.startswith("@")}
    negative = {leaf for model in warrant.models for leaf in model.plan.negative_leaves()}
    return {spec.id: spec.id in negative for spec in warrant.populations if spec.id in leaves}


def rows_of_model(
    warrant: RoundWarrant,
    model: ModelWarrant,
    anchors: EncodedPopulation,
    linked: Mapping[str, Linked],
    *,
    links_per_anchor: int,
) -> list[ResultRow]:
    """Return the rows of the anchors that survive one model's plan, by anchor."""
    count = len(anchors)

    def in_set(name: str) -> npt.NDArray[np.bool_]:
        bit = warrant.anchor_sets.index(name)
        return (np.asarray(anchors.scope) >> np.uint32(bit) & np.uint32(1)).astype(bool)

    def column_of(leaf: str, negative: bool) -> Column:
        if leaf.startswith("@"):
            return np.where(in_set(leaf[1:]), Verdict.YES, Verdict.NO).astype(np.int8)
        return linked[leaf].verdicts(count, negative=negative)

    verdict = evaluate(model.plan, column_of)
    survivors = np.flatnonzero(in_set(model.anchors) & (verdict > Verdict.NO))
    links = _links_of(survivors, {p: linked[p] for p in positive_leaves(model.plan)}, links_per_anchor)
    words: dict[int, SurvivingVerdict] = {int(Verdict.YES): "yes", int(Verdict.CANNOT_TELL): "cannot-tell"}
    return [ResultRow(model.id, int(a), words[int(verdict[a])], tuple(links.get(int(a), ()))) for a in survivors]


def _links_of(
    survivors: npt.NDArray[np.intp], linked: Mapping[str, Linked], links_per_anchor: int
) -> dict[int, list[ResultLink]]:
    found: dict[int, list[ResultLink]] = {}
    for population, part in sorted(linked.items()):
        begin = np.searchsorted(part.links.anchor, survivors, "left")
        end = np.searchsorted(part.links.anchor, survivors, "right")
        for anchor, first, last in zip(survivors, begin, end, strict=True):
            for at in range(first, min(last, first + links_per_anchor)):
                grade = Grade(int(part.links.grade[at]))
                # An unsure link beside a sure one says nothing; alone it is what "cannot tell" rests on.
                if grade is Grade.W or (grade is Grade.E and part.links.grade[first] <= Grade.D):
                    break
                position = int(part.links.other[at])
                link = ResultLink(population, grade.name, position, part.payload[position].tobytes())
                found.setdefault(int(anchor), []).append(link)
    return found
