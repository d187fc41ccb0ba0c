"""The speed benchmark runs at small size and says what it measured; no figure is asserted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.encode_speed import main
from benchmarks.register import Register


def test_a_small_run_writes_every_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rows", "600", "--repeat", "1", "--memory", "500", "--out", str(tmp_path / "speed.json")]) == 0
    found = json.loads((tmp_path / "speed.json").read_text(encoding="utf-8"))

    assert {m["rows"] for m in found["speed"].values()} == {600}
    assert all(m["rate"] > 0 for m in found["speed"].values())
    assert [m["rows"] for m in found["memory"]] == [500]
    assert "linkage, 1 core(s)" in capsys.readouterr().out


def test_a_register_repeats_and_its_numbers_do_not() -> None:
    first, second = (list(Register(1).rows(2000)) for _ in range(2))
    numbers = [row.id_number for row in first if row.id_number]

    assert first == second
    assert len(set(numbers)) == len(numbers)
