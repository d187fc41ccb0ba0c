"""Conditions of art. 7, exclusions of art. 8 and the scope lines: when a case is eligible."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from linkage.errors import InputError
from procuratorate_node.relief.checklist import Answer, Checklist, fill_checklist
from tests.procuratorate_node.relief.conftest import DAY, FATAL, MET, tables

RULES = tables().on(DAY, region="example").rules


def filled(**answers: str) -> Checklist:
    own = {code.replace("_", "-"): answer for code, answer in answers.items()}
    return fill_checklist(RULES, {**MET, **own}, FATAL, stopped=False)


def test_the_rules_have_seven_conditions_six_exclusions_and_cite_their_articles() -> None:
    conditions, exclusions = RULES.of_kind("condition"), RULES.of_kind("exclusion")

    assert [c.code for c in conditions] == [f"art7-{n}" for n in range(1, 8)]
    assert [c.code for c in exclusions] == [f"art8-{n}" for n in range(1, 7)]
    assert {RULES.source(c.source).en for c in conditions} == {"Rules, art. 7"}
    assert {RULES.source(c.source).en for c in exclusions} == {"Rules, art. 8"}
    assert all(i.zh and i.en for i in RULES.items)


def test_one_condition_without_exclusion_is_eligible() -> None:
    assert filled().eligible is Answer.YES
    assert filled().open == ()


@pytest.mark.parametrize("number", range(1, 8))
def test_any_one_condition_suffices(number: int) -> None:
    assert filled(**{"art7_3": "no", f"art7_{number}": "yes"}).eligible is Answer.YES


@pytest.mark.parametrize("number", range(1, 7))
def test_every_exclusion_stands_against_aid(number: int) -> None:
    made = filled(**{f"art8_{number}": "yes"})

    assert (made.eligible, made.only_excluded) == (Answer.NO, True)
    assert [n.item.code for n in made.exclusions] == [f"art8-{number}"]


@pytest.mark.parametrize("code", ["scope_1", "scope_2"])
def test_hardship_learnt_elsewhere_and_a_second_aid_are_refused_for_good(code: str) -> None:
    made = filled(**{code: "no"})

    assert (made.eligible, made.only_excluded) == (Answer.NO, False)


@pytest.mark.parametrize("code", ["scope_1", "scope_2", "art8_1", "art8_6"])
def test_an_open_line_leaves_it_open(code: str) -> None:
    made = filled(**{code: "unknown"})

    assert made.eligible is Answer.UNKNOWN
    assert [n.item.code for n in made.open] == [code.replace("_", "-")]


def test_no_condition_met_is_not_eligible_and_unanswered_ones_are_open() -> None:
    assert filled(**{f"art7_{n}": "no" for n in range(1, 8)}).eligible is Answer.NO
    assert filled(art7_3="unknown").eligible is Answer.UNKNOWN


def test_an_exclusion_beside_an_open_one_is_not_ready_for_a_departure() -> None:
    assert not filled(art8_1="yes", art8_2="unknown").only_excluded


def test_nothing_answered_is_undecided() -> None:
    assert fill_checklist(RULES, {}, FATAL, stopped=False).eligible is Answer.UNKNOWN


@pytest.mark.parametrize("answers", [{"art7-8": "yes"}, {"art7-1": "ja"}])
def test_strange_answers_are_refused(answers: dict[str, str]) -> None:
    with pytest.raises(InputError):
        fill_checklist(RULES, answers, FATAL, stopped=False)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(FATAL, fault="main"), "art8-1"),
        (replace(FATAL, tags=("SOCIAL_AIDED",)), "art8-6"),
        (replace(FATAL, paid=FATAL.award or Decimal(0)), "art8-6"),
        (replace(FATAL, tags=("JUD_AIDED",)), "scope-2"),
    ],
)
def test_the_facts_point_at_a_line_without_answering_it(facts: object, code: str) -> None:
    made = fill_checklist(RULES, MET, facts, stopped=False)  # type: ignore[arg-type]

    assert [n.item.code for n in made.lines if n.look_zh and n.look_en] == [code]
    assert made.eligible is Answer.YES
