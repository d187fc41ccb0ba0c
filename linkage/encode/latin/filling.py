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
    listed: Any, counts: Any, rows: Any, table: Any, sources: Any, out: Bytes, column: int
) -> None:  # pragma: no cover - compiled
    """Write the diffused filters of some rows into out (n, row bytes) from `column` on.

    listed, counts, rows: as list_grams has them · table: hashes (fields,), which a field's grams share, the first get
    one more; and the cells that hold positions · sources (t, l) of tile_sources.
    """
    hashes, cells = table
    bits = sources.shape[1]
    width = bits // TILE
    turned, mixed = np.empty(bits, np.uint64), np.empty((TILE, width), np.uint64)
    flat = mixed.reshape(bits)
    content = flat.view(np.uint8)
    at, one = 0, np.uint64(1)
    for first in range(rows[0], rows[1], TILE):
        here = min(TILE, rows[1] - first)
        turned[:] = 0
        for row in range(here):
            bit = np.uint64(1) << np.uint64(row)
            for f in range(counts.shape[1]):
                count = counts[first + row, f]
                if count == 0:
                    continue
                share, more = np.uint64(hashes[f] // count), hashes[f] % count
                for i in range(at, at + more):
                    for cell in range(listed[i], listed[i] + share + one):
                        turned[cells[cell]] |= bit
                for i in range(at + more, at + count):
                    for cell in range(listed[i], listed[i] + share):
                        turned[cells[cell]] |= bit
                at += count
        flat[:] = 0
        for t in range(sources.shape[0]):
            for i in range(bits):
                flat[i] ^= turned[sources[t, i]]
        turn(mixed)
        for row in range(here):
            for i in range(0, bits // 8, STEP):
                copy_16(out[first + row], column + i, content, row * (bits // 8) + i)
