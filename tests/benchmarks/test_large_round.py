"""The large round, small: real programs from registers to F1; and the token join beside nobody."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from benchmarks import large_round, token_join
from benchmarks.memory import Watch, held_mib


def test_a_small_large_round_finds_its_people_and_says_what_it_took(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    sizes = ["--rows-left", "150", "--rows-right", "900", "--comparisons", "1000", "--recall", "100"]
    large_round.main([*sizes, "--payload", "--out", str(out)])
    found = json.loads(out.read_text())

    assert found["quality"]["f1"] > 0.97
    assert {"encode left", "upload right", "seal right", "match and plan"} <= set(found["stages"])
    assert found["seconds"] > found["stages"]["encode right"] and found["coordinator_peak_mib"] > 50
    assert (found["candidates"]["sample"], found["candidate_recall"] > 0.98) == (100, True)
    assert min(peak["total"] for peak in found["peaks_mib"].values()) > 50
    started, finished = found["audit"]
    assert (started["comparisons"], started["by_tokens"]) == (10_000, ["right"])
    assert finished["compared"] <= 10_000 and finished["judged"] > 0


def test_the_token_join_is_measured_on_both_inputs(capsys: pytest.CaptureFixture[str]) -> None:
    assert token_join.main(["--left", "500", "--right", "3000", "--repeat", "1"]) == 0
    said = capsys.readouterr().out
    assert "| distinct | linkage |" in said and "| uneven | linkage |" in said


def test_a_watch_keeps_the_highest_moment() -> None:
    held = iter([(10.0, 2.0), (30.0, 5.0), (20.0, 9.0)])
    watch = Watch()
    watch.add("me", 2**22 + 5)  # No such process, so no children either.
    for _ in range(3):
        watch.look(lambda pid: next(held))

    assert (watch.peaks["me"].total, watch.peaks["me"].file) == (30.0, 5.0)
    assert held_mib(os.getpid())[0] > held_mib(2**22 + 5)[0] == 0
