"""Token joins against a plain set-based reference."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.match.joins import agreement, join_tag, shared_tokens


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
    ("left", "right", "agree"),
    [([1, 0], [1, 0], True), ([1, 0], [2, 0], False), ([0, 0], [0, 0], False), ([1, 2], [2, 3], True)],
)
def test_two_rows_agree_when_they_share_any_token_of_the_columns(
    left: list[int], right: list[int], agree: bool
) -> None:
    pairs = (np.zeros(1, np.int32), np.zeros(1, np.int32))

    assert agreement(tokens([left]), tokens([right]), pairs, [0, 1]).tolist() == [agree]


def brute_force(
    a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8], columns: list[int], most: int
) -> set[tuple[int, int]]:
    where: dict[bytes, list[int]] = {}
    for j, row in enumerate(b):
        for c in columns:
            if row[c].any():
                where.setdefault(row[c].tobytes(), []).append(j)
    wanted = [(i, row[c].tobytes()) for i, row in enumerate(a) for c in columns if row[c].any()]
    return {(i, j) for i, value in wanted if len(where.get(value, [])) <= most for j in where.get(value, [])}


@pytest.mark.parametrize(("rows_a", "rows_b"), [(50, 3000), (3000, 50), (700, 700), (0, 5), (5, 0)])
@pytest.mark.parametrize("by_kind", [False, True])
def test_a_larger_join_equals_a_plain_one_whichever_side_is_smaller(rows_a: int, rows_b: int, by_kind: bool) -> None:
    rng = np.random.default_rng(rows_a)
    sides = []
    for rows in (rows_a, rows_b):
        made = np.zeros((rows, 3, 16), np.uint8)
        made[:, :, 15] = rng.integers(0, 40, (rows, 3))  # The first half of every token is equal: heads alone collide.
        made[:, :, 8] = rng.integers(0, 9, (rows, 3))
        # As columns on disk lie: kind by kind.
        sides.append(np.ascontiguousarray(made.transpose(1, 0, 2)).transpose(1, 0, 2) if by_kind else made)

    i, j = join_tag(sides[0], sides[1], [0, 2], max_bucket=12)

    assert list(zip(i.tolist(), j.tolist(), strict=True)) == sorted(brute_force(sides[0], sides[1], [0, 2], 12))


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_the_number_of_cores_changes_nothing(cores: int) -> None:
    rng = np.random.default_rng(1)
    a, b = (rng.integers(0, 2, (rows, 1, 16), np.uint8) for rows in (300, 400_000))

    one, other = shared_tokens(a, b, [0], cores=1), shared_tokens(a, b, [0], cores=cores)

    for name in ("anchor", "first", "count", "rows"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
