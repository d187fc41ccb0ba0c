"""Days of screening leave nothing behind and make nothing grow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.extent import ALL
from tests.faults.long_run import WARM_DAYS, Day, grown, live

DAYS = 30 if ALL else 3


def test_daily_screening_deletes_everything_and_stays_flat(tmp_path: Path) -> None:
    days, broken = live(tmp_path / "town", DAYS)

    assert (broken, len(days)) == ([], DAYS)


@pytest.mark.parametrize("change", [{"threads": 99}, {"files": 99}, {"mib": 900.0}, {"round_bytes": 1}])
def test_what_grows_or_stays_is_noticed(change: dict[str, int]) -> None:
    day = Day(day=0, rounds=1, mib=100.0, threads=9, files=30, round_bytes=0, log_bytes=1)
    days = [day] * WARM_DAYS + [replace(day, **change)]

    assert (len(grown(days)), grown([day] * (WARM_DAYS + 1))) == (1, [])
