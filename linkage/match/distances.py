"""Compare all filters of two populations in tiles and keep the pairs that chance does not explain.

After diffusion an unrelated pair's Hamming distance is close to Binomial(l, q) with q = (1 - A·B) / 2, where A and B
are 1 - 2·popcount/l of the two rows. A pair is kept when its distance is more than z standard deviations below that
mean; z follows from the number of pairs compared and the false links one accepts, so no truth is needed (the chance
rule).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float32]
TILE_ROWS = 256
TILE_COLUMNS = 4096
Progress = Callable[[int, int], None]


def chance_z(pairs: int, smaller_side: int, false_links: float) -> float:
    """Return how many standard deviations below chance a pair must lie, for `false_links` expected per row."""
    share = false_links * max(1, smaller_side) / max(1, pairs)
    return -NormalDist().inv_cdf(min(0.4, max(1e-15, share)))


def imbalance(filters: Words) -> Floats:
    """Return 1 - 2·popcount/l per row: 1 for an empty row, near 0 for a well-filled diffused one."""
    bits = filters.shape[1] * 64
    lean: Floats = (1 - 2 * popcounts(filters) / bits).astype(np.float32)
    return lean


def popcounts(filters: Words) -> npt.NDArray[np.int32]:
    """Return the number of set bits per row."""
    counted: npt.NDArray[np.int32] = np.bitwise_count(filters).sum(axis=1, dtype=np.int32)
    return counted


def hamming_tile(a: Words, b: Words) -> npt.NDArray[np.uint16]:
    """Return all Hamming distances between two blocks of rows, word by word in bounded memory."""
    out = np.zeros((len(a), len(b)), np.uint16)
    for word in range(a.shape[1]):
        out += np.bitwise_count(a[:, word, None] ^ b[None, :, word])
    return out


def hamming_pairs(a: Words, b: Words, rows: npt.NDArray[np.int32], columns: npt.NDArray[np.int32]) -> Floats:
    """Return the Hamming distance of each listed pair."""
    out = np.zeros(len(rows), np.float32)
    for start in range(0, len(rows), 1 << 16):
        part = slice(start, start + (1 << 16))
        out[part] = np.bitwise_count(a[rows[part]] ^ b[columns[part]]).sum(axis=1)
    return out


def near_pairs(
    a: Words, b: Words, z: float, progress: Progress | None = None
) -> Iterator[tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]]:
    """Yield (row of a, row of b) of every pair nearer than chance explains, tile by tile, in a fixed order."""
    bits = a.shape[1] * 64
    lean_a, lean_b = imbalance(a), imbalance(b)
    slack = np.float32(z * bits**0.5 / 2)
    done, total = 0, len(a) * len(b)
    for top in range(0, len(a), TILE_ROWS):
        rows = a[top : top + TILE_ROWS]
        for left in range(0, len(b), TILE_COLUMNS):
            columns = np.ascontiguousarray(b[left : left + TILE_COLUMNS])
            expected = (1 - lean_a[top : top + TILE_ROWS, None] * lean_b[None, left : left + TILE_COLUMNS]) * (bits / 2)
            i, j = np.nonzero(hamming_tile(rows, columns) <= expected - slack)
            done += len(rows) * len(columns)
            if progress is not None:
                progress(done, total)
            if len(i):
                yield (i + top).astype(np.int32), (j + left).astype(np.int32)
