"""The comparison in plain NumPy, tile by tile: what the compiled one must equal."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Pairs = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]
TILE_ROWS = 256
TILE_COLUMNS = 4096


def near_pairs(a: Words, b: Words, z: float) -> Pairs:
    """Return (row of a, row of b) of every pair nearer than chance explains, sorted: Hamming distances, directly."""
    bits = a.shape[1] * 64
    lean_a, lean_b = ((1 - 2 * ones(x) / bits).astype(np.float32) for x in (a, b))
    slack = np.float32(z * bits**0.5 / 2)
    kept = []
    for rows, columns in _tiles(a, b):
        expected = (1 - lean_a[rows, None] * lean_b[None, columns]) * (bits / 2)
        distance = ones(a[rows, None, :] ^ b[None, columns, :]).astype(np.uint16)
        kept.append(_placed(np.nonzero(distance <= expected - slack), rows, columns))
    return _sorted(kept)


def dice_pairs(a: Words, b: Words, threshold: float) -> Pairs:
    """Return (row of a, row of b) of every pair with 2·common >= threshold·(popcount + popcount), sorted."""
    kept = []
    for rows, columns in _tiles(a, b):
        common = ones(a[rows, None, :] & b[None, columns, :])
        both = ones(a[rows])[:, None] + ones(b[columns])[None]
        kept.append(_placed(np.nonzero(2.0 * common >= threshold * both), rows, columns))
    return _sorted(kept)


def ones(filters: Words) -> npt.NDArray[np.int64]:
    counted: npt.NDArray[np.int64] = np.bitwise_count(filters).sum(axis=-1, dtype=np.int64)
    return counted


def _tiles(a: Words, b: Words) -> Iterator[tuple[slice, slice]]:
    for top in range(0, len(a), TILE_ROWS):
        for left in range(0, len(b), TILE_COLUMNS):
            yield slice(top, top + TILE_ROWS), slice(left, left + TILE_COLUMNS)


def _placed(found: tuple[npt.NDArray[np.intp], ...], rows: slice, columns: slice) -> npt.NDArray[np.int64]:
    return np.stack([found[0] + rows.start, found[1] + columns.start], axis=1)


def _sorted(kept: list[npt.NDArray[np.int64]]) -> Pairs:
    pairs = np.concatenate(kept)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return pairs[order, 0].astype(np.int32), pairs[order, 1].astype(np.int32)
