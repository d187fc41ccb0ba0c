"""One partner per row, groups of rows, and what cannot be told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.match.assign import components, one_to_one, pairs_within

TRIPLE = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 4))
PAIRS = st.lists(TRIPLE, max_size=25, unique_by=lambda p: p[:2])


def columns(pairs: list[tuple[int, int, int]]) -> list[np.ndarray[tuple[int], np.dtype[np.int32]]]:
    table = np.array(pairs, np.int32).reshape(-1, 3)
    return [table[:, i] for i in range(3)]


@pytest.mark.parametrize(
    ("pairs", "linked", "unclear"),
    [
        ([], [], []),
        ([(0, 0, 5)], [0], []),
        ([(0, 0, 5), (0, 1, 4)], [0], []),  # The better partner.
        ([(0, 0, 5), (0, 1, 4), (1, 0, 4), (1, 1, 3)], [0, 3], []),  # And the rest among themselves.
        ([(0, 0, 5), (0, 1, 5)], [], [0, 1]),  # A tie is no answer.
        ([(0, 0, 5), (0, 1, 5), (0, 2, 4)], [], [0, 1]),  # Nor is the third best.
        ([(0, 0, 5), (1, 1, 5)], [0, 1], []),  # Equal scores that do not compete are no tie.
    ],
)
def test_the_best_pairs_come_first_and_ties_are_unclear(
    pairs: list[tuple[int, int, int]], linked: list[int], unclear: list[int]
) -> None:
    found = one_to_one(*columns(pairs))

    assert np.flatnonzero(found.linked).tolist() == linked
    assert np.flatnonzero(found.unclear).tolist() == unclear


@given(PAIRS)
def test_no_row_has_two_partners_and_the_order_does_not_matter(pairs: list[tuple[int, int, int]]) -> None:
    left, right, score = columns(pairs)
    found = one_to_one(left, right, score)
    order = np.random.default_rng(len(pairs)).permutation(len(pairs))
    mixed = one_to_one(left[order], right[order], score[order])

    assert len(set(left[found.linked].tolist())) == len(set(right[found.linked].tolist())) == found.linked.sum()
    assert mixed.linked.tolist() == found.linked[order].tolist()
    assert mixed.unclear.tolist() == found.unclear[order].tolist()


def test_groups_are_named_by_their_lowest_row_and_give_all_their_pairs() -> None:
    group = components(6, np.array([1, 4, 5], np.int32), np.array([4, 5, 1], np.int32))
    left, right = pairs_within(group)

    assert group.tolist() == [0, 1, 2, 3, 1, 1]
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == [(1, 4), (1, 5), (4, 5)]


def test_rows_without_pairs_are_alone() -> None:
    none = np.zeros(0, np.int32)

    assert components(3, none, none).tolist() == [0, 1, 2]
    assert [len(x) for x in pairs_within(components(3, none, none))] == [0, 0]
