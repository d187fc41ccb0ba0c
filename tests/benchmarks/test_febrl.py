"""The FEBRL benchmarks: the files and their truth, and the programs at small size."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import febrl_quality, febrl_sweep
from benchmarks.document import replace_part
from benchmarks.febrl import FILES, fresh_rows, task
from linkage.schema import load_schema


@pytest.mark.parametrize(
    ("name", "rows", "pairs"),
    [
        ("febrl4", 10_000, 5000), ("febrl4p", 7000, 2000), ("febrl3", 5000, 6538), ("febrl1", 1000, 500),
        ("febrl2", 5000, 1934),
    ],
)  # fmt: skip
def test_every_file_has_its_rows_and_its_true_pairs(name: str, rows: int, pairs: int) -> None:
    given = task(name)

    assert len(given.left) + len(given.right or ()) == rows
    assert len(given.truth) == len(given.packed) == pairs


def test_fresh_rows_repeat_and_their_values_do_not() -> None:
    first, second = (list(fresh_rows(500, seed=1)) for _ in range(2))

    assert first == second
    assert len({row.address_1 for row in first if row.address_1}) > 400


def test_a_small_quality_run_writes_its_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = tmp_path / "page.md"
    document.write_text("before\n<!-- quality -->\nold\n<!-- /quality -->\nafter\n", encoding="utf-8")
    words = ["--files", "febrl1", "--secrets", "1", "--people", "120", "--seeds", "1"]
    febrl_quality.main([*words, "--out", str(tmp_path / "q.json"), "--document", str(document)])
    found = json.loads((tmp_path / "q.json").read_text(encoding="utf-8"))

    assert {row["encoding"] for row in found["quality"]} == {"hardened", "plain"}
    assert set(found["attack"]) == {"hardened", "plain"}
    assert all(len(row["default"]) == len(row["best"]) == 1 for row in found["quality"])
    assert document.read_text(encoding="utf-8").startswith("before\n<!-- quality -->\n\n| file, mode |")


def test_targets_name_modes_that_there_are() -> None:
    assert {what.split()[0] for what in febrl_quality.TARGETS} == set(FILES)
    assert set(febrl_sweep.MODES) <= set(febrl_quality.TARGETS)


def test_a_sweeps_settings_scale_the_budgets() -> None:
    schema = load_schema("febrl-v1")
    half = febrl_sweep.Setting(0.65, 1024, 3).of(schema)

    assert (half.filter_bits, half.diffusion) == (1024, 3)
    assert [f.hashes for f in half.fields] == [round(f.hashes / 2) for f in schema.fields]


def test_a_document_without_the_part_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text("<!-- sweep -->", encoding="utf-8")
    with pytest.raises(ValueError, match="sweep"):
        replace_part(document, "sweep", "table")

    assert document.read_text(encoding="utf-8") == "<!-- sweep -->"
