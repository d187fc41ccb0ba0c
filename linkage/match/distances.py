"""Say how near is nearer than chance explains, and how far apart listed pairs are.

After diffusion an unrelated pair's Hamming distance is close to Binomial(l, q) with q = (1 - A·B) / 2, where A and B
are 1 - 2·popcount/l of the two rows. A pair is kept when its distance is more than z standard deviations below that
mean; z follows from the number of pairs compared and the false links one accepts, so no truth is needed (the chance
rule). `linkage.match.kernel` compares all pairs by it.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]


def chance_z(pairs: int, smaller_side: int, false_links: float) -> float:
    """Return how many standard deviations below chance a pair must lie, for `false_links` expected per row."""
    share = false_links * max(1, smaller_side) / max(1, pairs)
    return -NormalDist().inv_cdf(min(0.4, max(1e-15, share)))


def popcounts(filters: Words) -> npt.NDArray[np.int32]:
    """Return the number of set bits per row."""
    counted: npt.NDArray[np.int32] = np.bitwise_count(filters).sum(axis=1, dtype=np.int32)
    return counted


def hamming_pairs(a: Words, b: Words, rows: npt.NDArray[np.int32], columns: npt.NDArray[np.int32]) -> Floats:
    """Return the Hamming distance of each listed pair."""
    out = np.zeros(len(rows), np.float32)
    for start in range(0, len(rows), 1 << 16):
        part = slice(start, start + (1 << 16))
        out[part] = np.bitwise_count(a[rows[part]] ^ b[columns[part]]).sum(axis=1)
    return out
