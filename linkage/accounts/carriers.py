"""The carrier of a command's session: a private file in the node's state folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from linkage.errors import KeyMaterialError
from linkage.keys.files import PRIVATE, read_private, write_file

FILE: Final = "session"


@dataclass(frozen=True, slots=True)
class FileCarrier:
    """Keep the token in one file; what others may read or what is no text counts as nothing."""

    file: Path

    def read(self) -> str:
        try:
            return read_private(self.file).decode().strip()
        except (KeyMaterialError, UnicodeDecodeError):
            return ""

    def write(self, text: str) -> None:
        write_file(self.file, f"{text}\n".encode(), mode=PRIVATE)

    def clear(self) -> None:
        self.file.unlink(missing_ok=True)
