"""What may be said about a linkage secret without saying it: check value, commitment, sealing context.

kcv        = HMAC-SHA256(secret, b"linkage/v1/kcv\\0" + epoch)[:8]
commitment = HMAC-SHA256(secret, b"linkage/v1/secret-commitment\\0" + epoch), all 32 bytes
The epoch is written in decimal ASCII. Parties compare the short value; the full one, in the signed manifest, ties a
sealed blob to the ceremony: 64 bits would let a relay look for a secret of its own with an equal check value.
"""

from __future__ import annotations

import hmac

from linkage.errors import KeyMaterialError

SECRET_BYTES = 32
MAX_EPOCH = 10**6


def key_check_value(secret: bytes, epoch: int) -> str:
    """Return 16 hex digits. Raises KeyMaterialError unless the secret has 32 bytes."""
    return _mac(secret, b"linkage/v1/kcv\0", epoch)[:8].hex()


def secret_commitment(secret: bytes, epoch: int) -> str:
    """Return 64 hex digits."""
    return _mac(secret, b"linkage/v1/secret-commitment\0", epoch).hex()


def secret_info(consortium: str, epoch: int, party: str) -> bytes:
    """Return the HPKE `info` under which one owner's copy of an epoch's secret is sealed."""
    return b"linkage/v1/secret\0" + f"{consortium}\0{epoch}\0{party}".encode("ascii")


def is_equal(left: str, right: str) -> bool:
    """Compare two check values in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def _mac(secret: bytes, label: bytes, epoch: int) -> bytes:
    if len(secret) != SECRET_BYTES or not 1 <= epoch <= MAX_EPOCH:
        raise KeyMaterialError("链接密钥应为 32 字节，期号从 1 起", "expected a 32-byte secret and an epoch from 1 on")
    return hmac.digest(secret, label + str(epoch).encode("ascii"), "sha256")
