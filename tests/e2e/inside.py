"""Look into running processes that a test has started: their children, their memory; and stop one in mid-work."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

PIECE = 8 << 20
SLICE = 0.005
WORKER = b"linkage.coordinator.worker"
UNREADABLE = ("[vvar]", "[vvar_vclock]", "[vsyscall]", "[vdso]")


def worker_of(coordinator: int) -> int | None:
    """Return the process id of the linkage unit's running worker, None when there is none."""
    for file in Path(f"/proc/{coordinator}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in file.read_text().split():
                if WORKER in Path(f"/proc/{child}/cmdline").read_bytes():
                    return int(child)
    return None


def is_running(pid: int) -> bool:
    """Tell whether a process is there and not just waiting to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def stop_in_mid_match(pid: int) -> None:
    """Stop a worker (SIGSTOP) at a moment when it has its columns open. Fails when it ends before."""
    os.kill(pid, signal.SIGSTOP)
    while not _has_open(pid, "/columns/"):
        os.kill(pid, signal.SIGCONT)
        time.sleep(SLICE)
        os.kill(pid, signal.SIGSTOP)
        assert is_running(pid), "the worker ended before it could be stopped"


def go_on(pid: int) -> None:
    """Let a stopped process go on."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def _has_open(pid: int, part: str) -> bool:
    return part in Path(f"/proc/{pid}/maps").read_text()


def memory_of(pid: int, *, overlap: int) -> Iterator[bytes]:
    """Yield a process's memory in pieces; a piece begins with the last `overlap` bytes of the one before.

    Left out is what no process can write: read-only pages of files, such as libraries. Raises PermissionError where
    this account may not read it.
    """
    regions = _regions(pid)
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for begin, end in regions:
            for start in range(begin, end, PIECE):
                with contextlib.suppress(OSError, ValueError):  # A page that cannot be read, or is gone by now.
                    first = max(begin, start - overlap)
                    memory.seek(first)
                    yield memory.read(min(end, start + PIECE) - first)


def _regions(pid: int) -> list[tuple[int, int]]:
    found = []
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        span, rights, *rest = line.split(maxsplit=5)
        place = rest[3] if len(rest) > 3 else ""
        if rights[0] == "r" and place not in UNREADABLE and (rights[1] == "w" or not place.startswith("/")):
            begin, _, end = span.partition("-")
            found.append((int(begin, 16), int(end, 16)))
    return found


def may_read_memory(pid: int) -> bool:
    """Tell whether this account may read another process's memory here."""
    try:
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
            memory.seek(_regions(pid)[0][0])
            return bool(memory.read(1))
    except OSError:
        return False
