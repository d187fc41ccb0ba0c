"""Dummy rows: round sizes, the look of real rows, no token in common, and no way back to anybody."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.encode.golden import golden_persons
from linkage.encode.roundkey import RoundKey
from linkage.encode.rows import RowEncoder
from linkage.owner.padding import LEAST, blocks_to_copy, make_dummies, padded_rows
from linkage.schema import load_schema


@pytest.fixture(scope="module")
def real() -> Any:
    return RowEncoder(load_schema("person-v1"), RoundKey(os.urandom(32))).encode(list(golden_persons()))


@given(st.integers(1, 10**7), st.integers(1, 100))
def test_a_padded_size_is_a_step_and_at_most_one_step_above(rows: int, bucket: int) -> None:
    padded = padded_rows(rows, bucket=bucket, most=10**9)

    assert rows <= padded <= max(LEAST, rows + max(1, rows * bucket // 100))
    assert padded_rows(padded, bucket=bucket, most=10**9) == padded


@pytest.mark.parametrize(("rows", "bucket", "most", "padded"), [(0, 25, 99, 0), (70, 0, 99, 70), (70, 25, 75, 75)])
def test_nothing_is_filled_without_rows_without_a_rule_or_beyond_the_warrant(
    rows: int, bucket: int, most: int, padded: int
) -> None:
    assert padded_rows(rows, bucket=bucket, most=most) == padded


def test_dummies_look_like_rows_and_share_no_token_with_any(real: Any) -> None:
    dummies = make_dummies(real, os.urandom)
    ones = [np.bitwise_count(part["filter"]).sum(axis=1).tolist() for part in (real, dummies)]
    tokens = [{bytes(t) for row in part["tokens"] for t in row if t.any()} for part in (real, dummies)]

    assert ones[0] == ones[1], "the number of ones of real rows: inside the popcount window, and no other pattern"
    assert (real["tokens"].any(axis=2) == dummies["tokens"].any(axis=2)).all()
    assert not tokens[0] & tokens[1]
    assert len(tokens[0]) == len(tokens[1]), "rows that shared a token still share one"


def test_dummies_are_as_far_from_every_row_as_strangers(real: Any) -> None:
    dummies = make_dummies(real, os.urandom)
    a, b = (np.unpackbits(part["filter"], axis=1).astype(int) for part in (real, dummies))
    nearest = min(int(np.abs(row - b).sum(axis=1).min()) for row in a if row.sum() > 300)

    assert nearest > 1024 * 0.35


def test_two_fillings_have_nothing_in_common(real: Any) -> None:
    one, other = make_dummies(real, os.urandom), make_dummies(real, os.urandom)

    assert not (one["tokens"] == other["tokens"]).all(axis=2)[real["tokens"].any(axis=2)].any()


@given(st.integers(1, 500), st.integers(0, 2000))
def test_stretches_lie_within_the_rows_and_add_up(rows: int, dummies: int) -> None:
    found = list(blocks_to_copy(rows, dummies, os.urandom))

    assert sum(count for _, count in found) == dummies
    assert all(first >= 0 and first + count <= rows for first, count in found)
