"""After a power failure every store holds its old state or its new one, and all that it acknowledged."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults import stores
from tests.faults.crash_states import Disk, Operation
from tests.faults.extent import ALL, fresh_seed
from tests.faults.torn_writes import Found, judge, make_shim

RUNS = 2000 if ALL else 60


@pytest.mark.parametrize("name", sorted(stores.STORES))
def test_no_power_failure_corrupts_a_store_silently(name: str, tmp_path: Path) -> None:
    shim = make_shim(tmp_path)
    if shim is None:
        pytest.skip("no C compiler")
    found = Found(fresh_seed())
    judge(name, tmp_path / name, shim, runs=RUNS, found=found)

    assert (found.corrupt, found.runs[name]) == ([], RUNS), f"seed {found.seed}"


def crashed(tmp_path: Path, *operations: Operation) -> list[bytes]:
    """Return all that may be found of the file "a" after these operations."""
    found = set()
    for seed in range(200):
        disk = Disk()
        for operation in operations:
            disk.take(operation)
        disk.write_crash(tmp_path / str(seed), random.Random(seed))
        file = tmp_path / str(seed) / "a"
        found.add(file.read_bytes() if file.exists() else b"(none)")
    return sorted(found)


CREATED = (Operation("C", "a", 0), Operation("W", "a", 0, b"x" * 600))


def test_what_nobody_synced_may_be_gone_torn_or_there(tmp_path: Path) -> None:
    assert crashed(tmp_path, *CREATED) == sorted([b"(none)", b"", bytes(600), b"x" * 512 + bytes(88), b"x" * 600])


def test_what_file_and_folder_synced_is_there(tmp_path: Path) -> None:
    assert crashed(tmp_path, *CREATED, Operation("S", "a", 0), Operation("D", "", 0)) == [b"x" * 600]


def test_a_synced_file_in_a_folder_nobody_synced_may_be_gone(tmp_path: Path) -> None:
    assert crashed(tmp_path, *CREATED, Operation("S", "a", 0)) == sorted([b"(none)", b"x" * 600])
