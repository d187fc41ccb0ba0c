"""Which pairs are worth judging: all that lie near, while comparing all is affordable; else those a token brings up.

Within `most` comparisons every filter is compared with every other. Beyond that, pairs come from three sources:
* shared tokens: every token joins several fields under the round's key, so each is a block of a handful of rows;
* over-full values (more than MAX_BUCKET rows): filters are compared inside the block, smallest blocks first;
* anchors that no equal number with an agreeing name settles are compared with all rows; if that does not fit, only
  pairs of which one row says little: the fewest bits set in its filter, as many as fit.
The number of comparisons is known before the first is made and never exceeds `most`. Pairs come anchor by anchor in
parts of bounded size, so they are never all in memory. Nothing depends on row order but the row numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from linkage.encoded import EncodedPopulation, release_pages
from linkage.match.distances import Progress, chance_z, popcounts
from linkage.match.grades import NAME_TAGS, SOUND_TAGS
from linkage.match.joins import (
    MAX_BUCKET,
    Int64s,
    Shared,
    agreement,
    columns_of_tag,
    distinct_pairs,
    pack,
    shared_tokens,
    unpack,
)
from linkage.match.kernel import Rule, chance_rule, compare
from linkage.match.kernel.engine import available_cores
from linkage.match.tables import compare_in_block
from linkage.schema import EncodingSchema

NUMBER_TAG = "number"
CONTEXT_TAG = "context"
FULL_COMPARISONS = 100_000_000_000  # Some 70 seconds on two cores.
PAIRS_AT_ONCE = 1 << 18
BLOCKS_AT_ONCE = 1 << 24  # Comparisons of one task.
NONE = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Effort:
    """What finding a population's links takes: filter comparisons, pairs judged, comparisons there was no room for."""

    compared: int = 0
    judged: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class Prospect:
    """Pairs worth judging, not yet listed: by shared tokens, and `near` by filters (anchor << 32 | row, sorted)."""

    anchors: int
    shared: tuple[Shared, ...] = ()
    near: Int64s = field(default_factory=lambda: NONE)
    effort: Effort = Effort()

    def parts(self, size: int = PAIRS_AT_ONCE) -> Iterator[Int64s]:
        """Yield the distinct pairs, sorted, in parts of about `size` that end with an anchor."""
        if not self.anchors:
            return
        ends = np.cumsum(self._pairs_by_anchor())
        cuts = np.searchsorted(ends, np.arange(size, int(ends[-1]), size), "right")
        bounds = np.unique(np.concatenate(([0], cuts, [self.anchors])))
        for begin, end in pairwise(bounds.tolist()):
            low, high = np.searchsorted(self.near, [begin << 32, end << 32])
            yield distinct_pairs([*(s.pairs_of(begin, end) for s in self.shared), self.near[low:high]])

    def most_pairs(self) -> int:
        """Return how many pairs there are at most: those that come up twice are counted twice."""
        return int(self._pairs_by_anchor().sum())

    def _pairs_by_anchor(self) -> Int64s:
        """Return per anchor how many pairs there are, those that come up twice counted twice."""
        out = np.bincount(self.near >> 32, minlength=self.anchors).astype(np.int64)
        for s in self.shared:
            fits = s.count <= MAX_BUCKET
            out += np.bincount(s.anchor[fits], s.count[fits], self.anchors).astype(np.int64)
        return out


def find_prospect(
    anchors: EncodedPopulation,
    others: EncodedPopulation,
    schema: EncodingSchema,
    *,
    need_context: bool = False,
    most: int = FULL_COMPARISONS,
    progress: Progress | None = None,
) -> Prospect:
    """Join tokens and compare filters, at most `most` times. `progress` gets (done, planned) comparisons."""
    if not len(anchors) or not len(others):
        return Prospect(len(anchors))
    tags = columns_of_tag(schema)
    wanted = [CONTEXT_TAG] if need_context else [tag for tag in tags if tag != CONTEXT_TAG]
    shared = {}
    for tag in wanted:
        shared[tag] = shared_tokens(anchors.tokens, others.tokens, tags[tag])
        release_pages(anchors, others)
    joined = Prospect(len(anchors), tuple(shared.values()))
    if need_context:
        return joined
    total = len(anchors) * len(others)
    z = chance_z(total, min(len(anchors), len(others)), schema.decision.false_links)
    search = _Search(anchors, others, schema, chance_rule(anchors.filters.shape[1] * 64, z), progress)
    if total <= most:
        near, effort = compare(anchors.filters, others.filters, search.rule, progress=progress), Effort(total)
        return Prospect(len(anchors), joined.shared, pack(near), effort)
    parts, effort = search.beyond(shared, most)
    return Prospect(len(anchors), joined.shared, distinct_pairs(parts), effort)


@dataclass(frozen=True, slots=True, repr=False)
class _Search:
    """Compare filters where comparing all would take too long."""

    anchors: EncodedPopulation
    others: EncodedPopulation
    schema: EncodingSchema
    rule: Rule
    progress: Progress | None

    def beyond(self, shared: dict[str, Shared], most: int) -> tuple[list[Int64s], Effort]:
        """Return what lies near inside over-full blocks and to unsettled anchors, and what that took."""
        room, taken, left_out = most, list[Shared](), 0
        for block in map(_over_full, shared.values()):
            fitting = _fitting(block, room)
            room -= int(fitting.count.sum())
            left_out += int(block.count.sum() - fitting.count.sum())
            taken.append(fitting)
        rest, dropped = self._rest(shared, room)
        planned = most - room + sum(len(left) * len(right) for left, right in rest)
        found, done = [], 0
        for near, size in self._in_blocks(taken):
            found.append(near)
            done += size
            self._say(done, planned)
        for left, right in rest:
            found.append(self._among(left, right, lambda now, _, before=done: self._say(before + now, planned)))  # type: ignore[misc]
            done += len(left) * len(right)
        return found, Effort(planned, left_out=left_out + dropped)

    def _among(self, left: Int64s, right: Int64s, progress: Progress) -> Int64s:
        """Return what lies near among chosen rows of both sides."""
        everybody = len(right) == len(self.others)  # Then nothing is copied.
        rows = self.others.filters if everybody else self.others.filters[right]
        i, j = compare(self.anchors.filters[left], rows, self.rule, progress=progress)
        return pack((left[i], right[j]))

    def _say(self, done: int, planned: int) -> None:
        if self.progress is not None:
            self.progress(done, planned)

    def _rest(self, shared: dict[str, Shared], room: int) -> tuple[list[tuple[Int64s, Int64s]], int]:
        """Return which rows to compare with which within `room` comparisons, and how many comparisons that leaves out.

        Unsettled anchors with all rows, if that fits. Else only where one of the two says little, as many as fit: the
        fewer bits a filter has, the fewer fields the row had, and the fewer tokens bring it up.
        """
        unsettled = np.flatnonzero(~self._settled(shared))
        everybody = np.arange(len(self.others))
        whole = len(unsettled) * len(everybody)
        if whole <= room:
            return [(unsettled, everybody)] if whole else [], 0
        ones = popcounts(self.anchors.filters)[unsettled], popcounts(self.others.filters)
        bits = self.anchors.filters.shape[1] * 64
        poor, bare = (np.cumsum(np.bincount(side, minlength=bits + 1)) for side in ones)
        sizes = poor * len(everybody) + (len(unsettled) - poor) * bare  # By the most bits that a poor row has.
        most = int(np.searchsorted(sizes, room, "right")) - 1
        if most < 0:
            return [], whole
        few = ones[0] <= most
        best = [(unsettled[few], everybody), (unsettled[~few], everybody[ones[1] <= most])]
        return [(left, right) for left, right in best if len(left) and len(right)], whole - int(sizes[most])

    def _settled(self, shared: dict[str, Shared]) -> npt.NDArray[np.bool_]:
        """Return which anchors share a number with a row whose name agrees: nothing else can be surer."""
        out = np.zeros(len(self.anchors), np.bool_)
        if NUMBER_TAG in shared:
            pairs = unpack(shared[NUMBER_TAG].pairs_of(0, len(self.anchors)))
            named = np.zeros(len(pairs[0]), np.bool_)
            for tag, columns in columns_of_tag(self.schema).items():
                if tag in NAME_TAGS + SOUND_TAGS:
                    named |= agreement(self.anchors.tokens, self.others.tokens, pairs, columns)
                    release_pages(self.anchors, self.others)
            out[pairs[0][named]] = True
        return out

    def _in_blocks(self, blocks: Sequence[Shared]) -> Iterator[tuple[Int64s, int]]:
        """Yield (near pairs, comparisons) task by task, on all cores."""
        if not any(len(block.anchor) for block in blocks):
            return
        ones = popcounts(self.anchors.filters), popcounts(self.others.filters)
        every = np.arange(self.anchors.filters.shape[1] * 64 + 1)
        need = self.rule(every, every)

        def compared(block: Shared) -> tuple[Int64s, int]:
            room = 1024
            while True:
                out = np.empty(room, np.int64)
                found = compare_in_block(self.anchors.filters, self.others.filters, ones, need, _fields(block), out)
                if found <= room:
                    return out[:found], int(block.count.sum())
                room = found

        with ThreadPoolExecutor(available_cores()) as pool:
            yield from pool.map(compared, [part for block in blocks for part in _tasks(block)])


def _fields(s: Shared) -> tuple[npt.NDArray[np.int32], Int64s, Int64s, npt.NDArray[np.int32]]:
    return s.anchor, s.first, s.count, s.rows


def _chosen(s: Shared, entries: npt.NDArray[np.intp] | slice) -> Shared:
    return Shared(s.anchor[entries], s.first[entries], s.count[entries], s.rows)


def _block_sizes(s: Shared) -> Int64s:
    """Return per entry the comparisons of its whole block: its anchors times its rows."""
    _, block, members = np.unique(s.first, return_inverse=True, return_counts=True)
    sizes: Int64s = members[block] * s.count
    return sizes


def _over_full(s: Shared) -> Shared:
    """Return the entries of over-full values only."""
    return _chosen(s, np.flatnonzero(s.count > MAX_BUCKET))


def _fitting(s: Shared, room: int) -> Shared:
    """Return the entries of the smallest blocks with at most `room` comparisons; of equal blocks all or none."""
    sizes = _block_sizes(s)
    order = np.argsort(sizes, kind="stable")
    fits = int(np.searchsorted(np.cumsum(s.count[order]), room, "right"))
    if fits < len(order):
        fits = int(np.searchsorted(sizes[order], sizes[order[fits]], "left"))
    return _chosen(s, order[:fits])


def _tasks(s: Shared) -> Iterator[Shared]:
    ends = np.cumsum(s.count)
    cuts = np.searchsorted(ends, np.arange(BLOCKS_AT_ONCE, int(s.count.sum()), BLOCKS_AT_ONCE), "right")
    bounds = np.unique(np.concatenate(([0], cuts, [len(ends)]))).tolist()
    for begin, end in pairwise(bounds):
        yield _chosen(s, slice(begin, end))
