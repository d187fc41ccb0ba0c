"""Token joins against a plain set-based reference."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.match.joins import agreement, join_tag


def tokens(rows: list[list[int]]) -> npt.NDArray[np.uint8]:
    """Return (n, columns, 16) tokens; 0 is an absent token."""
    out = np.zeros((len(rows), len(rows[0]) if rows else 1, 16), np.uint8)
    for i, row in enumerate(rows):
        for column, value in enumerate(row):
            out[i, column, 7] = value
    return out


tables = st.lists(st.lists(st.integers(0, 6), min_size=2, max_size=2), min_size=1, max_size=12)


@given(tables, tables)
def test_a_join_finds_exactly_the_pairs_sharing_a_present_token(left: list[list[int]], right: list[list[int]]) -> None:
    expected = sorted((i, j) for i, a in enumerate(left) for j, b in enumerate(right) if (set(a) & set(b)) - {0})
    i, j = join_tag(tokens(left), tokens(right), [0, 1])
    assert expected == list(zip(i.tolist(), j.tolist(), strict=True))


def test_an_over_full_value_is_left_out() -> None:
    i, _ = join_tag(tokens([[1], [2]]), tokens([[1]] * 5 + [[2]]), [0], max_bucket=4)
    assert i.tolist() == [1]


def test_tokens_that_differ_in_the_last_byte_only_are_different() -> None:
    a = tokens([[1]])
    b = a.copy()
    b[0, 0, 15] = 1
    assert len(join_tag(a, b, [0])[0]) == 0


@pytest.mark.parametrize(
    ("left", "right", "agree", "differ"),
    [
        ([1, 0], [1, 0], True, False),
        ([1, 0], [2, 0], False, True),
        ([0, 0], [2, 0], False, False),
        ([1, 2], [2, 3], True, False),
    ],
)
def test_a_missing_token_neither_agrees_nor_differs(
    left: list[int], right: list[int], agree: bool, differ: bool
) -> None:
    pairs = (np.zeros(1, np.int32), np.zeros(1, np.int32))
    equal, unequal = agreement(tokens([left]), tokens([right]), pairs, [0, 1])
    assert (bool(equal[0]), bool(unequal[0])) == (agree, differ)
