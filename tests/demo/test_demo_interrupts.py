"""A program being started when Ctrl-C comes is on the list of what must be stopped."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linkage.demo.commands import start_module
from linkage.demo.processes import Programs


@pytest.mark.parametrize("how", ["start", "begin"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_a_program_starts_comes_after_it_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, how: str
) -> None:
    before = signal.getsignal(number)

    def interrupting(real: Callable[..., Any]) -> Callable[..., Any]:
        def interrupted(*words: Any, **options: Any) -> Any:
            process = real(*words, **options)
            os.kill(os.getpid(), number)
            return process

        return interrupted

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", interrupting(subprocess.Popen))
    monkeypatch.setattr("linkage.demo.processes.start_module", interrupting(start_module))
    signal.signal(number, interrupt)
    programs = Programs(tmp_path, {})
    try:
        with pytest.raises(KeyboardInterrupt):
            getattr(programs, how)("sleeper", ["timeit", "-n", "1", "-r", "1", "import time; time.sleep(60)"])
        (sleeper,) = programs.started
        assert sleeper.running and signal.getsignal(number) is interrupt
    finally:
        signal.signal(number, before)
        programs.stop()
    assert not sleeper.running
