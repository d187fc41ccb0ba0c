from __future__ import annotations

from typing import Any

import pytest

from linkage.owner.disclosure import models_in_words, models_using
from linkage.plan import parse_plan
from linkage.warrant import ModelWarrant


@pytest.mark.parametrize(
    ("plan", "zh", "en"),
    [
        ({"all": ["dis"]}, "“持证残疾人”（disabled）", "“持证残疾人” of disabled"),
        (
            {"all": ["dis"], "none": ["dibao"]},
            "“持证残疾人”（disabled） 并且 （不在其中任何一个：“低保对象”（civil））",
            "“持证残疾人” of disabled and (in none of: “低保对象” of civil)",
        ),
        (
            {"any": ["dis", {"all": ["dibao", "@victims"]}]},
            "“持证残疾人”（disabled） 或者 （“低保对象”（civil） 并且 锚点集合 victims）",
            "“持证残疾人” of disabled or (“低保对象” of civil and anchor set victims)",
        ),
    ],
)
def test_a_plan_is_said_in_both_languages(town: Any, plan: dict[str, Any], zh: str, en: str) -> None:
    used = frozenset(leaf for leaf in parse_plan(plan).leaves() if not leaf.startswith("@"))
    populations = tuple(p for p in town.warrant().populations if p.anchor or p.id in used)
    model = ModelWarrant("M1", 2, "模型一", "0" * 64, "victims", parse_plan(plan))
    (words,) = models_in_words(town.warrant(models=(model,), populations=populations))

    assert (words.plan_zh, words.plan_en, words.populations) == (zh, en, used)


def test_a_negated_population_is_marked(town: Any) -> None:
    (words,) = models_in_words(town.warrant())

    assert words.negative == {"dibao"}


def test_the_anchors_serve_every_model(town: Any) -> None:
    warrant = town.warrant()

    assert [models_using(warrant, spec) for spec in warrant.populations] == [("M1",)] * 3
