"""Equal tokens: which pairs of rows share a token of one tag.

The smaller side's tokens go into a hash table, the larger side is read past it once, by all cores. Memory grows with
the smaller side and with what is shared, not with the larger side. Nothing depends on row order but the row numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linkage.match.distances import read_only
from linkage.match.kernel.engine import available_cores
from linkage.match.tables import (
    agree_pairs,
    count_present,
    expand,
    expand_pairs,
    find_values,
    fold_words,
    gather_by_value,
    number_values,
)
from linkage.schema import EncodingSchema

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Pairs = tuple[Int32s, Int32s]
Listed = tuple[Int32s, Int32s]  # Of each token the number of its value and its row.
Tokens = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
MAX_BUCKET = 400
ROWS_AT_ONCE = 1 << 18
PAIRS_AT_ONCE = 1 << 16
SALT_ROWS = 1024
EMPTY: Pairs = (np.zeros(0, np.int32), np.zeros(0, np.int32))


@dataclass(frozen=True, slots=True, repr=False)
class Shared:
    """What two sides share of one tag: entry e says anchor[e] shares a value with rows[first[e] : first[e] + count[e]].

    anchor: int32 ascending, several entries per anchor where it shares several values; first, count: int64; rows:
    int32, ascending within a value.
    """

    anchor: Int32s
    first: Int64s
    count: Int64s
    rows: Int32s

    def pairs_of(self, begin: int, end: int, *, max_bucket: int = MAX_BUCKET) -> Int64s:
        """Return anchor << 32 | row of anchors begin .. end - 1, as often as shared, in no useful order.

        A value that more than `max_bucket` rows share is left out.
        """
        low, high = np.searchsorted(self.anchor, [begin, end])
        count = self.count[low:high]
        out = np.empty(int(count[count <= max_bucket].sum()), np.int64)
        expand(self.anchor[low:high], self.first[low:high], count, self.rows, max_bucket, out)
        return out


def columns_of_tag(schema: EncodingSchema) -> Mapping[str, Sequence[int]]:
    """Return tag → token columns, in schema order; columns of one tag are compared with each other. No witnesses."""
    out: dict[str, list[int]] = {}
    for index, kind in enumerate(schema.tokens):
        if not kind.against:
            out.setdefault(kind.tag, []).append(index)
    return out


def witnesses_of(schema: EncodingSchema) -> Mapping[str, tuple[str, Sequence[int]]]:
    """Return witness tag → the tag it is against, and its columns: rows that share one both have what is given."""
    out: dict[str, tuple[str, list[int]]] = {}
    for index, kind in enumerate(schema.tokens):
        if kind.against:
            out.setdefault(kind.tag, (kind.against, []))[1].append(index)
    return out


def words_of(tokens: Tokens) -> Words:
    """Return (n, kinds, 16) bytes as (n, kinds, 2) words of 64 bits, a view."""
    return read_only(np.asarray(tokens).view(np.uint64))


def shared_tokens(a: Tokens, b: Tokens, columns: Sequence[int], *, cores: int | None = None) -> Shared:
    """Return what the rows of a and b share of the columns; columns are compared with each other too."""
    kinds = np.array(columns, np.int64)
    if len(a) <= len(b):
        listed_a, listed_b, distinct = _numbered(words_of(a), words_of(b), kinds, cores)
    else:
        listed_b, listed_a, distinct = _numbered(words_of(b), words_of(a), kinds, cores)
    return _indexed(listed_a, listed_b, distinct)


def _numbered(small: Words, large: Words, kinds: Int64s, cores: int | None) -> tuple[Listed, Listed, int]:
    """Return the small side's tokens, those of the large side's that it has too, and how many values there are."""
    tokens = int(count_present(small, kinds))
    table = np.zeros(1 << max(4, int(1.5 * tokens).bit_length()), np.uint64)
    keys, rows, values = np.empty((tokens, 2), np.uint64), np.empty(tokens, np.int32), np.empty(tokens, np.int32)
    salt = np.uint64(0)
    for side in (small, large):
        salt ^= fold_words(side, kinds, max(1, len(side) // SALT_ROWS))
    distinct = int(number_values(small, kinds, salt, table, keys, rows, values))

    def probed(first: int) -> Listed:
        last = min(first + ROWS_AT_ONCE, len(large))
        row, value = np.empty((2, (last - first) * len(kinds)), np.int32)
        found = find_values(large, kinds, first, last, salt, table, keys, row, value)
        return value[:found].copy(), row[:found].copy()

    with ThreadPoolExecutor(cores or available_cores()) as pool:
        parts = list(pool.map(probed, range(0, len(large), ROWS_AT_ONCE))) if tokens else []
    found = [np.concatenate([np.zeros(0, np.int32), *(p[k] for p in parts)]) for k in (0, 1)]
    return (values, rows), (found[0], found[1]), distinct


def _indexed(listed_a: Listed, listed_b: Listed, distinct: int) -> Shared:
    """Order the rows of b by value and let every entry of a point at its value's rows."""
    (value_a, anchor), (value_b, row_b) = listed_a, listed_b
    counts = np.bincount(value_b, minlength=distinct).astype(np.int64)
    starts = np.concatenate(([0], np.cumsum(counts)))
    out = np.empty(len(row_b), np.int32)
    gather_by_value(row_b, value_b, starts[:-1].copy(), out)
    keep = np.flatnonzero(counts[value_a])
    value = value_a[keep]
    return Shared(anchor[keep], starts[value], counts[value], out)


def pack(pairs: tuple[npt.NDArray[np.signedinteger], npt.NDArray[np.signedinteger]]) -> Int64s:
    """Return anchor << 32 | row of (anchor, row)."""
    packed: Int64s = pairs[0].astype(np.int64) << 32 | pairs[1].astype(np.int64)
    return packed


def unpack(packed: Int64s) -> Pairs:
    """Return (anchor, row) of anchor << 32 | row."""
    return (packed >> 32).astype(np.int32), (packed & 0xFFFFFFFF).astype(np.int32)


def distinct_pairs(parts: Sequence[Int64s]) -> Int64s:
    """Return the distinct packed pairs of all parts, sorted."""
    packed = np.concatenate([np.zeros(0, np.int64), *parts])
    packed.sort()
    fresh = np.ones(len(packed), np.bool_)
    np.not_equal(packed[1:], packed[:-1], out=fresh[1:])
    return packed[fresh]


def join_tag(a: Tokens, b: Tokens, columns: Sequence[int], *, max_bucket: int = MAX_BUCKET) -> Pairs:
    """Return the distinct (row of a, row of b) sharing a token; values with over `max_bucket` pairs are left out.

    An over-full value (a placeholder that every row carries) says nothing about a person and would cost a full product.
    """
    if not len(a) or not len(b):
        return EMPTY
    shared = shared_tokens(a, b, columns)
    if len(columns) > 1:
        return unpack(distinct_pairs([shared.pairs_of(0, len(a), max_bucket=max_bucket)]))
    # An anchor has one value at most, and a value's rows ascend: the pairs are distinct and sorted as they come.
    total = int(shared.count[shared.count <= max_bucket].sum())
    i, j = np.empty(total, np.int32), np.empty(total, np.int32)
    expand_pairs(shared.anchor, shared.first, shared.count, shared.rows, max_bucket, i, j)
    return i, j


def candidates_by_token(a: Tokens, b: Tokens, schema: EncodingSchema) -> Iterator[tuple[str, Pairs]]:
    """Yield (tag, pairs) for every tag but "context"."""
    for tag, columns in columns_of_tag(schema).items():
        if tag != "context":
            yield tag, join_tag(a, b, columns)


def agreement(a: Tokens, b: Tokens, pairs: Pairs, columns: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Return per pair whether they share a token of the columns."""
    i, j = pairs
    agree = np.empty(len(i), np.bool_)
    agree_pairs(words_of(a), words_of(b), read_only(i), read_only(j), np.array(columns, np.int64), agree)
    return agree
