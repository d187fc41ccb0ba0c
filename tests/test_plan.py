"""Laws of the three-valued set plans."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.errors import ConfigError
from linkage.plan import SetPlan, Verdict, describe_plan, parse_plan

LEAVES = ["a", "b", "@c"]
plans = st.recursive(
    st.builds(
        SetPlan,
        st.sampled_from(["all", "any", "none"]),
        st.lists(st.sampled_from(LEAVES), min_size=1, max_size=3).map(tuple),
    ),
    lambda inner: st.builds(
        SetPlan,
        st.sampled_from(["all", "any", "none"]),
        st.lists(st.one_of(st.sampled_from(LEAVES), inner), min_size=1, max_size=2).map(tuple),
    ),
    max_leaves=4,
).filter(lambda p: p.depth() <= 6)
verdicts = st.fixed_dictionaries({leaf: st.sampled_from(Verdict) for leaf in LEAVES})


@given(plans, verdicts)
def test_cannot_tell_is_given_exactly_when_it_is_not_decided_by_both_completions(
    plan: SetPlan, known: dict[str, Verdict]
) -> None:
    """Strong Kleene logic may keep CANNOT_TELL where a leaf repeats, but never decides against a completion."""
    value = plan.evaluate(known.__getitem__)
    open_leaves = [leaf for leaf, v in known.items() if v is Verdict.CANNOT_TELL]
    completions = {
        plan.evaluate({**known, **dict(zip(open_leaves, values, strict=True))}.__getitem__)
        for values in itertools.product([Verdict.NO, Verdict.YES], repeat=len(open_leaves))
    }
    if value is not Verdict.CANNOT_TELL:
        assert completions == {value}


@given(plans)
def test_a_plan_survives_its_json(plan: SetPlan) -> None:
    assert parse_plan(plan.to_json()) == plan


def test_a_difference_with_an_uncertain_link_is_cannot_tell() -> None:
    plan = parse_plan({"all": ["aided"], "none": ["social"]})
    known = {"aided": Verdict.YES, "social": Verdict.CANNOT_TELL}
    assert plan.evaluate(known.__getitem__) is Verdict.CANNOT_TELL


def test_negative_leaves_are_those_under_an_odd_number_of_none() -> None:
    plan = parse_plan({"all": ["a", {"none": ["b", {"none": ["c"]}]}]})
    assert list(plan.negative_leaves()) == ["b"]


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        {"all": []},
        {"all": "a"},
        {"xor": ["a"]},
        {"all": ["a"], "extra": []},
        {"all": [{"all": [{"all": [{"all": [{"all": [{"all": [{"all": ["a"]}]}]}]}]}]}]},
        {"any": [f"p{i}" for i in range(65)]},
    ],
)
def test_a_bad_plan_is_refused(data: object) -> None:
    with pytest.raises(ConfigError):
        parse_plan(data)


def test_a_plan_is_said_in_words() -> None:
    plan = parse_plan({"all": ["@v", {"any": ["a", "b"]}], "none": ["c"]})
    assert "不在其中任何一个" in describe_plan(plan, title_of=lambda leaf: f"「{leaf}」")
