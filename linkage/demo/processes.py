"""Start the programs of the demo, wait for them, stop exactly those, and say what they used.

Every program runs in a session of its own, so that Ctrl-C reaches the demo only and the demo ends the others in order.
Its output goes to a log file; the demo reads that file and never a pipe, so a talkative program cannot block.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from linkage.demo.commands import run_module, start_module
from linkage.errors import TransportError

TAIL_LINES = 25
STOP_SECONDS = 10.0
POLL_SECONDS = 0.05
EXERCISE = {"LINKAGE_SINGLE_USER": "exercise"}  # Nobody has an account in a demonstration.


class Process(Protocol):
    """What is asked of a process: `subprocess.Popen`, or a child of the warm process."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def kill(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Program:
    """One running program: its name, process and log file."""

    name: str
    process: Process
    log: Path

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def tail(self) -> str:
        return "\n".join(self.text().splitlines()[-TAIL_LINES:])

    def peak_kib(self) -> int:
        """Return the greatest resident size so far in KiB; 0 where the system does not say or it has ended."""
        return _peak_kib(self.process.pid)

    def worker_peak_kib(self) -> int:
        """Return the greatest resident size of the processes it has started and that still run, in KiB."""
        lists = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return max((_peak_kib(int(pid)) for file in lists for pid in _words(file)), default=0)

    def wait_for(self, pattern: str, *, seconds: float) -> re.Match[str]:
        """Return the first match in the log. Raises TransportError when the program ends or the time is over."""
        deadline = time.monotonic() + seconds
        while True:
            alive = self.running
            found = re.search(pattern, self.text(), re.MULTILINE)
            if found:
                return found
            if not alive:
                raise self.failure(f"提前结束，退出码 {self.process.returncode}", f"ended: {self.process.returncode}")
            if time.monotonic() > deadline:
                raise self.failure(f"{seconds:.0f} 秒内没有就绪", f"was not ready within {seconds:.0f} s")
            time.sleep(POLL_SECONDS)

    def failure(self, zh: str, en: str) -> TransportError:
        hint = f"日志末尾 end of its log：\n{self.tail()}"
        return TransportError(f"{self.name} {zh}", f"{self.name} {en}", hint_zh=hint, hint_en="see the log")


@dataclass(slots=True)
class Programs:
    """Hold every program that was started; leaving the context stops them, last started first."""

    logs: Path
    environment: Mapping[str, str]
    started: list[Program] = field(default_factory=list)
    peaks: dict[str, int] = field(default_factory=dict)

    def start(self, name: str, arguments: Sequence[str]) -> Program:
        """Start `python -m arguments…` under this name; its log is appended to when it was started before."""
        log = self.logs / f"{name}.log"
        with log.open("ab") as sink, _interrupts_later():
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=self._environment(),
                start_new_session=True,
            )
            program = Program(name, process, log)
            self.started.append(program)
        return program

    def begin(self, name: str, arguments: Sequence[str]) -> Program:
        """Start a program as a child of the warm process, which is quicker; its log is appended to as with `start`."""
        log = self.logs / f"{name}.log"
        log.touch()
        with _interrupts_later():
            program = Program(name, start_module(arguments, self._environment(), log, log), log)
            self.started.append(program)
        return program

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **EXERCISE, **self.environment}

    def run(self, name: str, arguments: Sequence[str], *, seconds: float = 600.0, secret: bool = False) -> str:
        """Run one command to its end and return what it printed; `secret` output is kept out of the log file.

        Raises TransportError when it fails.
        """
        try:
            done = run_module(arguments, self._environment(), seconds=seconds)
        except TimeoutError:
            raise TransportError(f"{name} 超过 {seconds:.0f} 秒", f"{name} took over {seconds:.0f} s") from None
        with (self.logs / f"{name}.commands.log").open("a", encoding="utf-8") as sink:
            sink.write(f"$ {' '.join(arguments)}\n{'(not kept)' if secret else done.printed}\n{done.complained}")
        if done.code:
            tail = "\n".join((done.printed + done.complained).splitlines()[-TAIL_LINES:])
            zh, en = f"{name} 退出码 {done.code}", f"{name} exited with {done.code}"
            raise TransportError(zh, en, hint_zh=f"命令 {' '.join(arguments)}\n{tail}", hint_en="see above")
        return done.printed

    def kill(self, program: Program) -> None:
        """End a program at once, as a power cut would, and leave it out of what must be alive."""
        program.process.kill()
        program.process.wait()
        self.forget(program)

    def forget(self, program: Program) -> None:
        """Leave a program that has ended on purpose out of what must be alive."""
        self.started.remove(program)

    def require_alive(self, watched: Sequence[Program] | None = None) -> None:
        """Raise TransportError for the first of these programs (all, if not said) that ended by itself."""
        for program in self.started if watched is None else watched:
            if not program.running:
                code = program.process.returncode
                raise program.failure(f"意外结束，退出码 {code}", f"ended unexpectedly with {code}")

    def sample(self) -> None:
        """Note each program's greatest resident size so far."""
        for program in self.started:
            now = {program.name: program.peak_kib(), f"{program.name} worker": program.worker_peak_kib()}
            for name, size in now.items():
                self.peaks[name] = max(self.peaks.get(name, 0), size)

    def stop(self) -> None:
        """Ask every program to end, last started first; kill what has not ended in time.

        The first one, which the others call, is asked when they have ended: they have a last word with it.
        """
        self.sample()
        for group in (self.started[:0:-1], self.started[:1]):
            for program in group:
                _signal(program, signal.SIGTERM)
            deadline = time.monotonic() + STOP_SECONDS
            for program in group:
                try:
                    program.process.wait(max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    _signal(program, signal.SIGKILL)
                    program.process.wait()
        self.started.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self.stop()


@contextlib.contextmanager
def _interrupts_later() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until the end: a program begun but not yet on the list would never be stopped.

    Signals are not blocked, for the program would inherit that; only their handlers are exchanged for the while.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {n: signal.signal(n, lambda number, _: came.append(number)) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for first in came[:1]:
            signal.raise_signal(first)


def _signal(program: Program, number: signal.Signals) -> None:
    """Signal the program's own session, so that its worker processes end with it; itself, if it leads none yet."""
    if program.running:
        with contextlib.suppress(ProcessLookupError):
            try:
                os.killpg(program.process.pid, number)
            except ProcessLookupError:
                os.kill(program.process.pid, number)


def _words(file: Path) -> list[str]:
    """Return the words of a file of the system; none when what it tells of has just ended."""
    try:
        return file.read_text(encoding="ascii", errors="replace").split()
    except OSError:
        return []


def _peak_kib(pid: int) -> int:
    words = _words(Path(f"/proc/{pid}/status"))
    return int(words[words.index("VmHWM:") + 1]) if "VmHWM:" in words else 0


def wait_until(
    done: Callable[[], bool],
    *,
    seconds: float,
    every: float,
    programs: Programs,
    watched: Sequence[Program] | None = None,
) -> bool:
    """Poll until `done` says so; False when the time is over.

    Raises TransportError when one of the watched programs (all, if not said) has ended.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if done():
            return True
        programs.require_alive(watched)
        programs.sample()
        time.sleep(every)
    return done()
