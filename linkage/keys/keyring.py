"""The passphrases of this process: read private files, asking once for what is wrapped.

A passphrase comes from the terminal, or from a private file (mode 0600) or an open file descriptor that somebody
offered; never from the command line or the environment. What was opened is kept in this process's memory alone.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from linkage.errors import KeyMaterialError
from linkage.keys.files import read_private
from linkage.keys.wrapping import Wrapped, Wrapping, is_wrapped, parse_wrapped

MOST_BYTES = 4096
TRIES = 3


def ask_terminal(prompt: str) -> str:
    """Return a line typed at the controlling terminal without echo. Raises KeyMaterialError when there is none."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        raise KeyMaterialError(
            "私钥文件有口令保护，而这里没有终端可以询问",
            "private files are wrapped, and there is no terminal to ask at",
            hint_zh="在配置里写 passphrase_file（权限 0600），或用 --passphrase-file、--passphrase-fd",
            hint_en="set passphrase_file (mode 0600) in the configuration, or use --passphrase-file, --passphrase-fd",
        ) from None
    return getpass.getpass(prompt)


def passphrase_of(content: bytes) -> str:
    """Return the first line of a passphrase file. Raises KeyMaterialError."""
    try:
        return (content.decode("utf-8").splitlines() or [""])[0]
    except UnicodeDecodeError:
        raise KeyMaterialError("口令文件不是 UTF-8 文本", "the passphrase file is not UTF-8 text") from None


def read_descriptor(number: int) -> str:
    """Return the first line that waits on an open file descriptor. Raises KeyMaterialError."""
    try:
        with os.fdopen(number, "rb") as stream:
            return passphrase_of(stream.read(MOST_BYTES))
    except OSError:
        raise KeyMaterialError(f"读不到文件描述符 {number}", f"cannot read file descriptor {number}") from None


class Keyring:
    """Open wrapped files; each passphrase is asked once, each key derived once. `repr` and pickle show nothing."""

    __slots__ = ("_files", "_keys", "_passphrases", "ask")

    def __init__(self, ask: Callable[[str], str]) -> None:
        self.ask = ask
        self.forget()

    def forget(self) -> None:
        """Drop everything learnt; Python cannot promise that the memory is overwritten."""
        self._keys: dict[Wrapping, bytes] = {}
        self._passphrases: list[str] = []
        self._files: list[Path] = []

    def offer(self, passphrase: str) -> None:
        """Add a passphrase to be tried."""
        if passphrase and passphrase not in self._passphrases:
            self._passphrases.append(passphrase)

    def offer_file(self, file: Path) -> None:
        """Name a private file whose first line is tried before the terminal; it is read only when needed."""
        if file not in self._files:
            self._files.append(file)

    def read(self, path: Path) -> bytes:
        """Return a private file's content, unwrapped when it is wrapped. Raises KeyMaterialError."""
        content = read_private(path)
        return self.open(content, path) if is_wrapped(content) else content

    def open(self, content: bytes, path: Path) -> bytes:
        """Return what a wrapped line holds; `path` is named when asking. Raises KeyMaterialError."""
        wrapped = parse_wrapped(content)
        known = self._keys.get(wrapped.wrapping)
        opened = wrapped.open(known) if known else None
        if opened is None:
            opened = self._first_that_opens(wrapped, path)
        return opened

    def wrap_like(self, beside: bytes, content: bytes, *, path: Path, random_bytes: Callable[[int], bytes]) -> bytes:
        """Wrap new content under the key of a wrapped file's bytes, which `path` names. Raises KeyMaterialError."""
        self.open(beside, path)
        wrapping = parse_wrapped(beside).wrapping
        return wrapping.wrap(self._keys[wrapping], content, random_bytes)

    def _first_that_opens(self, wrapped: Wrapped, path: Path) -> bytes:
        offered = list(self._passphrases)
        for passphrase in offered:
            if (opened := self._try(wrapped, passphrase)) is not None:
                return opened
        for file in self._files:
            if (opened := self._try(wrapped, passphrase_of(read_private(file)))) is not None:
                return opened
        if offered or self._files:
            raise _refused(path)
        for _ in range(TRIES):
            passphrase = self.ask(f"{path.parent.parent.name}/{path.parent.name}/{path.name} 的口令 passphrase: ")
            if (opened := self._try(wrapped, passphrase)) is not None:
                self.offer(passphrase)
                return opened
        raise _refused(path)

    def _try(self, wrapped: Wrapped, passphrase: str) -> bytes | None:
        key = wrapped.wrapping.key_from(passphrase)
        opened = wrapped.open(key)
        if opened is not None:
            self._keys[wrapped.wrapping] = key
        return opened

    def __repr__(self) -> str:
        return "Keyring()"

    def __reduce__(self) -> str:
        raise TypeError("a keyring is not pickled")


def _refused(path: Path) -> KeyMaterialError:
    return KeyMaterialError(
        f"口令不对，或 {path.name} 已损坏",
        f"the passphrase is wrong, or {path.name} is damaged",
        hint_zh="核对口令；忘记口令的私钥无法恢复，只能换新密钥或合并分份",
        hint_en="check the passphrase; a key whose passphrase is forgotten is lost: make a new one, or combine shares",
    )


KEYRING = Keyring(ask_terminal)


class Configured(Protocol):
    """A node's configuration, which may name the file that holds its passphrase."""

    @property
    def passphrase_file(self) -> Path | None: ...


C = TypeVar("C", bound=Configured)


def with_passphrase(config: C) -> C:
    """Name the configuration's passphrase file to the process's keyring and return the configuration."""
    if config.passphrase_file is not None:
        KEYRING.offer_file(config.passphrase_file)
    return config
