"""What a round asks, as data and as a drawing: steps of set plans, estimates, who is meant by an anchor rule."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from linkage.plan import parse_plan
from linkage.warrant import PopulationSpec
from procuratorate_node.anchor_words import rule_words
from procuratorate_node.model import AnchorRule, shipped_models
from procuratorate_node.rounds.asking import Asking, RegisterAsked, SetStep, steps_of, steps_of_model
from procuratorate_node.workbench.screening.diagram import PER_LINE, draw_steps

DIBAO = RegisterAsked("民政局", PopulationSpec("dibao", "civil", "dibao", "低保对象"), ("SX-1",), 30, 5, 1200)


def test_a_plan_becomes_steps_that_keep_or_drop() -> None:
    plan = parse_plan({"all": ["a", {"any": ["b", "c"]}], "none": ["d"]})

    assert steps_of(plan, str.upper) == (
        SetStep(True, ("A",)),
        SetStep(True, ("B", "C")),
        SetStep(False, ("D",)),
    )


def test_what_nests_deeper_than_a_step_stands_in_words() -> None:
    plan = parse_plan({"any": ["a", {"all": ["b", "c"]}]})

    assert steps_of(plan, str.upper) == (SetStep(True, ("A", "B 并且 C")),)


@pytest.mark.parametrize("model", shipped_models(), ids=lambda m: m.id)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_model_is_drawn_with_a_title_every_register_and_no_line_too_long(model: object, language: str) -> None:
    steps = steps_of_model(model)  # type: ignore[arg-type]  # Parametrized over ScreeningModel.
    drawn = ElementTree.fromstring(str(draw_steps(steps, language)))
    texts = [element.text or "" for element in drawn.iter("text")]

    assert drawn.find("title") is not None and drawn.find("desc") is not None
    assert len(list(drawn.iter("circle"))) == 2 * len(steps) and len(list(drawn.iter("path"))) == len(steps)
    assert all(re.sub("、", "", title) in re.sub("、", "", "".join(texts)) for step in steps for title in step.titles)
    assert max(map(len, texts)) <= PER_LINE
    assert 'style="' not in str(draw_steps(steps, language)), "the content policy blocks style attributes"


def test_an_estimate_is_told_only_where_both_sides_are_known() -> None:
    unknown = replace(DIBAO, rows=None)

    assert (DIBAO.comparisons, unknown.comparisons, replace(DIBAO, people=None).comparisons) == (36_000, None, None)
    assert Asking((), (DIBAO, DIBAO)).comparisons == 72_000
    assert Asking((), (DIBAO, unknown)).comparisons is None
    assert Asking((), (DIBAO, unknown)).unknown == (unknown,)


def test_an_anchor_rule_names_every_condition_in_both_languages() -> None:
    rule = AnchorRule(
        "parties", roles=("被害人",), compensation_not=("FULL",), age_below=18, accepted_from="2026-01-01"
    )
    zh, en = rule_words(rule)

    assert zh == "案件当事人；角色 被害人；不含已全部赔偿的；年龄不满 18；受理日期自 2026-01-01"
    assert en == "parties of cases; role 被害人; but not paid in full; age below 18; accepted from 2026-01-01"
