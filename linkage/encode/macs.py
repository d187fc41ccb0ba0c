"""The keyed hash of a schema: HMAC-SHA-256 (RFC 2104) or HMAC-SM3 (GB/T 32905)."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from linkage.errors import EncodingError

Mac = Callable[[bytes, bytes], bytes]


def _sha256(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _sm3(key: bytes, message: bytes) -> bytes:
    mac = HMAC(key, hashes.SM3())
    mac.update(message)
    return mac.finalize()


MACS: dict[str, Mac] = {"hmac-sha256": _sha256, "hmac-sm3": _sm3}


def mac_of(name: str) -> Mac:
    """Return the function (key, message) → 32 bytes that the schema names. Raises EncodingError."""
    if name not in MACS:
        raise EncodingError(f"不支持的散列 {name}", f"unsupported hash {name}")
    return MACS[name]
