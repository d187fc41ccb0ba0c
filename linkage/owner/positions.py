"""The map from a row's position in an upload to the owner's local row; encrypted at rest, dead with the round.

File, integers big-endian: b"linkage/v1/positions\\0" ‖ u32 rows per block ‖ u64 rows ‖ blocks. A block is u32 length ‖
AES-256-GCM ciphertext of its rows' references (u16 length ‖ bytes each); nonce = block number (12 bytes), associated
data = marker ‖ round id ‖ population. The map key (32 bytes, mode 0600) lies in a file beside the map; encoding again
makes a new one, so no key ever encrypts two maps.
"""

from __future__ import annotations

import os
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from linkage.errors import KeyMaterialError, NotFoundError

MARKER = b"linkage/v1/positions\0"
HEAD = struct.Struct(">IQ")
LENGTH = struct.Struct(">I")
BLOCK_ROWS = 4096
KEY_BYTES = 32
MAX_REF_BYTES = 4096


class References:
    """Collect rows' references in one growing buffer: 8 bytes a row beside the references themselves."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("Q")

    def add(self, ref: bytes) -> None:
        """Append one reference of at most 4096 bytes."""
        if len(ref) > MAX_REF_BYTES:
            raise ValueError("a local reference is too long")
        self._bytes += ref
        self._ends.append(len(self._bytes))

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, index: int) -> bytes:
        return bytes(self._bytes[self._ends[index - 1] if index else 0 : self._ends[index]])


def write_positions(
    target: BinaryIO, refs: References, order: npt.NDArray[np.int64], *, key: bytes, aad: bytes
) -> None:
    """Write the map: position p is the row refs[order[p]]."""
    aead = AESGCM(key)
    target.write(MARKER + HEAD.pack(BLOCK_ROWS, len(order)))
    for number, start in enumerate(range(0, len(order), BLOCK_ROWS)):
        block = b"".join(_packed(refs[int(i)]) for i in order[start : start + BLOCK_ROWS])
        sealed = aead.encrypt(number.to_bytes(12, "big"), block, MARKER + aad)
        target.write(LENGTH.pack(len(sealed)) + sealed)


def _packed(ref: bytes) -> bytes:
    return len(ref).to_bytes(2, "big") + ref


@dataclass(frozen=True, slots=True, repr=False)
class PositionMap:
    """Read a map; nothing of it stays in memory between two calls."""

    file: Path
    key: bytes
    aad: bytes

    def __len__(self) -> int:
        with self._opened() as source:
            return self._head(source)[1]

    def ref(self, position: int) -> bytes:
        """Return the local reference of one position. Raises NotFoundError, KeyMaterialError."""
        with self._opened() as source:
            block_rows, rows = self._head(source)
            if not 0 <= position < rows:
                raise NotFoundError("没有这个位置", "there is no such position")
            for _ in range(position // block_rows):
                source.seek(LENGTH.unpack(source.read(LENGTH.size))[0], os.SEEK_CUR)
            return self._block(source, position // block_rows)[position % block_rows]

    def __iter__(self) -> Iterator[bytes]:
        """Yield every reference, by position."""
        with self._opened() as source:
            block_rows, rows = self._head(source)
            for number in range(-(-rows // block_rows)):
                yield from self._block(source, number)

    def _opened(self) -> BinaryIO:
        try:
            return self.file.open("rb")
        except OSError:
            raise NotFoundError("位置对照表已销毁或不存在", "the position map is gone or was never made") from None

    def _head(self, source: BinaryIO) -> tuple[int, int]:
        head = source.read(len(MARKER) + HEAD.size)
        if not head.startswith(MARKER) or len(head) != len(MARKER) + HEAD.size:
            raise _damaged()
        block_rows, rows = HEAD.unpack(head[len(MARKER) :])
        if not block_rows:
            raise _damaged()
        return int(block_rows), int(rows)

    def _block(self, source: BinaryIO, number: int) -> list[bytes]:
        try:
            sealed = source.read(LENGTH.unpack(source.read(LENGTH.size))[0])
            plain = AESGCM(self.key).decrypt(number.to_bytes(12, "big"), sealed, MARKER + self.aad)
        except (InvalidTag, ValueError, struct.error):
            raise _damaged() from None
        refs, at = [], 0
        while at < len(plain):
            end = at + 2 + int.from_bytes(plain[at : at + 2], "big")
            refs.append(plain[at + 2 : end])
            at = end
        return refs


def _damaged() -> KeyMaterialError:
    return KeyMaterialError(
        "位置对照表无法解开：密钥不符或已损坏", "the position map does not open: wrong key or damage"
    )
