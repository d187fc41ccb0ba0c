"""The demonstration as people start it: the README's command, Ctrl-C, a wish that cannot be met."""

from __future__ import annotations

import contextlib
import csv
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]


def start(words: list[str], folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "linkage.main", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=listen_to_interrupts,
    )


def listen_to_interrupts() -> None:
    """Undo what a shell does to its background jobs, and they pass on: to ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def processes_of(folder: Path) -> list[str]:
    """Return the running programs that have a file of this folder open: each writes its log there to its end."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(str(folder) in os.readlink(file) for file in process.glob("fd/*")):
                found.append(process.name)
    return found


def readme_command() -> list[str]:
    """Return the words of the README's demonstration with an output folder."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    line = next(line for line in re.findall(r"^linkage demo .*$", text, re.MULTILINE) if "--out" in line)
    return shlex.split(line, comments=True)[1:]


def test_the_demonstration_of_the_readme_runs_and_leaves_only_what_it_says(tmp_path: Path) -> None:
    words = readme_command()
    out = tmp_path / words[words.index("--out") + 1]
    running = start(words, tmp_path)
    said, _ = running.communicate(timeout=900)

    assert running.returncode == 0, said
    assert "audit logs are sound" in said
    assert "the logs agree: " in said
    with (out / "clues.csv").open(encoding="utf-8-sig", newline="") as source:
        assert {row["model"] for row in csv.DictReader(source)} == set(words[words.index("--models") + 1].split(","))
    assert sorted(path.name for path in out.iterdir()) == ["audit", "clues.csv", "county", "logs", "report.html"]
    assert processes_of(out) == []


def test_an_interrupted_demonstration_stops_every_program_it_started(tmp_path: Path) -> None:
    running = start(["demo", "--population", "800", "--models", "SX-2", "--out", str(tmp_path / "out")], tmp_path)
    deadline = time.monotonic() + 300
    while len(processes_of(tmp_path / "out" / "state")) < 10 and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.2)
    begun = len(processes_of(tmp_path / "out" / "state"))
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=120)

    assert begun >= 10, said
    assert running.returncode == 1
    assert processes_of(tmp_path / "out") == []
    assert not (tmp_path / "out" / "state").exists()


def test_a_model_that_does_not_exist_is_refused_with_the_reason_and_nothing_is_left_running(tmp_path: Path) -> None:
    running = start(["demo", "--population", "800", "--models", "NO-SUCH", "--out", str(tmp_path / "out")], tmp_path)
    said, _ = running.communicate(timeout=300)

    assert running.returncode == 1
    assert "error:" in said and "NO-SUCH" in said
    assert processes_of(tmp_path / "out") == []
