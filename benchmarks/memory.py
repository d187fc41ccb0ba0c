"""Watch how much memory processes and their children hold, and how much of it is pages of mapped files."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

EVERY = 0.1  # Seconds between two looks.


@dataclass(slots=True)
class Peak:
    """The moment a process and its children held most, in MiB; `file` of it are pages the system can take back."""

    total: float = 0.0
    file: float = 0.0


def held_mib(pid: int) -> tuple[float, float]:
    """Return (all resident, of mapped files) MiB of one process, (0, 0) when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0, 0.0
    kib = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines) if "Rss" in name}
    file = kib.get("RssFile", 0) + kib.get("RssShmem", 0)
    return (kib.get("RssAnon", 0) + file) / 1024, file / 1024


def family(pid: int) -> Iterable[int]:
    """Return a process and all that came from it."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found.extend(map(int, task.read_text().split()))
            except OSError:
                continue
    return found


@dataclass(slots=True)
class Watch:
    """Look at named processes until stopped; `peaks` has what each held at most, children included."""

    peaks: dict[str, Peak] = field(default_factory=dict)
    _pids: dict[str, int] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def add(self, name: str, pid: int) -> None:
        self._pids[name] = pid
        self.peaks.setdefault(name, Peak())

    def look(self, held: Callable[[int], tuple[float, float]] = held_mib) -> None:
        """Look once."""
        for name, pid in list(self._pids.items()):
            parts = [held(member) for member in family(pid)]
            total = sum(part[0] for part in parts)
            if total > self.peaks[name].total:
                self.peaks[name] = Peak(total, sum(part[1] for part in parts))

    def __enter__(self) -> Self:
        def run() -> None:
            while not self._stop.wait(EVERY):
                self.look()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
