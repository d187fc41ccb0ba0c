"""Salted commitments: a value that must be checkable later stands in the log as a digest that tells nothing about it.

commitment = HMAC-SHA-256(salt, "linkage/v1/audit-commitment" 00 value), salt = 32 random bytes. The salts are kept in
a file beside the log, never in it and never handed over with it. Whoever is shown the value and its salt can check that
the entry speaks of it; once the salt is erased nobody can, and the log stays whole: so erasure remains possible
although entries are for ever.
"""

from __future__ import annotations

import hmac
import os
import threading
from collections.abc import Callable
from pathlib import Path

from linkage.errors import AuditError, InputError, NotFoundError
from linkage.keys.canonical import canonical_json, parse_canonical_json
from linkage.keys.files import PRIVATE, write_file

LABEL = b"linkage/v1/audit-commitment\0"
SALT_BYTES = 32
FILE = "audit-salts.jsonl"  # In the party's state folder, beside the folder of the log.


def commit(value: bytes, salt: bytes) -> str:
    """Return the 64 hex digits of a commitment."""
    if len(salt) != SALT_BYTES:
        raise InputError("承诺的盐应为 32 字节", "a commitment's salt has 32 bytes")
    return hmac.digest(salt, LABEL + value, "sha256").hex()


def fits(commitment: str, value: bytes, salt: bytes) -> bool:
    """Tell whether a commitment is to this value."""
    return hmac.compare_digest(commit(value, salt), commitment)


class Salts:
    """Keep the salts of one party's commitments, one line each; safe for threads."""

    def __init__(self, path: Path, *, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self._path = path
        self._random_bytes = random_bytes
        self._lock = threading.Lock()

    def commit(self, value: bytes) -> str:
        """Draw a salt, keep it durably, and return the commitment for an entry. Raises AuditError."""
        salt = self._random_bytes(SALT_BYTES)
        found = commit(value, salt)
        line = canonical_json({"commitment": found, "salt": salt.hex()}) + b"\n"
        try:
            with self._lock:
                descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
                try:
                    os.write(descriptor, line)
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
        except OSError as error:
            raise AuditError("承诺的盐无法保存", f"a commitment's salt cannot be kept: {error.strerror}") from None
        return found

    def salt_of(self, commitment: str) -> bytes:
        """Return a commitment's salt. Raises NotFoundError when it was erased or never here."""
        try:
            return self._all()[commitment]
        except KeyError:
            raise NotFoundError(
                "没有这个承诺的盐，可能已销毁", "no salt for this commitment; it may be erased"
            ) from None

    def erase(self, *commitments: str) -> int:
        """Erase salts, so that these commitments can never be checked again; return how many there were."""
        with self._lock:
            kept = {key: salt for key, salt in self._all().items() if key not in commitments}
            gone = len(self._all()) - len(kept)
            lines = (canonical_json({"commitment": key, "salt": salt.hex()}) + b"\n" for key, salt in kept.items())
            write_file(self._path, b"".join(lines), mode=PRIVATE)
        return gone

    def _all(self) -> dict[str, bytes]:
        if not self._path.exists():
            return {}
        found: dict[str, bytes] = {}
        for line in self._path.read_bytes().splitlines():
            row = parse_canonical_json(line)
            if isinstance(row, dict):
                found[str(row["commitment"])] = bytes.fromhex(str(row["salt"]))
        return found
