"""The database server dies in mid-round and comes back: every round ends well by itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.faults.extent import ALL, fresh_seed

DEATHS = 100 if ALL else 1


def test_a_database_server_that_dies_loses_repeats_and_changes_nothing(
    repository: Path, tmp_path: Path, postgresql_programs: Path
) -> None:
    # In a process of its own: what forks must hold no thread, and a test runner may.
    command = [sys.executable, "-m", "tests.faults.database_deaths", "--deaths", str(DEATHS)]
    command += ["--seed", str(fresh_seed()), "--folder", str(tmp_path / "town")]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)

    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
