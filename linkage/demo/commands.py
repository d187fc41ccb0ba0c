"""Run the nodes' programs and commands as children of one warm process.

A demonstration starts many of them, and starting Python with its libraries takes most of each one's time. So a server
process that has imported them forks a child for every one; the child is the program, as `python -m` would run it.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

# What nodes and commands import. Only libraries and our own modules: nothing here opens a file, a port or a thread.
PRELOADED = (
    *("agency_node.command", "agency_node.actions", "agency_node.daemon"),
    *("procuratorate_node.admission", "procuratorate_node.referral_commands", "procuratorate_node.steps.screening"),
    *("procuratorate_node.steps.clues", "procuratorate_node.steps.relays", "procuratorate_node.steps.referrals"),
    *("linkage.audit.command", "linkage.coordinator.unit", "linkage.memory", "alembic.operations", "alembic.script"),
    *("recordlinkage", "pypinyin"),
)
_WARM = multiprocessing.get_context("forkserver")


@dataclass(frozen=True, slots=True)
class Done:
    """What a command that has ended left: its exit code and what it printed."""

    code: int
    printed: str
    complained: str


@dataclass(frozen=True, slots=True)
class Child:
    """A program that runs; it is spoken to as a `subprocess.Popen` is."""

    process: BaseProcess

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    @property
    def returncode(self) -> int | None:
        return self.process.exitcode

    def poll(self) -> int | None:
        return self.process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code. Raises subprocess.TimeoutExpired when it takes longer than `timeout` seconds."""
        self.process.join(timeout)
        if self.process.exitcode is None:
            raise subprocess.TimeoutExpired(self.process.name, timeout or 0.0)
        return self.process.exitcode

    def kill(self) -> None:
        self.process.kill()


def start_module(arguments: Sequence[str], environment: Mapping[str, str], out: Path, err: Path) -> Child:
    """Begin `python -m arguments…` in a session of its own; what it prints is added to the files."""
    _WARM.set_forkserver_preload(list(PRELOADED))
    process = _WARM.Process(target=_become, args=(tuple(arguments), dict(environment), out, err))
    process.start()
    return Child(process)


def run_module(arguments: Sequence[str], environment: Mapping[str, str], *, seconds: float) -> Done:
    """Run `python -m arguments…` to its end.

    Raises TimeoutError when it takes longer than `seconds`; it is killed then, and also when we are interrupted.
    """
    with tempfile.TemporaryDirectory(prefix="linkage-command-") as name:
        out, err = Path(name, "out"), Path(name, "err")
        child = start_module(arguments, environment, out, err)
        try:
            code = child.wait(seconds)
            return Done(code, *(file.read_text(encoding="utf-8", errors="replace") for file in (out, err)))
        except subprocess.TimeoutExpired:
            raise TimeoutError from None
        finally:
            if child.poll() is None:
                child.kill()
            child.process.join()
            child.process.close()


def _become(arguments: Sequence[str], environment: Mapping[str, str], out: Path, err: Path) -> None:
    """Be the program: its session, its environment, its arguments, its output."""
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = [folder for folder in environment.get("PYTHONPATH", "").split(os.pathsep) if folder]
    for file, stream in ((out, sys.stdout), (err, sys.stderr)):
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(handle, stream.fileno())
        os.close(handle)
    sys.argv[:] = arguments
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
