"""Fuzzy channel: one record-level Bloom filter by keyed random hashing, hardened by linear diffusion.

Positions of a gram are successive 16-bit words of HMAC(key, gram ‖ counter) mod l, never double hashing (Niedermeyer et
al. 2014). Each output bit of the diffusion is the XOR of t secret positions (Armknecht, Heng, Schnell, PoPETs 2023);
here t secret permutations, so that every input bit feeds exactly t outputs. A row without grams stays all zero.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from linkage.encode.macs import Mac, mac_of
from linkage.encode.roundkey import RoundKey
from linkage.schema import EncodingSchema

LABEL = b"linkage/v1/gram/"
WORDS_PER_MAC = 16
MAX_GRAMS = 1 << 17  # Bounds the cache to 16 MiB of bitmaps at l = 1024, whatever the register's size.
Words = npt.NDArray[np.uint64]


def permutation(mac: Mac, key: bytes, size: int) -> npt.NDArray[np.int64]:
    """Return a secret permutation of range(size): positions sorted by 32-bit keyed words, ties by index."""
    blocks = [mac(key, b"linkage/v1/diffusion\0" + i.to_bytes(4, "big")) for i in range(-(-size // 8))]
    ranks = np.frombuffer(b"".join(blocks), ">u4")[:size]
    return np.argsort(ranks, kind="stable")


def gram_messages(kind: str, gram: str, count: int) -> list[bytes]:
    """Return what is hashed to give a gram `count` positions."""
    message = LABEL + kind.encode() + b"\0" + gram.encode() + b"\0"
    return [message + bytes([i]) for i in range(-(-count // WORDS_PER_MAC))]


class FilterEncoder:
    """Turn the grams of rows into hardened filters of l bits; distinct grams are hashed once per round."""

    def __init__(self, schema: EncodingSchema, round_key: RoundKey) -> None:
        self._bits = schema.filter_bits
        self._hashes = schema.grams
        self._mac = mac_of(schema.hash)
        self._key = round_key.derive("filter")
        diffusion = [round_key.derive(f"diffusion/{i}") for i in range(schema.diffusion)]
        self.permutations = [permutation(self._mac, key, self._bits) for key in diffusion]
        self.forget()

    def __repr__(self) -> str:
        return f"FilterEncoder(bits={self._bits}, grams={len(self._rows)})"

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def is_full(self) -> bool:
        return len(self._rows) > MAX_GRAMS

    @property
    def table(self) -> Words:
        """Return the bitmaps (k, l/64) by number; rows in use never change, a bigger table is another array."""
        return self._table.view(np.uint64)

    def number_of(self, kind: str, gram: str) -> int:
        """Return the number of a gram's bitmap in `table`, -1 when the schema gives its kind no hashes."""
        gram_of_kind = (kind, gram)
        known = self._rows.get(gram_of_kind)
        if known is not None:
            return known
        return self._row_of(gram_of_kind) if self._hashes.get(kind, 0) else -1

    def positions(self, kind: str, gram: str, count: int | None = None) -> npt.NDArray[np.uint16]:
        """Return the gram's first `count` bit positions; without it, as many as the schema gives its kind."""
        count = self._hashes.get(kind, 0) if count is None else count
        blocks = [self._mac(self._key, message) for message in gram_messages(kind, gram, count)]
        return np.frombuffer(b"".join(blocks), "<u2")[:count] % np.uint16(self._bits)

    def encode(self, rows: Sequence[Sequence[tuple[str, str]]]) -> npt.NDArray[np.uint8]:
        """Return (n, l/8) hardened filters, bit i = byte i//8 bit i%8; rows without grams are zero."""
        if len(self._rows) > MAX_GRAMS:
            self.forget()
        lengths = np.fromiter((len(r) for r in rows), np.int64, len(rows))
        plain = np.zeros((len(rows), self._bits // 8), np.uint8)
        filled = np.flatnonzero(lengths)
        if len(filled):
            index = np.fromiter((self._row_of(g) for r in rows for g in r), np.int64, int(lengths.sum()))
            starts = np.concatenate(([0], np.cumsum(lengths[filled])[:-1]))
            plain[filled] = np.bitwise_or.reduceat(self._table[index].view(np.uint64), starts, axis=0).view(np.uint8)
        return self.diffuse(plain)

    def diffuse(self, plain: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Apply the diffusion to (n, l/8) plain filters."""
        if not self.permutations:
            return plain
        bits = np.unpackbits(plain, axis=1, bitorder="little")
        mixed = np.zeros_like(bits)
        for order in self.permutations:
            mixed ^= bits[:, order]
        return np.packbits(mixed, axis=1, bitorder="little")

    def forget(self) -> None:
        """Drop every bitmap; numbers handed out before mean nothing any more."""
        self._rows: dict[tuple[str, str], int] = {}
        self._table = np.zeros((1024, self._bits // 8), np.uint8)

    def _row_of(self, gram: tuple[str, str]) -> int:
        row = self._rows.get(gram)
        if row is None:
            row = self._rows[gram] = len(self._rows)
            if row == len(self._table):
                self._table = np.concatenate((self._table, np.zeros_like(self._table)))
            bits = np.zeros(self._bits, np.uint8)
            bits[self.positions(*gram)] = 1
            self._table[row] = np.packbits(bits, bitorder="little")
        return row
