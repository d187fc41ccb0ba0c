"""From scored pairs to one partner per row, or to groups of rows; what cannot be told apart is said to be so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, repr=False)
class Assigned:
    """Say of every pair whether it is linked, or unclear: as good as another pair of one of its rows."""

    linked: Bools
    unclear: Bools

    def __repr__(self) -> str:
        return f"Assigned(linked={int(self.linked.sum())}, unclear={int(self.unclear.sum())})"


def one_to_one(left: Rows, right: Rows, score: npt.NDArray[np.int32]) -> Assigned:
    """Give rows partners, highest score first, each row at most one; deterministic and independent of row order.

    Pairs of one score that compete for a row are all unclear, and their rows take no worse partner: to prefer one of
    them would be to guess. Scores are whole numbers so that a tie is one.
    """
    linked, unclear = np.zeros(len(left), np.bool_), np.zeros(len(left), np.bool_)
    order = np.argsort(-score.astype(np.int64), kind="stable")
    taken_left, taken_right = set[int](), set[int]()
    bounds = np.flatnonzero(np.diff(score[order])) + 1
    for group in np.split(order, bounds) if len(order) else ():
        free = [
            int(p) for p in group if int(left[p]) not in taken_left and int(right[p]) not in taken_right
        ]  # fmt: skip
        wanted_left, wanted_right = _counted(left, free), _counted(right, free)
        for pair in free:
            alone = wanted_left[int(left[pair])] == 1 and wanted_right[int(right[pair])] == 1
            (linked if alone else unclear)[pair] = True
            taken_left.add(int(left[pair]))
            taken_right.add(int(right[pair]))
    return Assigned(linked, unclear)


def _counted(rows: Rows, pairs: list[int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for pair in pairs:
        row = int(rows[pair])
        counts[row] = counts.get(row, 0) + 1
    return counts


def components(rows: int, left: Rows, right: Rows) -> Rows:
    """Return every row's group (rows,): the lowest row it is connected with by pairs of one file."""
    parent = list(range(rows))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        first, second = sorted((root(a), root(b)))
        parent[second] = first
    return np.array([root(row) for row in range(rows)], np.int32)


def pairs_within(group: Rows) -> tuple[Rows, Rows]:
    """Return all pairs (left < right) of rows of one group, sorted."""
    order = np.argsort(group, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(group[order])) + 1)
    left, right = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for rows in members:
        if len(rows) > 1:
            a, b = np.triu_indices(len(rows), 1)
            left.append(rows[a])
            right.append(rows[b])
    i, j = np.concatenate(left), np.concatenate(right)
    sorting = np.lexsort((j, i))
    return i[sorting].astype(np.int32), j[sorting].astype(np.int32)
