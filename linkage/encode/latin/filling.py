"""Compiled filters of Latin rows: positions are set in a turned tile at once, which is then mixed and turned back."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from linkage.encode.lanes import STEP
from linkage.encode.mixing import TILE, turn
from linkage.encode.sha256 import copy_16
from linkage.jit import cached_jit

Bytes = npt.NDArray[np.uint8]


@cached_jit
def fill_filters(
    listed: Any, counts: Any, hashes: Any, cells: Any, sources: Any, out: Bytes, column: int
) -> None:  # pragma: no cover - compiled
    """Write the diffused filters into out (n, row bytes) from `column` on.

    listed: where the positions of each gram begin in `cells`, row by row, field by field · counts (n, fields) ·
    hashes (fields,): shared by a field's grams, the first get one more · sources (t, l) of tile_sources.
    """
    bits = sources.shape[1]
    width = bits // TILE
    turned, mixed = np.empty(bits, np.uint64), np.empty((TILE, width), np.uint64)
    flat = mixed.reshape(bits)
    content = flat.view(np.uint8)
    at = 0
    for first in range(0, len(counts), TILE):
        rows = min(TILE, len(counts) - first)
        turned[:] = 0
        for row in range(rows):
            bit = np.uint64(1) << np.uint64(row)
            for f in range(counts.shape[1]):
                count = counts[first + row, f]
                if count == 0:
                    continue
                share, more = hashes[f] // count, hashes[f] % count
                for i in range(count):
                    begin = listed[at]
                    at += 1
                    for cell in range(begin, begin + share + (i < more)):
                        turned[cells[cell]] |= bit
        for i in range(bits):
            word = turned[sources[0, i]]
            for t in range(1, sources.shape[0]):
                word ^= turned[sources[t, i]]
            flat[i] = word
        turn(mixed)
        for row in range(rows):
            for i in range(0, bits // 8, STEP):
                copy_16(out[first + row], column + i, content, row * (bits // 8) + i)
