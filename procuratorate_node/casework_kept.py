"""Keep what was read from the case files for as long as the folder stays as it is: pages ask for it again and again.

It holds names in clear text in the memory of the program that serves the pages, and nowhere else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from procuratorate_node.casework import Casework

Mark = frozenset[tuple[str, int, int]]


@dataclass(slots=True, repr=False)
class KeptCasework:
    """The newest reading of one cases folder; several pages may ask at once, one of them reads."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    mark: Mark = frozenset()
    kept: Casework | None = None

    def of(self, folder: Path, load: Callable[[], Casework]) -> Casework:
        """Return the folder's casework, read anew when a file came, went or changed."""
        with self.lock:
            mark = _mark(folder)
            if self.kept is None or mark != self.mark:
                self.kept, self.mark = load(), mark
            return self.kept


def _mark(folder: Path) -> Mark:
    """Return name, size and time of change of every file."""
    files = ((path, path.stat()) for path in folder.rglob("*") if path.is_file())
    return frozenset((str(path), seen.st_size, seen.st_mtime_ns) for path, seen in files)
