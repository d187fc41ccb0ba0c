"""Hide small counts so that no total gives them away (complementary suppression; WD-K-5, CAP-20).

A count from 1 to `below` − 1 is hidden, in cells and in totals. Margins come first and by themselves, so that all
tables over the same margin hide the same of it. Then further cells are hidden until every hidden figure lies on a
rectangle of hidden ones (two rows, two columns, hidden margins included) along which one unit can be moved without
changing any shown figure and without a hidden count falling below 1. So each hidden count has another value that fits
everything shown: it cannot be recomputed. A zero is hidden only where nothing else helps; where no rectangle exists,
the whole table is hidden. Rectangles: Cox (1980), "Suppression methodology and statistical disclosure control".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

Place = tuple[int, int]
ZERO_COST: Final = 10**12


@dataclass(frozen=True, slots=True)
class Shown:
    """A table of counts with its totals; None is hidden. `cells` has one row per line, `total` is over everything."""

    cells: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int | None, ...]
    column_totals: tuple[int | None, ...]
    total: int | None


def hide_line(counts: Sequence[int], below: int) -> tuple[tuple[int | None, ...], int | None]:
    """Return the counts of one line and their total, hidden as needed."""
    total = sum(counts)
    hidden = _hidden_in_line(counts, below)
    shown = tuple(None if at in hidden else count for at, count in enumerate(counts))
    tells = 0 < total < below or (bool(hidden) and total == len(hidden))  # Nothing but ones: the sum would say so.
    return shown, None if tells else total


def hide(counts: Sequence[Sequence[int]], below: int) -> Shown:
    """Return a table of counts with both margins, hidden as needed. Every line has the same length."""
    if not counts or not counts[0]:
        return Shown(tuple(() for _ in counts), tuple(0 for _ in counts), (), 0)
    grid = [[*line, sum(line)] for line in counts]
    grid.append([sum(column) for column in zip(*grid, strict=True)])
    hidden = _protect(grid, _seeds(grid, below))
    shown = [[None if (r, c) in hidden else v for c, v in enumerate(line)] for r, line in enumerate(grid)]
    return Shown(
        tuple(tuple(line[:-1]) for line in shown[:-1]),
        tuple(line[-1] for line in shown[:-1]),
        tuple(shown[-1][:-1]),
        shown[-1][-1],
    )


def _hidden_in_line(counts: Sequence[int], below: int) -> set[int]:
    hidden = {at for at, count in enumerate(counts) if 0 < count < below}
    others = sorted((count, at) for at, count in enumerate(counts) if count >= below)
    # Two hidden counts at least, and not all of them 1, or their known sum would say what they are.
    while hidden and others and (len(hidden) < 2 or sum(counts[at] for at in hidden) <= len(hidden)):
        hidden.add(others.pop(0)[1])
    return hidden


def _seeds(grid: list[list[int]], below: int) -> set[Place]:
    """Return the small counts everywhere, and the margins hidden by themselves."""
    last_row, last_column = len(grid) - 1, len(grid[0]) - 1
    small = {(r, c) for r, line in enumerate(grid) for c, value in enumerate(line) if 0 < value < below}
    rows = {(r, last_column) for r in _hidden_in_line([line[-1] for line in grid[:-1]], below)}
    return small | rows | {(last_row, c) for c in _hidden_in_line(grid[-1][:-1], below)}


def _protect(grid: list[list[int]], hidden: set[Place]) -> set[Place]:
    """Add hidden cells until each lies on a movable rectangle; where that is impossible hide the whole table."""
    while (bare := next((p for p in sorted(hidden) if not _is_safe(grid, hidden, p)), None)) is not None:
        best = min(_ways(grid, hidden, bare), default=None)
        if best is None:
            return {(r, c) for r, line in enumerate(grid) for c in range(len(line))}
        hidden = hidden | set(best[1])
    return hidden


def _is_safe(grid: list[list[int]], hidden: set[Place], place: Place) -> bool:
    return any(hidden.issuperset(corners) for corners in _rectangles(grid, place))


def _ways(grid: list[list[int]], hidden: set[Place], place: Place) -> Iterator[tuple[int, tuple[Place, ...]]]:
    """Yield each rectangle of cells that would protect a place, with what hiding its corners costs; no new margin."""
    last_row, last_column = len(grid) - 1, len(grid[0]) - 1
    for corners in _rectangles(grid, place):
        new = tuple(p for p in corners if p not in hidden)
        if all(p[0] != last_row and p[1] != last_column for p in new):
            yield sum(grid[r][c] or ZERO_COST for r, c in new), new


def _rectangles(grid: list[list[int]], place: Place) -> Iterator[tuple[Place, ...]]:
    """Yield the other corners of every rectangle along which one unit can be moved through a place."""
    row, column = place
    for r in range(len(grid)):
        for c in range(len(grid[0])):
            corners = ((row, c), (r, column), (r, c))
            if r != row and c != column and _movable(grid, place, corners):
                yield corners


def _movable(grid: list[list[int]], place: Place, corners: tuple[Place, Place, Place]) -> bool:
    """Tell whether adding or taking one unit at `place` can be made up for at the corners, all staying above 0."""
    (row, column), (r, c) = place, corners[2]
    last_row, last_column = len(grid) - 1, len(grid[0]) - 1
    across = 1 if last_column in (column, c) else -1  # Beside a total the count moves with it, else against it.
    down = 1 if last_row in (row, r) else -1
    values = [grid[row][column], *(grid[x][y] for x, y in corners)]
    signs = (1, across, down, across * down)
    return any(all(v + way * s >= min(v, 1) for v, s in zip(values, signs, strict=True)) for way in (1, -1))
