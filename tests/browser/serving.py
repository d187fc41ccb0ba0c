"""Start the pages of one node as the real program, and stop what was started."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 300


@contextmanager
def served(module: str, config: Path, log: Path, *, port: int = 0) -> Iterator[str]:
    """Yield the address of `python -m module --config … serve`; SIGTERM in the end must stop it with 0."""
    with serving([module, "--config", str(config), "serve", "--port", str(port)], log) as address:
        yield address


@contextmanager
def serving(arguments: list[str], log: Path) -> Iterator[str]:
    """Yield the address of `python -m arguments`; SIGTERM in the end must stop it with 0."""
    words = [sys.executable, "-m", *arguments]
    environment = {k: v for k, v in os.environ.items() if k != "LINKAGE_SINGLE_USER"} | {"PYTHONUNBUFFERED": "1"}
    with log.open("w") as out:
        process = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=out, stderr=out)
    try:
        yield _address(process, log)
    finally:
        process.terminate()
        status = process.wait(SECONDS)
    assert status == 0, log.read_text("utf-8")


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and process.poll() is None:
        found = re.search(r"https?://\S+/", log.read_text("utf-8"))
        if found:
            return found[0]
        time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8"))
