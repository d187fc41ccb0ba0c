"""Dummy rows that fill an upload up to a round size, so that its row count says less (decision 0051).

A dummy is a real encoded row made into nobody's: each token is replaced by a keyed hash of itself under a key of the
round and the population, and the filter's bits are put into a secret new order. So dummies have the token pattern and
the number of ones of real rows, share tokens among each other as the rows they were made from do, and share none with a
real row or an anchor. Their filters lie from every other as those of unrelated people do. Reveals: that there may be
dummies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from itertools import count
from typing import Final

import numpy as np
import numpy.typing as npt

from linkage.encoded import TOKEN_BYTES

LEAST: Final = 64  # The first step.
KEY_BYTES: Final = 32
BLOCK: Final = 8192
RandomBytes = Callable[[int], bytes]


def padded_rows(rows: int, *, bucket: int, most: int) -> int:
    """Return the next step at or above `rows`; steps grow by `bucket` percent. 0 rows have none."""
    if not rows or not bucket:
        return rows
    step = LEAST
    while step < rows:
        step = step + max(1, step * bucket // 100)
    return min(step, max(most, rows))


def steady_bytes(key: bytes) -> RandomBytes:
    """Return a source of bytes that nobody without the key can foretell, and that begins alike every time."""
    turns = count()
    return lambda size: hashlib.shake_256(key + next(turns).to_bytes(8, "big")).digest(size)


def make_dummies(rows: npt.NDArray[np.void], random_bytes: RandomBytes) -> npt.NDArray[np.void]:
    """Return one dummy per encoded row given, alike among each other and unlike every other row."""
    dummies = rows.copy()
    key = random_bytes(KEY_BYTES)
    tokens = dummies["tokens"]
    for row, kind in np.argwhere(tokens.any(axis=2)):
        hashed = hashlib.blake2b(tokens[row, kind].tobytes(), key=key, digest_size=TOKEN_BYTES)
        tokens[row, kind] = np.frombuffer(hashed.digest(), np.uint8)
    bits = np.unpackbits(dummies["filter"], axis=1)
    order = np.argsort(np.frombuffer(random_bytes(8 * bits.shape[1]), np.uint64))
    dummies["filter"] = np.packbits(bits[:, order], axis=1)
    return dummies


def blocks_to_copy(rows: int, dummies: int, random_bytes: RandomBytes) -> Iterator[tuple[int, int]]:
    """Yield (first, count) of the stretches of rows that dummies are made from, at most BLOCK rows each.

    Stretches, because families stand together in registers; no row is copied twice under one key.
    """
    while dummies > 0:
        taken = min(rows, dummies, BLOCK)
        first = int.from_bytes(random_bytes(8), "big") % (rows - taken + 1)
        yield first, taken
        dummies -= taken
