"""How links are counted: against the truth of a county or a crowd, and on FEBRL by the peers' own programs."""

from __future__ import annotations

import csv
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from benchmarks.county_links import Side, counted, recall_at
from benchmarks.crowd import Crowd, export
from benchmarks.crowd_link import one_to_one, score
from benchmarks.environments import REQUIREMENTS
from linkage.encoded import Grade
from linkage.match.link import Links

A, C, E = Grade.A, Grade.C, Grade.E


def side(best: list[tuple[bool, float]], said: list[tuple[bool, bool, int]], *, real: int, settled: int) -> Side:
    """Build a side: best candidates as (right, score), links as (right, by number, grade)."""
    return Side(
        real, settled, np.array([s[0] for s in said], np.bool_), np.array([s[1] for s in said], np.bool_),
        np.array([s[2] for s in said], np.uint8), np.array([b[0] for b in best], np.bool_),
        np.array([b[1] for b in best], np.float32),
    )  # fmt: skip


def test_sure_links_count_and_cannot_tell_counts_only_in_the_wide_recall() -> None:
    sides = [side([], [(True, True, A), (True, False, C), (False, False, C), (True, False, E)], real=5, settled=1)]

    rest, every = counted(sides, unsettled=True), counted(sides, unsettled=False)

    assert (rest["links"], rest["precision"], rest["recall"], rest["wide_recall"]) == (4, 0.5, 0.25, 0.5)
    assert (every["links"], every["recall"], every["wide_recall"]) == (5, 0.4, 0.6)


@pytest.mark.parametrize(
    ("best", "recall"),
    [
        ([(True, 3.0), (True, 2.0), (False, 1.0), (True, 0.0)], 0.5),
        ([(False, 3.0), (True, 2.0)], 0.0),
        ([(True, 2.0), (False, 2.0)], 0.0),  # A cut cannot part equal scores.
        ([], 0.0),
    ],
)
def test_the_best_recall_at_a_precision_is_over_cuts_of_the_score(
    best: list[tuple[bool, float]], recall: float
) -> None:
    assert recall_at([side(best, [], real=5, settled=1)], 0.99) == recall


def test_one_to_one_takes_the_best_grade_first_and_never_cannot_tell() -> None:
    links = Links(np.array([0, 0, 1, 2], np.int32), np.array([5, 6, 5, 7], np.int32), np.array([C, A, A, E], np.uint8))

    assert one_to_one(links) == [(0, 6), (1, 5)]
    assert score(1, 2, 4) == {"precision": 0.5, "recall": 0.25, "f1": pytest.approx(1 / 3)}


def test_a_small_crowd_is_linked_and_judged_in_a_process_of_its_own(tmp_path: Path) -> None:
    export(Crowd(60, 400), tmp_path)
    found = tmp_path / "found.npy"
    words = [str(tmp_path), "--comparisons", "50", "--pairs", str(found)]
    command = [sys.executable, "-m", "benchmarks.crowd_link", *words]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REQUIREMENTS.parents[1])
    result = json.loads(said.stdout.splitlines()[-1])

    assert result["rows"] == [60, 400]
    assert result["compared"] <= 50
    assert result["default"]["f1"] > 0.9
    assert len(np.load(found)) == result["pairs"]


@pytest.fixture(scope="module")
def febrl_scores() -> ModuleType:
    spec = importlib.util.spec_from_file_location("febrl_scores", REQUIREMENTS / "febrl_scores.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_peers_best_cut_is_chosen_with_the_truth_and_their_default_is_not(febrl_scores: ModuleType) -> None:
    scored = [(0.9, 0, 0), (0.6, 1, 1), (0.5, 1, 2), (0.4, 2, 2)]

    modes = febrl_scores.judged(scored, {(0, 0), (1, 1), (2, 2)}, [0.3, 0.55], 0.7, link=True)

    assert modes["one_to_one"]["default"]["f1"] == 0.5
    assert (modes["one_to_one"]["best"]["f1"], modes["one_to_one"]["best"]["cut"]) == (1.0, 0.3)
    assert modes["pairs"]["best"]["f1"] < 1


def test_rows_of_one_group_are_all_linked(febrl_scores: ModuleType) -> None:
    assert febrl_scores.connected({(0, 2), (2, 5), (7, 8)}) == {(0, 2), (0, 5), (2, 5), (7, 8)}


def test_a_peer_reads_rows_and_pairs_as_they_were_written(febrl_scores: ModuleType, tmp_path: Path) -> None:
    for name, rows in (("left", [["a"], ["x"], ["y"]]), ("truth", [["left", "right"], ["0", "1"]])):
        with (tmp_path / f"t-{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)

    assert febrl_scores.read(tmp_path, "t") == ([{"a": "x"}, {"a": "y"}], None, {(0, 1)})
