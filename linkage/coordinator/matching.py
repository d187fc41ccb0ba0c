"""Run the matcher in a process of its own, so that calls stay answered while it computes.

A worker is told round folders on its standard input, one after the other. For each it reads job.json, says its progress
as JSON lines on standard output, leaves outcome.json and says FINISHED. It waits for further rounds, since to begin
costs it more than a small round; `rest` ends one that has waited for a while. It ends by itself when its standard input
closes, so no worker outlives its coordinator. One round is matched at a time; others wait. A worker that the system
killed, for want of memory perhaps, is begun again: its work can be repeated.
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

from linkage.coordinator.job import FINISHED, Outcome
from linkage.errors import InputError

WORKER = (sys.executable, "-m", "linkage.coordinator.worker")
ATTEMPTS = 3
REST_SECONDS = 60.0  # A worker that has nothing to do for so long ends: what it holds is given back.
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
        self._process: subprocess.Popen[str] | None = None  # The worker at hand, busy or waiting.
        self._idle_since = 0.0

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

    def rest(self, seconds: float = REST_SECONDS) -> None:
        """End the worker if it has waited for a round for so long."""
        with self._lock:
            if self._process is None or self._runs or self._monotonic() - self._idle_since < seconds:
                return
            process, self._process = self._process, None
        _let_end(process)

    def close(self) -> None:
        """End every worker; their rounds stay MATCHING and start again next time."""
        with self._lock:
            self._closed = True
            for run in self._runs.values():
                self._end(run)
            self._runs.clear()
            process, self._process = self._process, None
        if process is not None:
            _let_end(process)

    def _end(self, run: _Run) -> None:
        run.stopped = True
        if run.process is not None:
            self._process = None
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
        """Have the worker match one round; return 0 once it has finished, or the code it ended with."""
        with self._lock:
            if run.stopped:
                return -1
            run.heard = self._monotonic()
            process = run.process = self._process = self._at_hand()
        with contextlib.suppress(OSError):  # One that has just ended: there is nothing to read from it either.
            _tell(process, run.folder)
        for line in process.stdout or ():
            run.heard = self._monotonic()
            if line.rstrip() == FINISHED:
                with self._lock:
                    run.process, self._idle_since = None, run.heard
                return 0
            run.progress = _parse_progress(line) or run.progress
        with self._lock:
            run.process = None
            if self._process is process:
                self._process = None
        return _let_end(process)

    def _at_hand(self) -> subprocess.Popen[str]:
        """Return the worker that waits, or begin one. Needs the lock."""
        if self._process is not None and self._process.poll() is None:
            return self._process
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _tell(process: subprocess.Popen[str], folder: Path) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(str(folder)) + "\n")
    process.stdin.flush()


def _let_end(process: subprocess.Popen[str]) -> int:
    """Close a worker's input, which ends it, and return its code."""
    with contextlib.suppress(OSError), process:
        pass
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
