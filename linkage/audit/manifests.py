"""The one thing a reviewer trusts: the manifest, signed by officers whose fingerprint was told in person."""

from __future__ import annotations

from pathlib import Path

from linkage.errors import KeyMaterialError
from linkage.keys.files import read_public_text
from linkage.keys.manifest import FILE, Manifest, parse_manifest
from linkage.keys.officers import Officers
from linkage.keys.store import OFFICERS, SIGNATURES


def load_reviewer_manifest(path: Path, fingerprint: str = "") -> Manifest:
    """Read consortium.toml with the .sig and officers.toml beside it.

    `fingerprint` is the officers' fingerprint as told in person; without it the caller must show the one found.
    Raises KeyMaterialError, SignatureError.
    """
    folder = manifest_folder(path)
    officers = Officers.from_text(read_public_text(folder / OFFICERS))
    if fingerprint and fingerprint != officers.fingerprint:
        raise KeyMaterialError("主持人指纹不符", f"the officers' fingerprint differs: found {officers.fingerprint}")
    text, signatures = read_public_text(folder / FILE), read_public_text(folder / SIGNATURES)
    return parse_manifest(text, signatures, officers=officers)


def manifest_folder(path: Path) -> Path:
    """Return the folder of a manifest, whether it or a file in it was named."""
    return path if path.is_dir() else path.parent


def require_manifest(path: Path | None, fingerprint: str) -> Manifest:
    """Load the manifest a step cannot do without, and show the fingerprint where none was given to compare."""
    if path is None:
        raise KeyMaterialError("须给出 --manifest", "give --manifest")
    manifest = load_reviewer_manifest(path, fingerprint)
    if not fingerprint:
        found = manifest.officers.fingerprint
        print(f"请当面核对主持人指纹 | compare the officers' fingerprint in person: {found}")
    return manifest
