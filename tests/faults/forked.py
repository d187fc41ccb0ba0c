"""Run programs in processes that are forked, so that a start costs no import; kill and start them again.

The parent must hold no thread and no gRPC object when it forks.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

Program = Callable[[], None]


@dataclass(slots=True)
class Forked:
    """Processes by name; what they say goes to <logs>/<name>.log."""

    logs: Path
    pids: dict[str, int] = field(default_factory=dict)

    def start(self, name: str, program: Program) -> int:
        """Run a program in a process of its own and return its id."""
        pid = os.fork()
        if pid == 0:
            self._be(name, program)
        self.pids[name] = pid
        return pid

    def _be(self, name: str, program: Program) -> None:
        code = 1
        try:
            log = os.open(self.logs / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 1)
            os.dup2(log, 2)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            program()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)

    def kill(self, name: str) -> None:
        """SIGKILL a process and wait until it is gone."""
        pid = self.pids.pop(name)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    def has_ended(self, name: str) -> bool:
        """Tell whether a process ended by itself."""
        return os.waitpid(self.pids[name], os.WNOHANG)[0] != 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.pids):
            self.kill(name)


def children_of(pid: int) -> list[int]:
    """Return the processes a process has started."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found.extend(map(int, task.read_text().split()))
        except OSError:
            continue
    return found
