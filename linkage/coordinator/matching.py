"""Run the matcher in a process of its own, so that calls stay answered while it computes.

A worker reads <round folder>/job.json, says its progress as JSON lines on standard output and leaves outcome.json. It
ends by itself when its standard input closes, so no worker outlives its coordinator. One runs at a time; others wait.
One that the system killed, for want of memory perhaps, begins again: its work can be repeated.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from linkage.coordinator.job import Outcome
from linkage.errors import InputError

WORKER = (sys.executable, "-m", "linkage.coordinator.worker")
ATTEMPTS = 3
Finished = Callable[[str, Outcome], None]


@dataclass(frozen=True, slots=True)
class WorkerProgress:
    """`stage` is "compile", the population being linked, or "plan"; `done` of `total` comparisons."""

    stage: str = ""
    done: int = 0
    total: int = 0


@dataclass(slots=True)
class _Run:
    folder: Path
    finished: Finished
    progress: WorkerProgress = field(default_factory=WorkerProgress)
    heard: float = 0.0
    process: subprocess.Popen[str] | None = None
    stopped: bool = False


class Matching:
    """Start, watch and stop workers; `monotonic` gives seconds. Only own children are ever killed."""

    def __init__(self, monotonic: Callable[[], float], command: Sequence[str] = WORKER) -> None:
        self._command = tuple(command)
        self._monotonic = monotonic
        self._turn = threading.Semaphore(1)
        self._lock = threading.Lock()
        self._runs: dict[str, _Run] = {}
        self._closed = False

    def start(self, round_id: str, folder: Path, finished: Finished) -> None:
        """Begin a round's worker unless it has one; `finished` is called from another thread, once."""
        with self._lock:
            if self._closed or round_id in self._runs:
                return
            run = _Run(folder, finished, heard=self._monotonic())
            self._runs[round_id] = run
        threading.Thread(target=self._serve, args=(round_id, run), name=f"match-{round_id[:8]}", daemon=True).start()

    def progress(self, round_id: str) -> WorkerProgress | None:
        """Return how far a round's worker is, or None where none runs."""
        with self._lock:
            run = self._runs.get(round_id)
            return run.progress if run else None

    def counts(self) -> tuple[int, int]:
        """Return how many workers compute, and how many rounds wait for one to end."""
        with self._lock:
            running = sum(run.process is not None for run in self._runs.values())
            return running, len(self._runs) - running

    def stop(self, round_id: str) -> None:
        """End a round's worker without an outcome."""
        with self._lock:
            run = self._runs.pop(round_id, None)
            if run is not None:
                self._end(run)

    def silent(self, seconds: float) -> tuple[str, ...]:
        """Return the rounds whose running worker has said nothing for so long."""
        with self._lock:
            now = self._monotonic()
            return tuple(i for i, r in self._runs.items() if r.process is not None and now - r.heard > seconds)

    def close(self) -> None:
        """End every worker; their rounds stay MATCHING and start again next time."""
        with self._lock:
            self._closed = True
            for run in self._runs.values():
                self._end(run)
            self._runs.clear()

    @staticmethod
    def _end(run: _Run) -> None:
        run.stopped = True
        if run.process is not None:
            with contextlib.suppress(OSError):
                run.process.kill()

    def _serve(self, round_id: str, run: _Run) -> None:
        with self._turn:
            code, attempts = self._attend(run), 1
            while code < 0 and not run.stopped and attempts < ATTEMPTS:
                code, attempts = self._attend(run), attempts + 1
        try:
            if not run.stopped:
                run.finished(round_id, _outcome(run.folder, code))
        finally:
            # Only now: a run taken off the list earlier would be started again before its outcome is stored.
            with self._lock:
                if self._runs.get(round_id) is run:
                    del self._runs[round_id]

    def _attend(self, run: _Run) -> int:
        with self._lock:
            if run.stopped:
                return -1
            run.heard = self._monotonic()
            process = run.process = subprocess.Popen(
                [*self._command, str(run.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        with process:
            for line in process.stdout or ():
                run.heard = self._monotonic()
                run.progress = _parse_progress(line) or run.progress
        return process.returncode


def _outcome(folder: Path, code: int) -> Outcome:
    with contextlib.suppress(InputError, OSError, ValueError):
        found = Outcome.load(folder)
        if found is not None:
            return found
    return Outcome(failure=f"匹配进程异常结束（代码 {code}） | the matching process ended with code {code}")


def _parse_progress(line: str) -> WorkerProgress | None:
    try:
        data = json.loads(line)
        return WorkerProgress(str(data["stage"]), int(data["done"]), int(data["total"]))
    except (ValueError, KeyError, TypeError):
        return None
