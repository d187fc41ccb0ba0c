"""Write key files so that a crash leaves the old or the new one, and read private ones only when nobody else can."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from linkage.errors import KeyMaterialError

PRIVATE = 0o600
PUBLIC = 0o644
FOLDER = 0o700
MAX_BYTES = 4 * 2**20


def write_file(path: Path, content: bytes, *, mode: int) -> None:
    """Replace a file atomically: temporary file, fsync, rename, fsync of the folder. Raises KeyMaterialError."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        with os.fdopen(descriptor, "wb") as stream:
            # The process's umask may have cleared bits that a public file needs, so the mode is set again.
            os.fchmod(stream.fileno(), mode)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise KeyMaterialError(f"无法写入 {path.name}", f"cannot write {path.name}: {error.strerror}") from None


def sync_folder(folder: Path) -> None:
    """Make a rename or a new file in this folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def sole_use(lock: Path) -> Iterator[bool]:
    """Yield whether this process alone holds a lock file; the system frees it however the process ends."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def make_folder(folder: Path) -> None:
    """Make a folder only its owner can enter, durably; parents are made as usual. Raises KeyMaterialError."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if not folder.exists():
            folder.mkdir(mode=FOLDER, exist_ok=True)
            sync_folder(folder.parent)  # Else all that is ever synced inside could vanish with it.
    except OSError as error:
        raise KeyMaterialError(f"无法建立目录 {folder.name}", f"cannot make {folder.name}: {error.strerror}") from None


def read_private(path: Path) -> bytes:
    """Return a private file's bytes. Raises KeyMaterialError when it is missing, not ours, or others may touch it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as stream:
            # The mode is asked of the open file, so it cannot be exchanged between check and reading.
            stat = os.fstat(stream.fileno())
            content = stream.read(MAX_BYTES)
    except OSError as error:
        raise _unreadable(path, error) from None
    if stat.st_mode & 0o077:
        raise KeyMaterialError(
            f"{path.name} 的权限过宽（{stat.st_mode & 0o777:04o}），其他用户也能访问",
            f"{path.name} is open to other users (mode {stat.st_mode & 0o777:04o})",
            hint_zh=f"运行 chmod 600 {path.name}；若他人可能已经读过，请换新密钥",
            hint_en=f"run `chmod 600 {path.name}`; if somebody may have read it, make a new key",
        )
    if stat.st_uid not in (os.geteuid(), 0):
        raise KeyMaterialError(f"{path.name} 属于另一个系统用户", f"{path.name} belongs to another system user")
    return content


def read_public(path: Path) -> bytes:
    """Return a public file's bytes. Raises KeyMaterialError."""
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES)
    except OSError as error:
        raise _unreadable(path, error) from None


def read_public_text(path: Path) -> str:
    """Return a public file's UTF-8 text. Raises KeyMaterialError."""
    try:
        return read_public(path).decode("utf-8")
    except UnicodeDecodeError:
        raise KeyMaterialError(f"{path.name} 不是 UTF-8 文本", f"{path.name} is not UTF-8 text") from None


def _unreadable(path: Path, error: OSError) -> KeyMaterialError:
    if isinstance(error, FileNotFoundError):
        return KeyMaterialError(f"找不到 {path.name}", f"{path.name} is missing")
    return KeyMaterialError(f"无法读取 {path.name}", f"cannot read {path.name}: {error.strerror}")
