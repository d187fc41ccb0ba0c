"""Small counts are hidden, and no total gives one away: another table fits everything that is shown."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from procuratorate_node.governance.hiding import Shown, hide, hide_line

BELOW = 5
COUNTS = st.integers(0, 12)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(COUNTS, min_size=width, max_size=width), min_size=1, max_size=4)
)


def grid_of(shown: Shown) -> list[list[int | None]]:
    inner = [[*line, total] for line, total in zip(shown.cells, shown.row_totals, strict=True)]
    return [*inner, [*shown.column_totals, shown.total]]


def full(counts: list[list[int]]) -> list[list[int]]:
    grid = [[*line, sum(line)] for line in counts]
    return [*grid, [sum(column) for column in zip(*grid, strict=True)]]


def another_fits(truth: list[list[int]], shown: list[list[int | None]], row: int, column: int) -> bool:
    """Tell, by moving units along every rectangle, whether another table of counts has the same shown figures."""
    for r, c in itertools.product(range(len(truth) - 1), range(len(truth[0]) - 1)):
        for r2, c2 in itertools.product(range(len(truth)), range(len(truth[0]))):
            for way in (1, -1):
                changed = [line[:-1] for line in truth[:-1]]
                changed[r][c] += way
                if r2 < len(truth) - 1 and r2 != r:
                    changed[r2][c] -= way
                if c2 < len(truth[0]) - 1 and c2 != c:
                    changed[r][c2] -= way
                    if r2 < len(truth) - 1 and r2 != r:
                        changed[r2][c2] += way
                other = full(changed)
                fits = all(
                    s is None or s == v
                    for line, other_line in zip(shown, other, strict=True)
                    for s, v in zip(line, other_line, strict=True)
                )
                possible = all(
                    v >= 0
                    for line, other_line in zip(shown, other, strict=True)
                    for s, v in zip(line, other_line, strict=True)
                    if s is None
                )
                if fits and possible and other[row][column] != truth[row][column]:
                    return True
    return False


@given(TABLES)
def test_every_small_count_is_hidden_and_what_is_shown_is_true(counts: list[list[int]]) -> None:
    shown = grid_of(hide(counts, BELOW))

    for line, true_line in zip(shown, full(counts), strict=True):
        for cell, value in zip(line, true_line, strict=True):
            assert cell is None or (cell == value and not 0 < value < BELOW)


@given(TABLES)
def test_no_hidden_count_can_be_recomputed_from_what_is_shown(counts: list[list[int]]) -> None:
    truth, shown = full(counts), grid_of(hide(counts, BELOW))
    # Where everything is hidden there is nothing to compute from.
    assume(any(cell for line in shown for cell in line))

    for r, line in enumerate(shown):
        for c, cell in enumerate(line):
            assert cell is not None or another_fits(truth, shown, r, c)


@given(st.lists(COUNTS, min_size=1, max_size=6))
def test_a_hidden_count_of_a_line_has_another_value_that_fits(counts: list[int]) -> None:
    shown, total = hide_line(counts, BELOW)
    hidden = [at for at, cell in enumerate(shown) if cell is None]

    if total is None:
        assert 0 < sum(counts) < BELOW or max(counts) == 1
        assert all(shown[at] is None or counts[at] == 0 for at in range(len(counts)))
    elif hidden:
        # Their sum is known: at least two, and more than one each, so a unit can be moved between them.
        assert len(hidden) >= 2 and sum(counts[at] for at in hidden) > len(hidden)
    assert all(not 0 < cell < BELOW for cell in shown if cell is not None)


@pytest.mark.parametrize(
    ("counts", "shown", "total"),
    [
        ([3, 20, 40], (None, None, 40), 63),
        ([3, 2, 40], (None, None, 40), 45),
        ([1, 1, 20, 40], (None, None, None, 40), 62),
        ([0, 3, 0], (0, None, 0), None),
        ([1, 1, 0, 1, 1, 1], (None, None, 0, None, None, None), None),
        ([5, 6], (5, 6), 11),
        ([], (), 0),
    ],
)
def test_a_line_hides_the_smallest_other_count_too(
    counts: list[int], shown: tuple[int | None, ...], total: int
) -> None:
    assert hide_line(counts, BELOW) == (shown, total)


def test_a_table_hides_a_rectangle_around_one_small_count() -> None:
    found = hide([[3, 20, 30], [10, 40, 50], [60, 70, 80]], BELOW)

    assert found.cells == ((None, None, 30), (None, None, 50), (60, 70, 80))
    assert (found.row_totals, found.column_totals, found.total) == ((53, 100, 210), (73, 130, 160), 363)


def test_tables_over_the_same_margin_hide_the_same_of_it() -> None:
    one = hide([[2, 1], [10, 10], [30, 30]], BELOW)
    other = hide([[0, 3], [19, 1], [5, 55]], BELOW)

    hidden = [[at for at, t in enumerate(s.row_totals) if t is None] for s in (one, other)]
    assert hidden[0] == [0, 1] and set(hidden[0]) <= set(hidden[1])


@pytest.mark.parametrize("below", [0, 1])
def test_a_bound_of_one_hides_nothing(below: int) -> None:
    assert hide([[1, 2], [3, 0]], below).cells == ((1, 2), (3, 0))


def test_an_empty_table_stays_empty() -> None:
    assert hide([], BELOW) == Shown((), (), (), 0)
