"""Compare all rows of two sides on all cores, tile by tile, and return the near pairs in a fixed order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from linkage.match.kernel.adder import compare_tile
from linkage.match.kernel.columns import fill_blocks, fill_slices, list_positions, room_of_lists
from linkage.match.kernel.prefix import choose_prefix
from linkage.match.kernel.rules import Rule
from linkage.match.kernel.targets import best_lanes

Words = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Found = npt.NDArray[np.int32]
Pairs = tuple[Found, Found]
Progress = Callable[[int, int], None]
LEFT_ROWS = 8192  # Per chunk: their lists take some 9 MB, and start counters serve all its rows of one popcount.
RIGHT_ROWS = 16384  # Per tile at most: 2 MB of blocks.
KEPT_ROWS = 1 << 18  # Of the right side; the blocks of so many, 32 MB, are kept for all chunks.
TASKS_PER_CORE = 4
SMALL = 1 << 22  # So few pairs take less time than looking for a prefix.
FIRST_CAPACITY = 4096  # Pairs a tile may report before it is done again with room for all.


@dataclass(frozen=True, slots=True, repr=False)
class Side:
    """Rows of one side sorted by popcount: `order` leads back, `classes` number the distinct popcounts `counts`."""

    filters: Words
    order: Ints
    classes: Ints
    counts: Ints


@dataclass(frozen=True, slots=True, repr=False)
class Setting:
    """What all tiles of one comparison share; `shape` carries lanes and slices as lengths of tuples."""

    need: Ints
    words: int
    lanes: int
    slices: int

    @property
    def top(self) -> int:
        return 1 << (self.slices - 1)

    @property
    def shape(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return (0,) * self.lanes, (0,) * self.slices


def compare(
    left: Words,
    right: Words,
    rule: Rule,
    *,
    cores: int | None = None,
    prefix: int | None = None,
    lanes: int | None = None,
    progress: Progress | None = None,
) -> Pairs:
    """Return (left row, right row) of every pair the rule keeps, int32, sorted by (left, right).

    left, right: uint64 (n, words) of equal width; cores, prefix (words) and lanes default to all available, to what a
    sample recommends and to what the processor has. None of the three can change the result. Memory grows with the
    number of pairs found, never with the number compared. Raises ValueError for widths that differ or do not fit.
    """
    if left.shape[1] != right.shape[1] or not 0 < left.shape[1] <= 127:
        raise ValueError("both sides need filters of one width, up to 127 words")
    if not len(left) or not len(right):
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    small = len(left) * len(right) < SMALL
    words = prefix or (left.shape[1] if small else choose_prefix(left, right, rule))
    sides = arrange(left, words), arrange(right, words)
    need = np.ascontiguousarray(rule(sides[0].counts, sides[1].counts))
    setting = Setting(need, words, lanes or best_lanes(), slices_for(64 * left.shape[1], int(need.min())))
    total, done, found = len(left) * len(right), 0, []
    for pairs, size in _in_order(*sides, setting, cores=cores or available_cores()):
        found.append(pairs)
        done += size
        if progress is not None:
            progress(done, total)
    packed = np.concatenate([p[:, 0].astype(np.int64) << 32 | p[:, 1] for p in found])
    packed.sort()
    return (packed >> 32).astype(np.int32), (packed & 0xFFFFFFFF).astype(np.int32)


def slices_for(bits: int, lowest_need: int) -> int:
    """Return how many slices counters need that start at 2^k - need, 2^k >= bits, and may grow by `bits`.

    Where no bit at all may be needed, a full row could reach 2^(k + 1), which takes one slice more.
    """
    return (bits - 1).bit_length() + 1 + (lowest_need <= 0)


def available_cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def arrange(filters: Words, words: int) -> Side:
    """Sort rows by popcount and popcount of the prefix, by reference: rows are gathered chunk by chunk."""
    ones = np.bitwise_count(filters).sum(axis=1, dtype=np.int64)
    order = np.lexsort((np.bitwise_count(filters[:, :words]).sum(axis=1, dtype=np.int64), ones))
    counts, classes = np.unique(ones[order], return_inverse=True)
    return Side(filters, order, classes.astype(np.int64), counts)


def _in_order(left: Side, right: Side, setting: Setting, *, cores: int) -> Iterator[tuple[Found, int]]:
    """Yield every tile's pairs and number of comparisons in one fixed order, a few tiles ahead of the reader."""
    block = 64 * setting.lanes
    share = -(-len(right.order) // (TASKS_PER_CORE * cores * block)) * block
    width = min(max(share, block), RIGHT_ROWS)
    waiting: deque[tuple[Future[Found], int]] = deque()
    kept: dict[int, Future[tuple[Any, ...]]] = {}
    with ThreadPoolExecutor(cores) as pool:
        following = pool.submit(left_chunk, left, 0, setting)
        for first in range(0, len(left.order), LEFT_ROWS):
            chunk = following
            if first + LEFT_ROWS < len(left.order):
                following = pool.submit(left_chunk, left, first + LEFT_ROWS, setting)
            rows = min(LEFT_ROWS, len(left.order) - first)
            for at in range(0, len(right.order), width):
                if len(waiting) >= 2 * TASKS_PER_CORE * cores:
                    yield _taken(waiting)
                columns = kept.get(at) or pool.submit(right_tile, right, setting, at=at, width=width)
                if len(right.order) <= KEPT_ROWS:
                    kept[at] = columns
                task = pool.submit(_tile, chunk, columns, setting)
                waiting.append((task, rows * min(width, len(right.order) - at)))
        while waiting:
            yield _taken(waiting)


def _taken(waiting: deque[tuple[Future[Found], int]]) -> tuple[Found, int]:
    task, size = waiting.popleft()
    return task.result(), size


def left_chunk(side: Side, first: int, setting: Setting) -> tuple[Any, ...]:
    """Return a chunk of left rows as the compiled loop takes it: pairs of rows of equal popcount, or single ones."""
    part = side.order[first : first + LEFT_ROWS]
    rows, classes = np.ascontiguousarray(side.filters[part]), side.classes[first : first + LEFT_ROWS]
    starts = np.flatnonzero(np.r_[True, classes[1:] != classes[:-1]])
    lengths = np.diff(np.r_[starts, len(part)])
    group_first = np.concatenate([np.arange(s, s + n, 2) for s, n in zip(starts, lengths, strict=True)])
    group_size = np.minimum(2, np.diff(np.r_[group_first, len(part)]))
    lists = np.empty(len(group_first) * room_of_lists(setting.words), np.uint16)
    at = np.empty((len(group_first), 4), np.int64)
    list_positions(rows, group_first, group_size, setting.words, setting.lanes, lists, at)
    batches = np.diff(at, axis=1)  # Pairs with lists of equal lengths together: their loops end where expected.
    alike = np.lexsort((batches[:, 2], batches[:, 1], batches[:, 0], classes[group_first]))
    starts, size = group_first[alike], group_size[alike]
    return rows, part, starts, size, classes[starts], lists, at[alike]


def right_tile(side: Side, setting: Setting, *, at: int, width: int) -> tuple[Any, ...]:
    """Return a tile of right rows as the compiled loop takes it: blocks of columns and runs of equal popcount."""
    part, classes = side.order[at : at + width], side.classes[at : at + width]
    rows = np.ascontiguousarray(side.filters[part])
    block = 64 * setting.lanes
    blocks = _aligned((-(-len(part) // block), 64 * setting.words + 1, setting.lanes))
    fill_blocks(rows, setting.words, blocks)
    whole = setting.words == rows.shape[1]
    rest = np.zeros((0 if whole else len(blocks), setting.slices, setting.lanes), np.uint64)
    if not whole:
        fill_slices(np.bitwise_count(rows[:, setting.words :]).sum(axis=1, dtype=np.int64), rest)
    cuts = np.flatnonzero(np.r_[True, classes[1:] != classes[:-1]])
    begins = np.union1d(cuts, np.arange(0, len(part), block))
    ends = np.r_[begins[1:], len(part)]
    within = begins // block * block
    runs = np.stack([begins - within, ends - within, classes[begins]], axis=1)
    span = np.searchsorted(begins, np.arange(len(blocks) + 1) * block)
    return rows, part, classes, blocks, rest, runs, span


def _aligned(shape: tuple[int, ...]) -> Words:
    """Return an uninitialised array that begins on a cache line, so that no vector straddles two."""
    size = int(np.prod(shape))
    room = np.empty(size + 8, np.uint64)
    skip = -room.ctypes.data % 64 // 8
    return room[skip : skip + size].reshape(shape)


def _tile(chunk: Future[tuple[Any, ...]], columns: Future[tuple[Any, ...]], setting: Setting) -> Found:
    """Compare one chunk with one tile; when the pairs do not fit, make room for all and do the tile again."""
    left, right = chunk.result(), columns.result()  # Begun before this, so no worker waits for one behind itself.
    capacity = FIRST_CAPACITY
    while True:
        out = np.empty((capacity, 2), np.int32)
        count = compare_tile(left, right, setting.need, setting.top, out, setting.shape)
        if count <= capacity:
            return out[:count]
        capacity = count
