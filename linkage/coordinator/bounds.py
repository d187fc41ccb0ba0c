"""Hold a round's question and its result to the warrant's bounds; a refusal says which bound, never by how much."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from linkage.encoded import EncodedPopulation
from linkage.errors import LimitError
from linkage.rpc.result import ResultRow
from linkage.warrant import RoundWarrant

ALWAYS: Final = 20  # Rows of a population that a result may always link, however small the population is.
MIX: Final = np.uint64(0x9E3779B97F4A7C15)
SHIFT: Final = np.uint64(29)


def refuse_small_question(warrant: RoundWarrant, anchors: EncodedPopulation) -> None:
    """Raise LimitError when fewer different anchors came, in all or for a population, than the warrant promises.

    Rows that repeat a filter count once: a question about one person does not grow by sending the row again.
    """
    said, marks = warrant.overlap, _marks(anchors)
    if len(np.unique(marks)) < warrant.limits.min_anchor_rows:
        raise LimitError("不同的锚点少于委托书保证的行数", "fewer different anchors came than the warrant promises")
    if not said.least:
        return
    for spec in warrant.populations:
        if spec.anchor:
            continue
        bits = sum(1 << warrant.anchor_sets.index(name) for name in _asked_sets(warrant, spec.id))
        asked = (np.asarray(anchors.scope) & np.uint32(bits)) != 0
        different = len(np.unique(marks[asked]))
        least = said.least if said.of(spec.id).people else 0
        if different < least or (different and not least):
            raise LimitError(
                f"群体 {spec.id} 所问的人与委托书声明的不符，不出结果",
                f"population {spec.id} is not asked about the people the warrant states: no result",
            )


def _asked_sets(warrant: RoundWarrant, population: str) -> set[str]:
    """Return the anchor sets whose members a population is asked about."""
    return {model.anchors for model in warrant.models if population in set(model.plan.leaves())}


def _marks(anchors: EncodedPopulation) -> npt.NDArray[np.uint64]:
    """Return one number per anchor, equal for equal filters; where the filter is empty, for equal first tokens.

    Tokens beside a filter do not count: a row's empty places of tokens are filled in anew each time.
    """
    filters = np.asarray(anchors.filters)
    first = np.ascontiguousarray(anchors.tokens[:, 0]).view(np.uint64).reshape(len(anchors), 2)
    return np.where(filters.any(axis=1), _mixed(filters), _mixed(first))


def _mixed(columns: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    mark = np.zeros(len(columns), np.uint64)
    for column in columns.T:
        mark = (mark ^ column) * MIX
        mark ^= mark >> SHIFT
    return mark


def refuse_large_result(warrant: RoundWarrant, counts: Mapping[str, int], rows: Iterable[ResultRow]) -> None:
    """Raise LimitError when the result has too many rows, or links too large a share of a population."""
    linked: dict[str, set[int]] = defaultdict(set)
    total = 0
    for row in rows:
        total += 1
        for link in row.links:
            linked[link.population].add(link.position)
    if total > warrant.limits.max_result_rows:
        raise LimitError(
            "结果超过委托书的上限，整体不予交付，须由人决定",
            "the result is larger than the warrant allows and is withheld: people must decide",
        )
    for population, positions in sorted(linked.items()):
        most = max(ALWAYS, counts[population] * warrant.limits.max_share // 100)
        if len(positions) > most:
            raise LimitError(
                f"结果涉及群体 {population} 的比例超过委托书的上限，整体不予交付",
                f"the result links a larger share of population {population} than the warrant allows: withheld",
            )
