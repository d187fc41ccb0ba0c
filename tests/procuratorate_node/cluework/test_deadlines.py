"""Deadlines and advice are data: strictly read, all faults at once, and every state of the machine is known."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from linkage.errors import ConfigError
from procuratorate_node.clues import Clue
from procuratorate_node.cluework.advice import advise, load_advice, parse_advice
from procuratorate_node.cluework.deadlines import PHASES, load_deadlines, local_day, missing_text, parse_deadlines
from procuratorate_node.working_days import shipped_calendar

HEAD = """
[table]
id = "t"
version = 1
title_zh = "t"
title_en = "t"
status = "draft"
valid_from = 2022-01-01
source = "t"
"""
RULE = '[[deadlines]]\nphase = "review"\ndays = 10\nzh = "a"\nen = "b"\nsource = "s"\n'
ROW = '[[advice]]\nmoment = "m"\nzh = "a"\nen = "b"\nsource = "s"\nstages = ["审查逮捕"]\n'


def test_every_state_but_the_ends_has_a_deadline() -> None:
    assert PHASES - set(load_deadlines(None).rules) == {"deferred", "rejected", "closed"}


@pytest.mark.parametrize(("red", "day"), [(False, date(2026, 11, 16)), (True, date(2026, 11, 5))])
def test_a_red_clue_is_due_sooner(red: bool, day: date) -> None:
    due = load_deadlines(None).due("review", red=red, since=date(2026, 11, 2), calendar=shipped_calendar())

    assert due is not None and (due.day, due.missing, due.text) == (day, (), str(day))


def test_no_deadline_runs_in_an_end_state() -> None:
    assert load_deadlines(None).due("closed", red=True, since=date(2026, 11, 2), calendar=shipped_calendar()) is None


def test_the_day_is_the_day_in_china() -> None:
    assert local_day(datetime(2026, 10, 31, 16, 30, tzinfo=UTC)) == date(2026, 11, 1)


def test_missing_years_are_named_once_with_what_to_do() -> None:
    assert "2027、2028" in missing_text([2028, 2027, 2027]) and "[office] holidays" in missing_text([2027])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (RULE.replace("review", "reviewed"), "phase is one of"),
        (RULE.replace("days = 10", "days = 0"), "days is above 0"),
        (RULE + RULE, "a phase stands twice"),
        (RULE + "more = 1\n", "unknown key more"),
        ("[other]\n" + RULE, "unknown section other"),
    ],
)
def test_a_wrong_table_of_deadlines_is_refused(text: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        parse_deadlines((HEAD + text).encode(), name="d.toml")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (ROW.replace('stages = ["审查逮捕"]', ""), "fit every clue"),
        (ROW + 'colours = ["blue"]\n', "words of the clues"),
        (ROW + ROW, "a moment stands twice"),
    ],
)
def test_a_wrong_table_of_advice_is_refused(text: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        parse_advice((HEAD + text).encode(), name="a.toml")


def test_an_office_brings_its_own_tables(tmp_path: Path) -> None:
    (tmp_path / "d.toml").write_text(HEAD + RULE, "utf-8")

    assert set(load_deadlines(tmp_path / "d.toml").rules) == {"review"}
    with pytest.raises(ConfigError, match="cannot read"):
        load_advice(tmp_path / "none.toml")


def masked(stage: str, *, colour: str = "yellow", compensation: str = "NOT") -> Clue:
    facts = {"stage": stage, "compensation": compensation}
    return Clue("k", "PA", "c", "person", (), (), "yes", "A", (), (), facts, colouring={"colour": colour})


@pytest.mark.parametrize(
    ("clue", "moments"),
    [
        (masked("审查逮捕"), ["arrest"]),
        (masked("审查逮捕", colour="red"), ["now", "arrest"]),
        (masked("已判决"), ["judged"]),
        (masked("已判决", compensation="FULL"), ["judged-paid"]),
        (masked("执行监督"), ["enforcement"]),
        (masked("涉法涉诉信访"), ["petition"]),
        (masked("其他"), []),
    ],
)
def test_advice_follows_stage_colour_and_compensation(clue: Clue, moments: list[str]) -> None:
    assert [row.moment for row in advise(clue, load_advice(None))] == moments
