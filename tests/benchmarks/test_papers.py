"""The papers of a county are read as well as is promised: a generated one in its own words, and a handed one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.papers import Tally, judge, missed_goals, score, table
from linkage.demo.county import generate_county
from tests.procuratorate_node.casefiles.conftest import facts_of
from tests.procuratorate_node.conftest import COUNTY


def test_every_goal_is_reached_on_a_generated_county(tmp_path: Path) -> None:
    generate_county(tmp_path / "county", seed=8, population=3000)

    tallies, failures, _ = score(tmp_path / "county", cache=None, scans=False)

    assert missed_goals(tallies) == []
    assert sum(t.papers for t in tallies.values()) > 50
    assert all("documents/" in f.paper for f in failures)


@pytest.fixture
def other_county() -> Path:
    found = Path(os.environ.get("LINKAGE_COUNTY", COUNTY))
    if not (found / "truth" / "documents.json").is_file():
        pytest.skip("the synthetic county is not here (LINKAGE_COUNTY)")
    return found


@pytest.mark.slow
def test_every_goal_is_reached_on_the_other_generators_county(other_county: Path) -> None:
    tallies, _, _ = score(other_county, cache=None, scans=False)

    assert missed_goals(tallies) == []


def test_a_paper_that_was_not_read_has_found_nothing() -> None:
    victim = {"name": "李晓梅", "id": "", "sex": "女", "birth": "", "harm": "轻伤二级", "compensation": "NOT"}
    truth = {"file": "documents/1", "doc_type": "起诉书", "victims": [victim], "related": []}

    tally, failures = judge(truth, None)

    assert (tally.f1(), tally.share("type"), tally.share("compensation")) == (0.0, 0.0, 0.0)
    assert {f.what for f in failures} == {"type", "name", "sex", "harm", "compensation"}


def test_a_goal_that_is_missed_is_named_and_failures_name_nobody() -> None:
    victim = {"name": "李晓梅", "id": "", "sex": "女", "birth": "", "harm": "重伤二级", "compensation": "FULL"}
    truth = {"file": "documents/1", "doc_type": "起诉书", "victims": [victim], "related": []}

    text = "起诉书\n钱多多击打被害人李晓梅（女，35岁），经鉴定属轻伤二级，至今未赔偿李晓梅。"
    tally, failures = judge(truth, facts_of(text))

    assert missed_goals({("起诉书", "text"): tally}) == ["text compensation 0.000 < 0.93", "text harm 0.000 < 0.95"]
    assert [(f.what, f.found, f.wanted) for f in failures] == [
        ("harm", "轻伤二级", "重伤二级"),
        ("compensation", "NOT", "FULL"),
    ]
    assert not any("李晓梅" in str(f) for f in failures)


def test_the_table_has_a_line_for_each_type_and_the_whole() -> None:
    lines = list(table({("起诉书", "text"): Tally(papers=2), ("谅解书", "scan"): Tally(papers=1)}))

    assert [line.split("|")[1].strip() for line in lines[2:]] == ["谅解书", "起诉书", "**all**", "**all**"]
