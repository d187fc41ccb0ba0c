"""Compiling ahead says what it costs, and a second process takes the code from the cache."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from linkage.match.kernel import warm_up

ROOT = Path(__file__).resolve().parents[3]


def test_warming_up_tells_its_beginning_end_and_seconds() -> None:
    seen: list[tuple[int, int]] = []
    clock = iter([10.0, 12.5])

    assert warm_up(16, monotonic=lambda: next(clock), progress=lambda done, total: seen.append((done, total))) == 2.5
    assert seen == [(0, 1), (1, 1)]


@pytest.mark.slow
def test_the_second_process_finds_the_compiled_code(tmp_path: Path) -> None:
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}

    def run() -> set[Path]:
        subprocess.run([sys.executable, "-m", "linkage.match.kernel"], cwd=ROOT, env=environment, check=True)
        return set(tmp_path.rglob("*.nbc"))

    first = run()

    assert len(first) >= 5
    assert run() == first
