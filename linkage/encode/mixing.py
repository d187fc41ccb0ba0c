"""Compiled filters: OR the bitmaps of known grams, and the diffusion, sixty-four rows at once.

The diffusion takes whole columns of bits: a tile of sixty-four rows is turned so that one word holds one position of
all its rows, every output word is the XOR of t words, and the tile is turned back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from linkage.jit import cached_jit

TILE: Final = 64
Words = npt.NDArray[np.uint64]


@cached_jit
def add_known(table: Words, grams: Any, plain: Words) -> None:  # pragma: no cover - compiled
    """OR the bitmaps table[gram] of grams (n, most) into plain (n, l/64); a gram below 0 is none."""
    width = plain.shape[1]
    for row in range(grams.shape[0]):
        for i in range(grams.shape[1]):
            gram = grams[row, i]
            if gram >= 0:
                for word in range(width):
                    plain[row, word] |= table[gram, word]


@cached_jit
def add_listed(table: Words, names: Any, ends: Any, grams: Any, plain: Words) -> None:  # pragma: no cover - compiled
    """OR the bitmaps of grams[ends[name] : ends[name + 1]] into plain; a name below 0 is not listed."""
    width = plain.shape[1]
    for row in range(len(names)):
        if names[row] >= 0:
            for i in range(ends[names[row]], ends[names[row] + 1]):
                if grams[i] >= 0:
                    for word in range(width):
                        plain[row, word] |= table[grams[i], word]


@cached_jit
def turn(tile: Words) -> None:  # pragma: no cover - compiled
    """Transpose every column of sixty-four words as a matrix of bits, in place: bit c of word r and bit r of word c."""
    width = np.uint64(32)
    mask = np.uint64(0xFFFFFFFF)
    while width:
        step = np.int64(width)
        for base in range(0, TILE, 2 * step):
            for row in range(base, base + step):
                for i in range(tile.shape[1]):
                    changed = ((tile[row, i] >> width) ^ tile[row + step, i]) & mask
                    tile[row, i] ^= changed << width
                    tile[row + step, i] ^= changed
        width >>= np.uint64(1)
        mask ^= mask << width


def tile_sources(permutations: Sequence[npt.NDArray[np.int64]], bits: int) -> npt.NDArray[np.int32]:
    """Return (t, l): which word of a turned tile feeds each word of the mixed one. Without diffusion, itself."""
    width, places = bits // 64, np.arange(bits)
    target = (places % 64) * width + places // 64
    out = np.empty((max(1, len(permutations)), bits), np.int32)
    for row, order in zip(out, permutations or [places], strict=True):
        row[target] = (order % 64) * width + order // 64
    return out


@cached_jit
def diffuse_rows(plain: Words, sources: Any, out: Any, column: int) -> None:  # pragma: no cover - compiled
    """Write the diffused filters of plain (n, l/64) into out (n, row bytes) from `column` on."""
    width = plain.shape[1]
    tile, mixed = np.zeros((TILE, width), np.uint64), np.empty((TILE, width), np.uint64)
    words, mixed_words = tile.reshape(TILE * width), mixed.reshape(TILE * width)
    for first in range(0, len(plain), TILE):
        rows = min(TILE, len(plain) - first)
        for row in range(rows):
            for i in range(width):
                tile[row, i] = plain[first + row, i]
        turn(tile)
        for i in range(TILE * width):
            word = np.uint64(0)
            for t in range(sources.shape[0]):
                word ^= words[sources[t, i]]
            mixed_words[i] = word
        turn(mixed)
        for row in range(rows):
            for i in range(width):
                for j in range(8):
                    out[first + row, column + 8 * i + j] = mixed[row, i] >> np.uint64(8 * j)
