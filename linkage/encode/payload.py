"""The sealed payload: eight bytes a row that only the requester can read (design §3.4).

Plain form, little-endian: u32 tag bits (position = index in the schema's tag list) · u16 months since 1900-01, 0 =
unknown · u8 band · u8 one for a dummy row,
else zero. Sealed with AES-256-GCM under a fresh upload key; the nonce is the row's position, the
associated data the warrant digest and the population, so a payload cannot be moved to another row or round.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from linkage.encoded import PAYLOAD_PLAIN_BYTES, PAYLOAD_SEALED_BYTES
from linkage.errors import EncodingError

FORM = struct.Struct("<IHBB")


@dataclass(frozen=True, slots=True)
class Payload:
    """Category tags, the month of entry ("YYYYMM" or "") and a band 0..255 whose meaning the dataset fixes.

    `dummy` marks a row that is about nobody: it fills an upload up to a round size, and only the requester can tell.
    """

    tags: frozenset[str] = frozenset()
    since: str = ""
    band: int = 0
    dummy: bool = False


def pack_payload(payload: Payload, schema_tags: Sequence[str]) -> bytes:
    """Return the 8 plain bytes. Raises EncodingError for a tag the schema does not know."""
    unknown = payload.tags - set(schema_tags)
    if unknown:
        raise EncodingError(f"编码方案没有标签 {sorted(unknown)}", f"tags not in the schema: {sorted(unknown)}")
    bits = sum(1 << schema_tags.index(tag) for tag in payload.tags)
    months = 0
    if len(payload.since) == 6 and payload.since.isdigit():
        months = max(0, min(65535, (int(payload.since[:4]) - 1900) * 12 + int(payload.since[4:])))
    return FORM.pack(bits, months, payload.band & 0xFF, int(payload.dummy))


def unpack_payload(plain: bytes, schema_tags: Sequence[str]) -> Payload:
    """Read the 8 plain bytes. Raises EncodingError."""
    if len(plain) != PAYLOAD_PLAIN_BYTES:
        raise EncodingError("附带信息长度不对", "a payload has 8 bytes")
    bits, months, band, dummy = FORM.unpack(plain)
    since = f"{1900 + (months - 1) // 12:04d}{(months - 1) % 12 + 1:02d}" if months else ""
    return Payload(frozenset(tag for i, tag in enumerate(schema_tags) if bits >> i & 1), since, band, bool(dummy))


def seal_payloads(
    upload_key: bytes, plain: npt.NDArray[np.uint8], *, first_position: int, aad: bytes
) -> npt.NDArray[np.uint8]:
    """Seal (n, 8) plain rows at positions first_position.. into (n, 24) bytes."""
    aead = AESGCM(upload_key)
    sealed = b"".join(
        aead.encrypt((first_position + i).to_bytes(12, "big"), row.tobytes(), aad) for i, row in enumerate(plain)
    )
    return np.frombuffer(sealed, np.uint8).reshape(-1, PAYLOAD_SEALED_BYTES)


def open_payload(upload_key: bytes, position: int, sealed: bytes, *, aad: bytes) -> bytes:
    """Open one row's payload. Raises EncodingError when it was moved, changed or sealed for another round."""
    try:
        return AESGCM(upload_key).decrypt(position.to_bytes(12, "big"), sealed, aad)
    except (InvalidTag, ValueError):
        raise EncodingError("附带信息无法解开", "a payload does not open: moved, changed or of another round") from None
