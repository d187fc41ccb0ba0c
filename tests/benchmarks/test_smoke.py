"""Run the benchmarks on a small county, so that they keep working and their figures stay sane."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.county import read_csv, truth_key
from benchmarks.fit_decision import fit, labelled, names
from benchmarks.golden import Golden, hold_cases, judge_golden
from benchmarks.quality_report import Judged, judged, write_up
from benchmarks.scoring import SHIPPED, score
from linkage.demo.county import generate_county

SEED = 7


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("county")
    generate_county(folder, seed=SEED, population=3000)
    return folder


@pytest.fixture(scope="module")
def found(county: Path) -> Judged:
    return judged(county, seed=1)


def test_the_chain_finds_nearly_all_clues_and_hardly_any_wrong_one(found: Judged) -> None:
    sure = score(found.sure, found.truth)

    assert sure.expected > 50
    assert sure.precision >= 0.9
    assert sure.recall >= 0.9


def test_equal_numbers_alone_find_fewer(found: Judged) -> None:
    assert score(found.before, found.truth).recall < score(found.sure, found.truth).recall - 0.05


def test_the_report_has_every_shipped_model_and_names_nobody(found: Judged, county: Path) -> None:
    text = write_up(found, "small")

    assert [m for m in SHIPPED if f"| {m} |" not in text] == []
    assert not any(person in text for person in found.truth.person_of.values())


def test_a_fit_on_a_small_county_tells_pairs_apart(county: Path) -> None:
    part = labelled(county, seed=0)
    bias, weights = fit([part])
    columns = names()
    kept = bias + part.values @ [weights.get(n, 0.0) for n in columns] >= 0

    assert (part.same & kept).sum() / kept.sum() >= 0.9
    assert (part.same & kept).sum() / part.existing >= 0.8
    assert part.same.sum() <= part.existing


def test_a_county_without_hand_made_cases_has_an_empty_table(county: Path) -> None:
    assert judge_golden(county, seed=1) == ()


def test_golden_cases_are_looked_up_by_our_row_and_the_register_row(county: Path) -> None:
    clean = [r for r in read_csv(county / "truth" / "rows.csv") if r["current"] == "1" and not r["ops"]]
    ours = {r["person"]: ("parties", r["row_id"]) for r in clean if r["slot"] == "party"}
    theirs = {r["person"]: truth_key(r) for r in clean if r["slot"] == "member" and r["person"] in ours}
    first, second = sorted(theirs)[:2]
    same = Golden("1", "one person, no slip", "LINK", (ours[first],), (theirs[first],))
    other = Golden("2", "two persons", "NO_LINK", (ours[first],), (theirs[second],))

    assert [j.ok for j in hold_cases(county, (same, other), seed=1)] == [True, True]
