"""Killed at random and started again, the parties finish every round as if nothing had been."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.faults.extent import ALL, fresh_seed

KILLS = 1000 if ALL else 8


def test_no_kill_loses_repeats_or_changes_anything(repository: Path, tmp_path: Path) -> None:
    # In a process of its own: what forks must hold no thread, and a test runner may.
    command = [sys.executable, "-m", "tests.faults.kill_cycles", "--kills", str(KILLS), "--seed", str(fresh_seed())]
    done = subprocess.run(
        [*command, "--folder", str(tmp_path / "town")], cwd=repository, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
