"""The key of one round and the keys derived from it; two rounds share nothing (design §3.3).

round key = HKDF-SHA256(linkage secret, salt = SHA-256 over all nonces, info = label ‖ schema digest ‖ warrant digest).
Every use (tokens, filter positions, diffusion, golden records, check value) has its own HKDF output.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from linkage.encode.secret import LinkageSecret
from linkage.errors import EncodingError

LABEL = b"linkage/v1/round\0"
NONCE_BYTES = 32
KEY_BYTES = 32


class RoundKey:
    """Hold 32 secret bytes of one round; hands out one derived key per purpose and never shows itself."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise EncodingError("轮次密钥长度不对", "a round key has 32 bytes")
        self._key = key

    def __repr__(self) -> str:
        return "RoundKey()"

    def derive(self, purpose: str, length: int = KEY_BYTES) -> bytes:
        """Return `length` bytes bound to `purpose` (RFC 5869 expand)."""
        return HKDFExpand(hashes.SHA256(), length, LABEL + purpose.encode()).derive(self._key)


def salt_of(nonces: Mapping[str, bytes]) -> bytes:
    """Return the SHA-256 over every owner's id and 32-byte nonce, sorted by owner. Raises EncodingError."""
    if not nonces or any(len(n) != NONCE_BYTES for n in nonces.values()):
        raise EncodingError("每个数据方必须给出 32 字节随机数", "every owner must give a nonce of 32 bytes")
    digest = hashlib.sha256(b"linkage/v1/nonces\0")
    for owner in sorted(nonces):
        digest.update(len(owner.encode()).to_bytes(2, "big") + owner.encode() + nonces[owner])
    return digest.digest()


def derive_round_key(
    secret: LinkageSecret, nonces: Mapping[str, bytes], *, schema_digest: bytes, warrant_digest: bytes
) -> RoundKey:
    """Derive the round's key from the linkage secret and all owners' nonces; both digests are 32 bytes."""
    if len(schema_digest) != 32 or len(warrant_digest) != 32:
        raise EncodingError("摘要必须是 32 字节", "digests must be 32 bytes")
    kdf = HKDF(hashes.SHA256(), KEY_BYTES, salt_of(nonces), LABEL + schema_digest + warrant_digest)
    return RoundKey(kdf.derive(secret.key_bytes()))


def round_check_value(key: RoundKey) -> bytes:
    """Return 8 bytes that are equal exactly when two owners hold the same round key; reveals nothing else."""
    mac = hmac.HMAC(key.derive("check"), hashes.SHA256())
    mac.update(b"linkage/v1/round-check")
    return mac.finalize()[:8]
