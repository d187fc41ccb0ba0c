"""What a backup says of itself, signed by its party: every file with its digest, and where the audit log stood."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from linkage.errors import InputError, SignatureError
from linkage.keys.canonical import JSON, canonical_json, parse_canonical_json
from linkage.keys.files import read_private
from linkage.keys.signing import Signed, SigningKey, VerifyKey

FILE: Final = "manifest.json"
LABEL: Final = "backup"
FORMAT: Final = "linkage/v1/backup"
TEXTS: Final = ("program", "consortium", "party", "key", "made_at", "log_root")


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """`key` is the signing key that the party's log is signed with; `files` are SHA-256 digests by relative path."""

    program: str
    consortium: str
    party: str
    key: str
    made_at: str
    log_size: int
    log_root: str
    files: Mapping[str, str]

    def to_bytes(self) -> bytes:
        texts: dict[str, JSON] = {name: getattr(self, name) for name in TEXTS}
        return canonical_json({"format": FORMAT, "log_size": self.log_size, "files": dict(self.files), **texts})

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Read what `to_bytes` wrote and only that. Raises InputError."""
        found = parse_canonical_json(body)
        if not isinstance(found, dict) or set(found) != {"format", "log_size", "files", *TEXTS}:
            raise _malformed()
        size, files = found["log_size"], found["files"]
        texts = {name: value for name in TEXTS if isinstance(value := found[name], str)}
        if found["format"] != FORMAT or len(texts) != len(TEXTS) or not isinstance(size, int):
            raise _malformed()
        if not isinstance(files, dict) or not all(isinstance(v, str) and _is_inside(n) for n, v in files.items()):
            raise _malformed()
        return cls(log_size=size, files={name: str(value) for name, value in files.items()}, **texts)


def sign_manifest(found: BackupManifest, key: SigningKey) -> bytes:
    return Signed.create(LABEL, found.to_bytes(), signer=found.party, key=key).to_json()


def load_manifest(folder: Path, *, key: VerifyKey) -> BackupManifest:
    """Read a backup's manifest that this key signed. Raises InputError, KeyMaterialError."""
    try:
        return BackupManifest.from_bytes(Signed.parse(read_private(folder / FILE)).verify(LABEL, key))
    except SignatureError:
        raise InputError(
            "备份不是本单位签署的，或已被改动", "the backup was not signed by this party, or was altered"
        ) from None


def digest_of(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _is_inside(name: str) -> bool:
    return not name.startswith("/") and ".." not in Path(name).parts


def _malformed() -> InputError:
    return InputError("备份清单格式不正确", "the backup's manifest is malformed")
