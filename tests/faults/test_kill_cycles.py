"""Killed at random and started again, the parties finish every round as if nothing had been."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.conftest import addresses
from tests.faults.extent import ALL, fresh_seed

KILLS = {"sqlite": 1000 if ALL else 8, "postgresql": 300 if ALL else 4}


@pytest.mark.parametrize("kind", KILLS)
def test_no_kill_loses_repeats_or_changes_anything(
    repository: Path, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    # In a process of its own: what forks must hold no thread, and a test runner may.
    command = [sys.executable, "-m", "tests.faults.kill_cycles", "--kills", str(KILLS[kind])]
    command += ["--seed", str(fresh_seed()), "--folder", str(tmp_path / "town")]
    if kind == "postgresql":
        command += ["--databases", *addresses(request)]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)

    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
