"""The streams of the long run (`python -m benchmarks.hostile_streams`), a few of each, at the coordinator's program."""

from __future__ import annotations

import pytest

from benchmarks.hostile_streams import main

pytestmark = pytest.mark.slow


def test_a_running_coordinator_cuts_what_has_no_end_and_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--quota-mib", "2", "--calls", "90", "--streams", "30"]) == 0
    assert "met: True" in capsys.readouterr().out
