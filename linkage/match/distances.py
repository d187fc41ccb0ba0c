"""Say how near is nearer than chance explains, and how far apart listed pairs are.

After diffusion an unrelated pair's Hamming distance is close to Binomial(l, q) with q = (1 - A·B) / 2, where A and B
are 1 - 2·popcount/l of the two rows. A pair is kept when its distance is more than z standard deviations below that
mean; z follows from the number of pairs compared and the false links one accepts, so no truth is needed (the chance
rule). `linkage.match.kernel` compares all pairs by it.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from linkage.match.tables import apart, count_ones

Scalar = TypeVar("Scalar", bound=np.generic)
Words = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]


def chance_z(pairs: int, smaller_side: int, false_links: float) -> float:
    """Return how many standard deviations below chance a pair must lie, for `false_links` expected per row."""
    share = false_links * max(1, smaller_side) / max(1, pairs)
    return -NormalDist().inv_cdf(min(0.4, max(1e-15, share)))


def popcounts(filters: Words, rows: npt.NDArray[np.int32] | None = None) -> npt.NDArray[np.int32]:
    """Return the number of set bits per row, or of the listed rows."""
    listed = np.arange(len(filters), dtype=np.int32) if rows is None else rows
    counted = np.empty(len(listed), np.int32)
    count_ones(read_only(filters), read_only(listed), counted)
    return counted


def hamming_pairs(a: Words, b: Words, rows: npt.NDArray[np.int32], columns: npt.NDArray[np.int32]) -> Floats:
    """Return the Hamming distance of each listed pair."""
    out = np.empty(len(rows), np.float32)
    apart(*(read_only(x) for x in (a, b, rows, columns)), out)
    return out


def read_only(array: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
    """Return a view that cannot be written to, as columns on disk cannot: one compiled code then serves both."""
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view
