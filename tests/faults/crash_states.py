"""What a disk may hold after the power failed in the middle of recorded file operations (as ALICE: Pillai et al. 2014).

* A file's bytes are sure up to its last sync. Of what was written after it each write may be there, gone, or torn at a
  sector, in any order; where the size grew without the bytes there are zeros.
* A folder's entries are sure up to the folder's last sync. Of the creations, renames and unlinks after it the first so
  many are there: journals keep the order of such changes.
* A write to a file called ACK is no file operation but the program's word that what came before was acknowledged.
"""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HEAD = struct.Struct("<cqqq")
SECTOR = 512
ACK = "ACK"


@dataclass(frozen=True, slots=True)
class Operation:
    """One recorded call; see trace.c. Paths are relative to the traced folder."""

    what: str
    path: str
    at: int
    data: bytes = b""

    @property
    def is_acknowledgement(self) -> bool:
        return os.path.basename(self.path) == ACK


@dataclass(slots=True)
class Inode:
    """A file's sure bytes, and the writes and truncations after its last sync."""

    sure: bytes = b""
    after: list[Operation] = field(default_factory=list)

    def at_crash(self, chance: random.Random) -> bytes:
        """Return bytes that may be found."""
        found = bytearray(self.sure)
        for operation in self.after:
            if chance.random() < 0.5:
                _apply(operation, found, torn=chance if chance.random() < 0.5 else None)
        return bytes(found)

    def sync(self) -> None:
        found = bytearray(self.sure)
        for operation in self.after:
            _apply(operation, found)
        self.sure, self.after = bytes(found), []


def _apply(operation: Operation, found: bytearray, *, torn: random.Random | None = None) -> None:
    """Do to bytes what an operation does; with `torn` only a random part of it, in whole sectors."""
    if operation.what == "T":
        found[:] = found[: operation.at].ljust(operation.at, b"\0")
        return
    end = operation.at + len(operation.data)
    if len(found) < end:
        found.extend(bytes(end - len(found)))
    data = operation.data
    if torn is not None:
        cut = torn.randrange(operation.at, end + 1) // SECTOR * SECTOR
        data = data[: max(0, cut - operation.at)]
    found[operation.at : operation.at + len(data)] = data


@dataclass(slots=True)
class Disk:
    """Files and folders as recorded so far, sure or not."""

    entries: dict[str, Inode | None] = field(default_factory=dict)  # None = a folder.
    sure: dict[str, Inode | None] = field(default_factory=dict)
    after: list[Operation] = field(default_factory=list)
    made: dict[int, Inode | None] = field(default_factory=dict)  # What a creation in `after` made.

    def take(self, operation: Operation) -> None:
        """Let one operation happen."""
        inode = self.entries.get(operation.path)
        if operation.what in "WT" and inode is not None:
            inode.after.append(operation)
        elif operation.what == "S" and inode is not None:
            inode.sync()
        elif operation.what == "D":
            self._sync_folder(operation.path)
        elif operation.what in "CMRU":
            self.made[id(operation)] = Inode() if operation.what == "C" else None
            self.after.append(operation)
            self._change(self.entries, operation)

    def _change(self, entries: dict[str, Inode | None], operation: Operation) -> None:
        if operation.what in "CM":
            entries[operation.path] = self.made[id(operation)]
        elif operation.what == "U":
            entries.pop(operation.path, None)
        elif operation.path in entries:
            entries[operation.data.decode()] = entries.pop(operation.path)

    def _sync_folder(self, folder: str) -> None:
        kept = []
        for operation in self.after:
            if os.path.dirname(operation.path) == folder:
                self._change(self.sure, operation)
            else:
                kept.append(operation)
        self.after = kept

    def write_crash(self, folder: Path, chance: random.Random) -> None:
        """Make a folder of what may be found after a crash now."""
        entries = dict(self.sure)
        for operation in self.after[: chance.randint(0, len(self.after))]:
            self._change(entries, operation)
        folder.mkdir()
        for path, inode in sorted(entries.items()):
            place = folder / path
            if inode is None:
                place.mkdir(mode=0o700, parents=True, exist_ok=True)
            elif all(str(parent) in entries for parent in Path(path).parents if str(parent) != "."):
                place.write_bytes(inode.at_crash(chance))
                place.chmod(0o600)


def read_trace(file: Path, root: Path) -> Iterator[Operation]:
    """Yield the operations of a trace."""
    content, at, prefix = file.read_bytes(), 0, f"{root}/"
    while at < len(content):
        what, number, path_length, data_length = HEAD.unpack_from(content, at)
        at += HEAD.size
        path = content[at : at + path_length].decode().removeprefix(prefix)
        at += path_length
        data = content[at : at + data_length]
        at += data_length
        path = "" if path == str(root) else path
        data = data.decode().removeprefix(prefix).encode() if what == b"R" else data
        yield Operation(what.decode(), path, number, data)


def crashes(operations: Sequence[Operation], chance: random.Random) -> Iterator[tuple[Disk, list[bytes]]]:
    """Yield, without end, a disk at a random moment and what was acknowledged before it."""
    while True:
        disk, acknowledged = Disk(), []
        for operation in operations[: chance.randint(0, len(operations))]:
            if not operation.is_acknowledgement:
                disk.take(operation)
            elif operation.what == "W":
                acknowledged.append(operation.data)
        yield disk, acknowledged
