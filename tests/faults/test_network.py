"""A network that is slow, lossy, cut, half open or parted changes no result, and leaves no round without an end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.network_scenarios import ALWAYS, FOR_A_WHILE, PARTITION
from tests.faults.wire import why_not


@pytest.mark.skipif(bool(why_not()), reason=why_not())
def test_every_network_fault_ends_in_the_same_result_or_in_a_reason(repository: Path, tmp_path: Path) -> None:
    # In a process of its own: what forks must hold no thread, and a test runner may.
    command = [sys.executable, "-m", "tests.faults.network_scenarios", str(tmp_path / "town")]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)

    assert done.stdout, done.stderr[-3000:]
    ends = dict.fromkeys([*ALWAYS, *FOR_A_WHILE], "CLOSED") | {PARTITION: "EXPIRED"}
    assert json.loads(done.stdout) == {"ends": ends, "broken": []}
