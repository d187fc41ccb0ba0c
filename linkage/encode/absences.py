"""Fill the places of missing tokens, so that nobody sees which fields a row had.

A place is filled with 16 bytes of HMAC(key of this filling, seed ‖ place // 2), the first half for even places, the
second for odd ones; the seed is the row's filter, its parts of 32 bytes laid over each other by exclusive or. The key
comes from the round key and a name, so that nothing filled in under one name can equal a token under another: what is
to be linked has different names. The bytes depend on the row alone, never on chunks, order or threads; rows of equal
filters are filled alike, which says no more than their filters do. Whoever holds the round key can tell what was filled
in.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from linkage.encode.macs import mac_of
from linkage.encode.raw_rows import BULK_FROM, BULK_HASH
from linkage.encode.roundkey import RoundKey
from linkage.encoded import TOKEN_BYTES
from linkage.schema import EncodingSchema

SEED_BYTES: Final = 32
PER_MAC: Final = 2  # Places that one HMAC fills.


def seed_of(filter_bytes: npt.NDArray[np.uint8]) -> bytes:
    """Return the exclusive or of a filter's parts of 32 bytes, the last one filled up with zeros."""
    parts = np.pad(filter_bytes, (0, -len(filter_bytes) % SEED_BYTES)).reshape(-1, SEED_BYTES)
    return bytes(np.bitwise_xor.reduce(parts, axis=0))


class Absences:
    """Fill missing tokens of rows under one round key and one name."""

    def __init__(self, schema: EncodingSchema, round_key: RoundKey, name: str) -> None:
        """Uploads that are linked to each other must have different names."""
        self._hash = schema.hash
        self._key = round_key.derive(f"absent/{name}")

    def __repr__(self) -> str:
        return "Absences()"

    def fill(self, rows: npt.NDArray[np.void]) -> None:
        """Fill rows (RowLayout.dtype) in place. Compiled where there are many of them; the bytes are the same."""
        if not len(rows):
            return
        if self._hash == BULK_HASH and len(rows) >= BULK_FROM:
            from linkage.encode.filling import fill_compiled  # Late import: the compiler takes a moment to load.

            fill_compiled(rows, self._key)
            return
        self._fill(rows["tokens"], rows["filter"])

    def _fill(self, tokens: npt.NDArray[np.uint8], filters: npt.NDArray[np.uint8]) -> None:
        mac: Any = mac_of(self._hash)
        missing = np.asarray(~tokens.any(axis=2))
        for row in np.flatnonzero(missing.any(axis=1)):
            seed, places = seed_of(filters[row]), np.flatnonzero(missing[row])
            filled = {block: mac(self._key, seed + bytes([block])) for block in set((places // PER_MAC).tolist())}
            for place in places.tolist():
                at = place % PER_MAC * TOKEN_BYTES
                tokens[row, place] = np.frombuffer(filled[place // PER_MAC][at : at + TOKEN_BYTES], np.uint8)
