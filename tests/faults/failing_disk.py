"""Command the disk that fails (disk.c): which files, and how, from now on."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SOURCE = Path(__file__).with_name("disk.c")
PAGE = 4096
COUNTER = 2048
Mode = Literal["full", "read-only", "sync-fails", "hangs", "none"]
MARKS: dict[Mode, bytes] = {"full": b"f", "read-only": b"r", "sync-fails": b"s", "hangs": b"h", "none": b"n"}


@dataclass(frozen=True, slots=True)
class FailingDisk:
    """The control file that programs under the shim obey."""

    control: Path

    def set(self, mode: Mode, part: str = "") -> None:
        """Let files whose path holds `part` fail so, until the next word."""
        with self.control.open("r+b") as file:
            file.write(b"n")  # First quiet, so that no program sees a new mode with an old part.
            file.flush()
            file.seek(1)
            file.write(part.encode() + b"\0")
            file.flush()
            file.seek(0)
            file.write(MARKS[mode])

    def hits(self) -> int:
        """Return how many calls were made to fail or wait so far."""
        return int.from_bytes(self.control.read_bytes()[COUNTER : COUNTER + 4], "little")


def make_shim(folder: Path) -> Path | None:
    """Compile the shim; None where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    shim = folder / "disk.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", shim, SOURCE, "-ldl"], check=True, capture_output=True)
    return shim


def environment(shim: Path, control: Path) -> dict[str, str]:
    """Return what a program needs in its environment to run on the failing disk."""
    control.write_bytes(b"n" + bytes(PAGE - 1))
    return {**os.environ, "LD_PRELOAD": str(shim), "FAULTS_CONTROL": str(control)}
