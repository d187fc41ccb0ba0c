"""What the console holds in memory, so that its lists answer at once: entries already read, files already recognised.

Both are read anew when they changed: the log from where it was read to, the folder when any file of it did.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

from agency_node.datasets import Registers
from linkage.audit.entry import Entry, parse_entry

Stamp = tuple[tuple[str, int, int], ...]


class Ledger:
    """The audit log's entries of some kinds, oldest first; lines of other kinds are not parsed."""

    def __init__(self, file: Path, kinds: frozenset[str]) -> None:
        self._file = file
        self._kinds = kinds
        self._marks = [f'"kind":{json.dumps(kind)}'.encode() for kind in kinds]
        self._lock = threading.Lock()
        self._read = 0  # Bytes of whole lines.
        self._entries: list[Entry] = []

    def entries(self) -> Sequence[Entry]:
        """Return all entries there are now. Raises AuditError for a malformed line."""
        with self._lock:
            if self._file.exists():
                self._entries += self._new()
            return tuple(self._entries)

    def _new(self) -> Iterator[Entry]:
        with self._file.open("rb") as stream:
            stream.seek(self._read)
            while (line := stream.readline()).endswith(b"\n"):
                self._read += len(line)
                if any(mark in line for mark in self._marks):
                    entry = parse_entry(line[:-1])
                    if entry.kind in self._kinds:
                        yield entry


class Overview:
    """The register files as they were recognised last; for rows, open the registers anew.

    `patterns` are (folder, glob) of every file that recognising them rests on.
    """

    def __init__(self, patterns: Sequence[tuple[Path, str]], look: Callable[[], Registers]) -> None:
        self._patterns = patterns
        self._look = look
        self._lock = threading.Lock()
        self._held: tuple[Stamp, date, Registers] | None = None

    def registers(self, today: date) -> Registers:
        """Return them, recognised anew when a file came, went or changed, and on another day."""
        stamp = self._stamp()
        with self._lock:
            if self._held is None or self._held[:2] != (stamp, today):
                self._held = stamp, today, self._look()
            return self._held[2]

    def _stamp(self) -> Stamp:
        files = (file for folder, glob in self._patterns for file in folder.glob(glob) if file.is_file())
        states = ((str(file), file.stat()) for file in files)
        return tuple(sorted((name, state.st_mtime_ns, state.st_size) for name, state in states))
