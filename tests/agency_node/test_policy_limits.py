"""Query abuse is stopped at the owner: budgets, overlap, differencing by definition; from metadata and past answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agency_node.policy import evaluate
from agency_node.policy_rules import Budget, Definition, PastApproval, Policy
from linkage.owner.choice import Approve, Refuse
from linkage.warrant import Asked, Limits, Overlap
from tests.agency_node.test_policy import DIBAO, NOW, RULE, context, said, warrant

EARLIER = "cd" * 16
DEFAULT = Budget()
WIDE = replace(RULE, per_day=99, per_30_days=99, tags=frozenset({"DIBAO", "A", "B"}))


def past(*, hours: float = 1, requester: str = "procuratorate", **changes: Any) -> PastApproval:
    values: dict[str, Any] = {"purpose": "司法救助线索筛查", "reference": "2026-1"}
    values["definitions"] = frozenset({Definition.of(DIBAO)})
    at = NOW - timedelta(hours=hours)
    return PastApproval(requester, frozenset({"dibao"}), at, round_id=EARLIER, **values | changes)


def answer(asked: Any, *, rule: Any = WIDE, budget: Budget = DEFAULT, given: Any = None) -> Any:
    return evaluate(Policy((rule,), budget=budget), asked, given or context(), owner="civil")


def listing(*rounds: str, **changes: Any) -> Any:
    return warrant(overlap=said(DIBAO, rounds=rounds), **changes)


@pytest.mark.parametrize(
    ("budget", "hours", "reason"),
    [
        (Budget(office_per_day=1), 1, "office's budget"),
        (Budget(requester_per_day=1), 1, "requester's budget"),
        (Budget(purpose_per_30_days=1), 24 * 29, "purpose's budget"),
        (Budget(reference_per_30_days=1), 24 * 29, "campaign's budget"),
    ],
)
def test_a_budget_that_is_used_up_refuses_and_says_which(budget: Budget, hours: float, reason: str) -> None:
    given = context(past=(past(hours=hours),))

    found = answer(listing(EARLIER), budget=budget, given=given)

    assert isinstance(found, Refuse) and reason in found.reason
    assert answer(listing(EARLIER), given=given) == Approve("policy")


def test_another_purpose_case_or_requester_has_a_budget_of_its_own() -> None:
    budget = Budget(requester_per_day=1, purpose_per_30_days=1, reference_per_30_days=1)
    others = context(past=(past(requester="elsewhere"), past(hours=25, purpose="别的", reference="2026-9")))

    assert answer(listing(EARLIER), budget=budget, given=others) == Approve("policy")


def test_a_warrant_without_a_statement_of_overlap_is_refused() -> None:
    assert isinstance(answer(warrant(overlap=Overlap())), Refuse)
    assert answer(warrant(overlap=Overlap()), rule=replace(WIDE, overlap_days=0)) == Approve("policy")


@pytest.mark.parametrize("changes", [{"days": 89}, {"least": 19}])
def test_a_statement_that_promises_less_than_the_rule_wants_is_refused(changes: dict[str, int]) -> None:
    assert isinstance(answer(warrant(overlap=said(DIBAO, **changes))), Refuse)


@pytest.mark.parametrize("counts", [(19, 0), (100, 19), (1, 1)])
def test_fewer_people_than_the_rule_wants_are_refused_whatever_was_promised(counts: tuple[int, int]) -> None:
    stated = said(DIBAO)
    object.__setattr__(stated, "asked", (Asked("dibao", *counts),))  # What a warrant itself would not take.
    asked = warrant()
    object.__setattr__(asked, "overlap", stated)

    assert isinstance(answer(asked), Refuse)


def test_a_statement_must_list_every_round_this_office_answered() -> None:
    given = context(past=(past(),))

    assert "leaves out a round" in answer(listing(), given=given).reason
    assert answer(listing(EARLIER), given=given) == Approve("policy")


def test_rounds_beyond_the_days_and_of_others_need_not_be_listed() -> None:
    given = context(past=(past(hours=24 * 91), past(requester="elsewhere")))

    assert answer(listing(), given=given) == Approve("policy")


def test_two_questions_may_not_differ_by_a_class_that_may_not_be_told() -> None:
    rule = replace(WIDE, tags=frozenset({"DIBAO", "A"}))
    common, both = replace(DIBAO, classes=("A",)), replace(DIBAO, classes=("A", "RARE"))
    asked = context(past=(past(definitions=frozenset({Definition.of(both)})),))

    found = answer(warrant(common, overlap=said(common, rounds=(EARLIER,))), rule=rule, given=asked)

    assert isinstance(found, Refuse) and "['RARE']" in found.reason
    allowed = replace(rule, tags=rule.tags | {"RARE"})
    assert answer(warrant(common, overlap=said(common, rounds=(EARLIER,))), rule=allowed, given=asked) == Approve(
        "policy"
    )


def test_the_same_holds_between_two_populations_of_one_warrant() -> None:
    rule = replace(WIDE, tags=frozenset({"DIBAO"}))
    whole, part = DIBAO, replace(DIBAO, id="part", classes=("RARE",))

    found = answer(warrant(whole, part), rule=rule, given=context(whole, part))

    assert isinstance(found, Refuse) and "RARE" in found.reason


def test_classes_that_do_not_overlap_differ_by_nothing() -> None:
    rule = replace(WIDE, tags=frozenset({"DIBAO"}))
    one, other = replace(DIBAO, classes=("A",)), replace(DIBAO, id="b", classes=("B",))

    assert answer(warrant(one, other), rule=rule, given=context(one, other)) == Approve("policy")


def test_questions_with_and_without_ended_rows_need_a_rule_that_allows_changes() -> None:
    ended = replace(DIBAO, active_only=False)
    given = context(past=(past(definitions=frozenset({Definition.of(ended)})),))

    assert isinstance(answer(listing(EARLIER), given=given), Refuse)
    assert answer(listing(EARLIER), rule=replace(WIDE, changes=True), given=given) == Approve("policy")


def test_too_many_different_questions_about_one_dataset_are_refused() -> None:
    rule = replace(WIDE, definitions=2, changes=True)
    months = (replace(DIBAO, snapshot=month) for month in ("202601", "202602"))
    given = context(past=(past(definitions=frozenset(map(Definition.of, months))),))

    found = answer(listing(EARLIER), rule=rule, given=given)

    assert isinstance(found, Refuse) and "other questions" in found.reason


def test_a_warrant_must_cap_the_share_of_the_register() -> None:
    found = answer(warrant(limits=Limits(50, 50, 100_000, 1000, max_share=21)))

    assert isinstance(found, Refuse) and "20 % of our rows" in found.reason


def test_a_refusal_says_the_same_whatever_the_rows_hold() -> None:
    def refusal(rows: int) -> Any:
        return answer(warrant(overlap=Overlap()), given=context(rows=rows))

    assert refusal(100) == refusal(99_999)
