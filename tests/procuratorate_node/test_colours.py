"""The tree of the three-colour warning: every step, its reasons, and the whole of a county's truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from linkage.demo.county import generate_county
from procuratorate_node.ages import age_at
from procuratorate_node.anchors import LocalFacts
from procuratorate_node.cases.preset import standard_preset
from procuratorate_node.cases.reading import read_cases
from procuratorate_node.cases.records import Compensation, RowRef, Source
from procuratorate_node.colour_table import ColourTable, shipped_colour_table
from procuratorate_node.colours import ColourInputs, Injury, decide, exclusion, graver, harm_of, words_in
from procuratorate_node.painting import Proven, inputs_of
from tests.procuratorate_node.oracle import Truth, read

FULL, PART, NOT, UNKNOWN = Compensation.FULL, Compensation.PARTIAL, Compensation.NOT, Compensation.UNKNOWN
TABLE = shipped_colour_table()
ASSAULT, FRAUD, RAPE, INDECENCY, ABUSE = (
    model for charge in ("故意伤害", "诈骗", "强奸", "猥亵儿童", "虐待") if (model := TABLE.charge_model(charge))
)
PLAIN = ColourInputs(ASSAULT, 0, "", UNKNOWN, 0)
TRUTH_KEYS = {"charge_model", "H", "C", "G", "U", "K", "X"}


@pytest.mark.parametrize(
    ("changes", "step", "colour"),
    [
        ({"aided": True, "harm": 3, "tier": 2, "urgent": ("停药",)}, 1, "none"),
        ({"excluded": "主要责任", "harm": 3, "tier": 2, "urgent": ("停药",)}, 2, "none"),
        ({"compensation": FULL, "harm": 3, "tier": 2, "urgent": ("停药",)}, 3, "none"),
        ({"harm": 2, "urgent": ("停药",)}, 4, "red"),
        ({"harm": 3, "urgent": ("停药",)}, 4, "red"),
        ({"harm": 1, "urgent": ("停药",)}, 15, "none"),
        ({"harm": 3, "compensation": NOT, "tier": 1}, 5, "red"),
        ({"harm": 3, "compensation": NOT, "tier": 2}, 5, "red"),
        ({"harm": 3, "compensation": PART, "tier": 2}, 6, "red"),
        ({"harm": 3, "compensation": NOT, "hardship": ("务农",)}, 7, "orange"),
        ({"harm": 3, "compensation": PART, "tier": 1}, 8, "orange"),
        ({"harm": 2, "compensation": NOT, "tier": 1}, 9, "orange"),
        ({"charge_model": FRAUD, "harm": 1, "tier": 1, "age": 60}, 10, "orange"),
        ({"charge_model": FRAUD, "harm": 0, "tier": 1, "age": 17}, 10, "orange"),
        ({"charge_model": FRAUD, "harm": 1, "tier": 1, "age": 59}, 12, "yellow"),
        ({"charge_model": FRAUD, "harm": 1, "tier": 1, "age": 18}, 12, "yellow"),
        ({"charge_model": FRAUD, "harm": 1, "tier": 1, "age": None}, 12, "yellow"),
        ({"charge_model": FRAUD, "harm": 1, "tier": 1, "age": 70, "himself": False}, 12, "yellow"),
        ({"harm": 1, "tier": 1, "age": 70}, 12, "yellow"),
        ({"creditor": True, "tier": 1}, 11, "orange"),
        ({"creditor": True}, 15, "none"),
        ({"harm": 2, "compensation": PART, "tier": 2}, 12, "yellow"),
        ({"harm": 3}, 13, "yellow"),
        ({"harm": 3, "compensation": NOT}, 13, "yellow"),
        ({"harm": 2, "hardship": ("务农", "负债")}, 14, "yellow"),
        ({"harm": 2, "hardship": ("务农",)}, 15, "none"),
        ({"harm": 0, "tier": 2}, 15, "none"),
        ({}, 15, "none"),
    ],
)
def test_the_first_step_that_holds_decides(changes: Mapping[str, object], step: int, colour: str) -> None:
    outcome = decide(TABLE, replace(PLAIN, **changes))  # type: ignore[arg-type]

    assert (outcome.step, outcome.colour.value) == (step, colour)
    assert len(outcome.before) == step - 1
    assert outcome.reasons[0].startswith(f"第 {step} 步")


def test_an_outcome_tells_its_reasons_and_why_no_earlier_step_held() -> None:
    inputs = replace(PLAIN, harm=3, harm_reason="重伤二级", compensation=NOT, tier=1, hardship=("务农",))

    outcome = decide(TABLE, inputs)

    assert outcome.reasons == (
        "第 5 步：伤害严重、未获赔偿、在册困难",
        "伤害程度：3（重伤二级）",
        "赔偿状态：NOT",
        "在册层级：1",
        "困难词：务农",
    )
    assert outcome.before[3] == "第 4 步（伤害较重且急需）不成立：急需：无"
    assert outcome.files == TABLE.names and f"PA v1 {TABLE.tree.digest[:12]}" in outcome.files


def test_an_age_is_told_as_a_band_only() -> None:
    outcome = decide(TABLE, replace(PLAIN, charge_model=FRAUD, harm=1, tier=1, age=67))

    assert "案发时年龄：60 岁以上" in outcome.reasons
    assert "67" not in "".join((*outcome.reasons, *outcome.before, *outcome.inputs.values()))


@pytest.mark.parametrize(
    ("model", "happened", "level"),
    [
        (ASSAULT, Injury("死亡", 0, 40), 3),
        (ASSAULT, Injury("重伤一级", 0, 40), 3),
        (RAPE, Injury("重伤二级", 0, 40), 3),
        (RAPE, Injury("", 0, 17), 3),
        (RAPE, Injury("", 0, 18), 2),
        (RAPE, Injury("轻微伤", 0, None), 2),
        (INDECENCY, Injury("", 0, None, minor=True), 3),
        (INDECENCY, Injury("", 0, 38, minor=True), 2),
        (ASSAULT, Injury("轻伤一级", 0, 10), 2),
        (ABUSE, Injury("", 0, 10), 2),
        (FRAUD, Injury("", 50_000, 40), 2),
        (FRAUD, Injury("", 49_999, 40), 1),
        (FRAUD, Injury("", 0, 40), 0),
        (ASSAULT, Injury("轻伤二级", 0, 40), 1),
        (ASSAULT, Injury("轻微伤", 60_000, 40), 2),
        (ASSAULT, Injury("无", 0, 40), 0),
    ],
)
def test_harm_is_the_first_rule_that_fits(model: object, happened: Injury, level: int) -> None:
    assert harm_of(TABLE, model, happened)[0] == level  # type: ignore[arg-type]


def test_exclusion_is_fault_or_a_waiver() -> None:
    assert exclusion(TABLE, fault="全部责任", remarks=("",)) == "全部责任"
    assert exclusion(TABLE, fault="次要责任", remarks=("被害人自愿放弃赔偿请求",)) == "放弃赔偿"
    assert exclusion(TABLE, fault="同等责任", remarks=("", "另行起诉")) == ""


def test_words_count_once_and_literally() -> None:
    assert words_in("其务农，务农收入低，负债。", ("负债", "务农", "住院")) == ("负债", "务农")


def test_a_birthday_counts_from_its_day() -> None:
    assert [age_at(date(2026, 3, day), date(2008, 3, 2)) for day in (1, 2)] == [17, 18]


def test_the_graver_colour_wins_and_of_equal_ones_the_earlier_step() -> None:
    red, yellow, later = (decide(TABLE, replace(PLAIN, harm=h, tier=g)) for h, g in ((3, 2), (1, 1), (3, 0)))
    assert graver(yellow, red) is red
    assert graver(later, yellow) is yellow


def disagreements(county: Path, table: ColourTable, *, ageless: bool = True) -> tuple[int, list[str]]:
    """Return how many rows of a county's colour truth were decided, and what differs, given its tags and states.

    Without `ageless`, persons whose age no row of ours tells are left out.
    """
    truth, file = Truth(county), read_cases(county / "procuratorate", standard_preset()).file
    facts = LocalFacts(file, truth.person_of(file), truth.compensation(file))
    creditors = listed(truth, {"ENF_CRED"}, tag="ENF_UNPAID")
    aided = listed(truth, {"COURT_AID", "PSB_AID", "JB_AID"}) | facts.own_aided()
    faults: list[str] = []
    number = 0
    for row in read(county / "truth" / "pa_colours.csv"):
        ref = RowRef(Source.PARTIES, row["case_no"], row["party_row"])
        tags = frozenset(filter(None, row["tags"].split(";")))
        proven = Proven(tags, creditor=row["person"] in creditors, aided=row["person"] in aided)
        inputs = inputs_of(facts, table, ref, proven)
        assert inputs is not None
        if inputs.age is None and not ageless:
            continue
        outcome = decide(table, inputs)
        got = {k: outcome.inputs[k] for k in TRUTH_KEYS} | {"already_aided": outcome.inputs["aided"]}
        got |= {"step": str(outcome.step), "colour": outcome.colour.value}
        number += 1
        faults += [f"{ref.row} {k}: {v}, not {row[k]}" for k, v in got.items() if row[k] != v]
    return number, faults


def listed(truth: Truth, registers: set[str], *, tag: str = "") -> set[str]:
    """Return the persons with an active row in the newest snapshot of some registers."""
    current = (r for r in truth.rows if r["current"] == "1" and r["active"] == "1" and r["register"] in registers)
    return {r["person"] for r in current if r["tags"] and (not tag or tag in r["tags"].split(";"))}


def test_every_input_and_step_of_the_countys_truth_is_the_same(county: Path) -> None:
    if not (county / "truth" / "pa_colours.csv").is_file():
        pytest.skip("this county has no colour truth")

    number, faults = disagreements(county, TABLE)

    assert number > 1000 and faults == []


@pytest.mark.parametrize("profile", ["normal", "harsh"])
def test_every_input_and_step_of_a_generated_countys_truth_is_the_same(tmp_path: Path, profile: str) -> None:
    generate_county(tmp_path / "county", seed=77, population=3000, profile=profile)

    number, faults = disagreements(tmp_path / "county", TABLE, ageless=profile == "normal")

    assert number > 100 and faults == []
