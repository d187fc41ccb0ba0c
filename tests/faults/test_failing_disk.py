"""A disk that is full, read-only, fails to sync or hangs: no unaudited answer, and nobody has to repair anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.conftest import addresses
from tests.faults.extent import long_part
from tests.faults.failing_disk import environment, make_shim

SCENARIOS = [
    pytest.param("sqlite", "full", "/coordinator/", id="the coordinator's disk is full"),
    pytest.param("sqlite", "hangs", "/coordinator/audit/", id="the coordinator's audit device is blocked"),
    pytest.param("sqlite", "sync-fails", "/coordinator/", id="the coordinator's disk fails to sync", marks=long_part),
    pytest.param("sqlite", "read-only", "/coordinator/", id="the coordinator's disk is read-only", marks=long_part),
    pytest.param("sqlite", "full", "/civil/", id="an agency's disk is full", marks=long_part),
    pytest.param("sqlite", "read-only", "/civil/", id="an agency's disk is read-only", marks=long_part),
    pytest.param("sqlite", "sync-fails", "/civil/", id="an agency's disk fails to sync", marks=long_part),
    pytest.param("sqlite", "hangs", "/civil/audit/", id="an agency's audit device is blocked", marks=long_part),
    pytest.param("sqlite", "full", "/procuratorate/", id="the requester's disk is full", marks=long_part),
    pytest.param("postgresql", "full", "/coordinator/", id="on PostgreSQL: the coordinator's disk is full"),
    pytest.param(
        "postgresql", "hangs", "/coordinator/audit/", id="on PostgreSQL: its audit device is blocked", marks=long_part
    ),
    pytest.param(
        "postgresql", "full", "/procuratorate/", id="on PostgreSQL: the requester's disk is full", marks=long_part
    ),
]


@pytest.mark.parametrize(("kind", "mode", "place"), SCENARIOS)
def test_a_round_over_a_failing_disk_ends_well_by_itself(
    repository: Path, tmp_path: Path, kind: str, mode: str, place: str, request: pytest.FixtureRequest
) -> None:
    shim = make_shim(tmp_path)
    if shim is None:
        pytest.skip("no C compiler")
    control = tmp_path / "control"
    databases = addresses(request) if kind == "postgresql" else []
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.disk_scenarios", str(tmp_path / "town"), mode, place, *databases],
        cwd=repository,
        env=environment(shim, control),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-2000:]}"
