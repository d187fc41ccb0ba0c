"""Wrap, unwrap and rewrap the private files of a party, a CA, an officer, or one share; each file is replaced whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from linkage.errors import KeyMaterialError
from linkage.keys.files import PRIVATE, read_private, write_file
from linkage.keys.keyring import Keyring
from linkage.keys.store import keys_folder
from linkage.keys.wrapping import SALT_BYTES, Wrapping, check_passphrase, is_wrapped

NAMES = ("tls.key", "tls-next.key", "signing.key", "hpke.key", "ca.key", "officer.key")
SHARE_SUFFIX = ".share"


def private_paths(target: Path) -> list[Path]:
    """Return the private files of a state, CA or officer folder, or the one share file. Raises KeyMaterialError."""
    if target.suffix == SHARE_SUFFIX and target.is_file():
        return [target]
    place = keys_folder(target) if keys_folder(target).is_dir() else target
    found = [place / name for name in NAMES if (place / name).exists()]
    if not found:
        raise KeyMaterialError(
            f"{target.name} 里没有私钥文件",
            f"there are no private files in {target.name}",
            hint_zh="应给出单位的状态目录、主持人或签发机构目录，或一份 .share 文件",
            hint_en="name a party's state folder, an officer's or the CA's folder, or one .share file",
        )
    return found


def wrapped_names(target: Path) -> list[str]:
    """Return the names of the private files here that are wrapped."""
    return [path.name for path in private_paths(target) if is_wrapped(read_private(path))]


def wrap(target: Path, passphrase: str, keyring: Keyring, random_bytes: Callable[[int], bytes]) -> list[str]:
    """Wrap every file that is not wrapped yet; returns their names.

    What an interrupted run has wrapped already must open with the same passphrase. Raises KeyMaterialError.
    """
    check_passphrase(passphrase)
    keyring.offer(passphrase)
    contents = {path: read_private(path) for path in private_paths(target)}
    for path, content in contents.items():
        if is_wrapped(content):
            keyring.open(content, path)
    plain = {path: content for path, content in contents.items() if not is_wrapped(content)}
    return _write_wrapped(plain, passphrase, random_bytes)


def unwrap(target: Path, keyring: Keyring) -> list[str]:
    """Write every wrapped file in the clear again; returns their names. Raises KeyMaterialError before any change."""
    opened = {path: keyring.read(path) for path in private_paths(target) if is_wrapped(read_private(path))}
    for path, content in opened.items():
        write_file(path, content, mode=PRIVATE)
    return [path.name for path in opened]


def change_passphrase(
    target: Path, new: Callable[[], str], keyring: Keyring, random_bytes: Callable[[int], bytes]
) -> list[str]:
    """Open every file with the passphrase known so far, then wrap all under the new one. Raises KeyMaterialError."""
    opened = {path: keyring.read(path) for path in private_paths(target)}
    passphrase = new()
    check_passphrase(passphrase)
    return _write_wrapped(opened, passphrase, random_bytes)


def write_like(
    path: Path, content: bytes, *, sibling: Path, keyring: Keyring, random_bytes: Callable[[int], bytes]
) -> None:
    """Write a new private file, wrapped as its sibling is. Raises KeyMaterialError."""
    beside = read_private(sibling)
    if is_wrapped(beside):
        content = keyring.wrap_like(beside, content, path=sibling, random_bytes=random_bytes)
    write_file(path, content, mode=PRIVATE)


def _write_wrapped(contents: dict[Path, bytes], passphrase: str, random_bytes: Callable[[int], bytes]) -> list[str]:
    wrapping = Wrapping(random_bytes(SALT_BYTES))
    key = wrapping.key_from(passphrase)
    for path, content in contents.items():
        write_file(path, wrapping.wrap(key, content, random_bytes), mode=PRIVATE)
    return [path.name for path in contents]
