"""Equal tokens: which pairs of rows share a token of one tag."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from linkage.schema import EncodingSchema

Pairs = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]
Tokens = npt.NDArray[np.uint8]
MAX_BUCKET = 400
EMPTY: Pairs = (np.zeros(0, np.int32), np.zeros(0, np.int32))


def columns_of_tag(schema: EncodingSchema) -> Mapping[str, Sequence[int]]:
    """Return tag → token columns, in schema order; columns of one tag are compared with each other."""
    out: dict[str, list[int]] = {}
    for index, kind in enumerate(schema.tokens):
        out.setdefault(kind.tag, []).append(index)
    return out


def _listed(tokens: Tokens, columns: Sequence[int]) -> tuple[npt.NDArray[np.void], npt.NDArray[np.int32]]:
    """Return all present tokens of the columns as 16-byte values, sorted, and the row of each."""
    values, rows = [], []
    for column in columns:
        part = np.ascontiguousarray(tokens[:, column, :])
        present = np.flatnonzero(part.any(axis=1))
        values.append(part[present].view("V16").ravel())
        rows.append(present.astype(np.int32))
    value, row = np.concatenate(values), np.concatenate(rows)
    order = np.argsort(value.view("S16"), kind="stable")
    return value[order], row[order]


def join_tag(a: Tokens, b: Tokens, columns: Sequence[int], *, max_bucket: int = MAX_BUCKET) -> Pairs:
    """Return the distinct (row of a, row of b) sharing a token; values with over `max_bucket` pairs are left out.

    An over-full value (a placeholder that every row carries) says nothing about a person and would cost a full product.
    """
    value_a, row_a = _listed(a, columns)
    value_b, row_b = _listed(b, columns)
    if not len(value_a) or not len(value_b):
        return EMPTY
    keys_b = value_b.view("S16")
    low = np.searchsorted(keys_b, value_a.view("S16"), side="left")
    high = np.searchsorted(keys_b, value_a.view("S16"), side="right")
    count = high - low
    count[count > max_bucket] = 0
    total = int(count.sum())
    if not total:
        return EMPTY
    i = np.repeat(row_a, count)
    start = np.repeat(low - np.concatenate(([0], np.cumsum(count)[:-1])), count)
    j = row_b[start + np.arange(total)]
    packed = np.unique(i.astype(np.int64) << 32 | j.astype(np.int64))
    return (packed >> 32).astype(np.int32), (packed & 0xFFFFFFFF).astype(np.int32)


def candidates_by_token(a: Tokens, b: Tokens, schema: EncodingSchema) -> Iterator[tuple[str, Pairs]]:
    """Yield (tag, pairs) for every tag but "context"."""
    for tag, columns in columns_of_tag(schema).items():
        if tag != "context":
            yield tag, join_tag(a, b, columns)


def agreement(a: Tokens, b: Tokens, pairs: Pairs, columns: Sequence[int]) -> tuple[npt.NDArray[np.bool_], ...]:
    """Return per pair: do they share a token of the columns, and do both sides have one without sharing."""
    i, j = pairs
    equal = np.zeros(len(i), np.bool_)
    has_a = np.zeros(len(i), np.bool_)
    has_b = np.zeros(len(i), np.bool_)
    for column in columns:
        has_a |= a[i, column].any(axis=1)
        has_b |= b[j, column].any(axis=1)
        for other in columns:
            same = (a[i, column] == b[j, other]).all(axis=1)
            equal |= same & a[i, column].any(axis=1)
    return equal, has_a & has_b & ~equal
