"""The pure part of the folder: which wheel is which pin, the requirements that fit the wheels, and the checksums."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from packaging.utils import parse_wheel_filename

SUMS = "SHA256SUMS"
REQUIREMENTS = "requirements.txt"
WHEELS = "wheels"
CHUNK = 1 << 20


def digest_of(file: Path) -> str:
    """Return the hex SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def requirements_of(wheels: Iterable[tuple[str, str]]) -> str:
    """Return pinned requirements for wheels given as (file name, hex SHA-256); one entry may have several files.

    Raises ValueError when two versions of one package are in the folder: pip would choose.
    """
    hashes: dict[str, list[str]] = {}
    versions: dict[str, str] = {}
    for file, digest in sorted(wheels):
        name, version, _, _ = parse_wheel_filename(file)
        if versions.setdefault(name, str(version)) != str(version):
            raise ValueError(f"two versions of {name}")
        hashes.setdefault(name, []).append(digest)
    lines = [
        f"{name}=={versions[name]} " + " ".join(f"--hash=sha256:{digest}" for digest in found)
        for name, found in sorted(hashes.items())
    ]
    return "".join(line + "\n" for line in lines)


def sums_of(folder: Path) -> str:
    """Return the checksums of every file of the folder but the checksums themselves, as `sha256sum --check` reads."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    return "".join(f"{digest_of(path)}  {path.relative_to(folder).as_posix()}\n" for path in files)
