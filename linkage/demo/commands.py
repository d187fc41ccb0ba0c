"""Run the programs' commands as children of one warm process.

A demonstration types many commands, and starting Python with its libraries takes most of each one's time. So a server
process that has imported them forks a child for every command; the child is the program, as `python -m` would run it.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# What the commands import. Only libraries and our own modules: nothing here opens a file, a port or a thread.
PRELOADED = ("agency_node.daemon", "procuratorate_node.node", "linkage.coordinator.unit", "recordlinkage", "pypinyin")
_WARM = multiprocessing.get_context("forkserver")


@dataclass(frozen=True, slots=True)
class Done:
    """What a command that has ended left: its exit code and what it printed."""

    code: int
    printed: str
    complained: str


def run_module(arguments: Sequence[str], environment: Mapping[str, str], *, seconds: float) -> Done:
    """Run `python -m arguments…` to its end.

    Raises TimeoutError when it takes longer than `seconds`; it is killed then, and also when we are interrupted.
    """
    _WARM.set_forkserver_preload(list(PRELOADED))
    with tempfile.TemporaryDirectory(prefix="linkage-command-") as name:
        out, err = Path(name, "out"), Path(name, "err")
        child = _WARM.Process(target=_become, args=(tuple(arguments), dict(environment), out, err))
        child.start()
        try:
            child.join(seconds)
            if child.exitcode is None:
                raise TimeoutError
            return Done(child.exitcode, *(file.read_text(encoding="utf-8", errors="replace") for file in (out, err)))
        finally:
            if child.is_alive():
                child.kill()
                child.join()
            child.close()


def _become(arguments: Sequence[str], environment: Mapping[str, str], out: Path, err: Path) -> None:
    """Be the program: its environment, its arguments, its output."""
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = [folder for folder in environment.get("PYTHONPATH", "").split(os.pathsep) if folder]
    for file, stream in ((out, sys.stdout), (err, sys.stderr)):
        handle = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(handle, stream.fileno())
        os.close(handle)
    sys.argv[:] = arguments
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
