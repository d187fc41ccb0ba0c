"""Deny by default: every condition of a rule is needed, and a refusal says which one failed and whose."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agency_node.policy import evaluate, examine, examine_release
from agency_node.policy_file import load_policy, parse_policy
from agency_node.policy_rules import AllowRule, PastApproval, Policy, PolicyContext, ReleaseRule
from agency_node.rows import PopulationFacts
from linkage.errors import ConfigError
from linkage.owner.choice import Approve, Refuse, Wait
from linkage.plan import parse_plan
from linkage.warrant import Asked, Limits, ModelWarrant, Overlap, PopulationSpec, RoundWarrant

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
EXAMPLE = Path(__file__).resolve().parents[2] / "agency_node" / "policy.example.toml"
RULE = AllowRule(
    name="司法救助",
    requesters=frozenset({"procuratorate"}),
    purposes=frozenset({"司法救助线索筛查"}),
    models=frozenset({"M1"}),
    datasets=frozenset({"dibao"}),
    fields=frozenset({"name", "id"}),
    mode="auto",
    valid_until=date(2027, 12, 31),
    tags=frozenset({"DIBAO"}),
    min_rows=50,
    min_anchor_rows=50,
    per_day=2,
    per_30_days=3,
)
DIBAO = PopulationSpec("dibao", "civil", "dibao", "低保对象", payload=True)


def said(*specs: PopulationSpec, people: int = 100, new: int = 50, **changes: Any) -> Overlap:
    stated = Overlap(90, 20, (), tuple(Asked(spec.id, people, new) for spec in specs), "0" * 64)
    return replace(stated, **changes)


def warrant(*specs: PopulationSpec, plans: dict[str, Any] | None = None, **changes: Any) -> RoundWarrant:
    populations = specs or (DIBAO,)
    asked: dict[str, Any] = plans or {"M1": {"all": [p.id for p in populations]}}
    values: dict[str, Any] = {
        "version": 1,
        "round_id": "ab" * 16,
        "consortium": "county",
        "requester": "procuratorate",
        "purpose": "司法救助线索筛查",
        "legal_basis": ("rule",),
        "reference": "2026-1",
        "approved_by": ("甲", "乙"),
        "models": tuple(ModelWarrant(m, 1, m, "0" * 64, "a", parse_plan(p)) for m, p in asked.items()),
        "populations": (PopulationSpec("anchors", "procuratorate", "parties", "当事人", anchor=True), *populations),
        "anchor_sets": ("a",),
        "schema_id": "person-v1",
        "schema_digest": "0" * 64,
        "epoch": 1,
        "kcv": "0" * 16,
        "limits": Limits(50, 50, 100_000, 1000),
        "recipient_key": "key",
        "issued_at": "2026-11-01T00:00:00Z",
        "expires_at": "2026-11-30T00:00:00Z",
        "overlap": said(*populations),
    }
    return RoundWarrant(**values | changes)


def context(*specs: PopulationSpec, rows: int = 100, **changes: Any) -> PolicyContext:
    facts = {s.id: PopulationFacts(rows, rows, tags=frozenset({"DIBAO"})) for s in specs or (DIBAO,)}
    return replace(PolicyContext(NOW, facts), **changes)


def answer(asked: RoundWarrant, *rules: AllowRule, given: PolicyContext | None = None) -> Any:
    return evaluate(Policy(rules or (RULE,)), asked, given or context(), owner="civil")


def test_a_rule_that_fits_approves_by_itself() -> None:
    assert answer(warrant()) == Approve("policy")


def test_a_rule_may_want_an_operator() -> None:
    assert isinstance(answer(warrant(), replace(RULE, mode="operator")), Wait)


def test_a_rule_that_decides_by_itself_goes_before_one_that_wants_an_operator() -> None:
    by_hand = replace(RULE, name="人工", mode="operator")

    assert answer(warrant(), by_hand, RULE) == Approve("policy")


def test_an_empty_policy_refuses_everything() -> None:
    found = evaluate(Policy(), warrant(), context(), owner="civil")

    assert isinstance(found, Refuse) and "dibao" in found.reason and "no rule mentions" in found.reason


def test_a_missing_policy_file_refuses_everything(tmp_path: Path) -> None:
    assert load_policy(tmp_path / "policy.toml") == Policy()


def many(count: int, days: int) -> PolicyContext:
    at = NOW - timedelta(days=days, hours=-1)
    return context(past=(PastApproval("procuratorate", frozenset({"dibao"}), at),) * count)


REFUSED: dict[str, tuple[RoundWarrant, AllowRule, PolicyContext]] = {
    "requester procuratorate is not listed": (warrant(), replace(RULE, requesters=frozenset({"other"})), context()),
    "the purpose is not listed": (warrant(purpose="别的目的"), RULE, context()),
    "model M9 is not listed": (warrant(plans={"M9": {"all": ["dibao"]}}), RULE, context()),
    "the rule ended on 2026-11-01": (warrant(), replace(RULE, valid_until=date(2026, 11, 1)), context()),
    "only classes ['DIBAO'] are allowed": (warrant(), replace(RULE, classes=frozenset({"DIBAO"})), context()),
    "changes are not allowed": (warrant(replace(DIBAO, change="gained")), RULE, context()),
    "document numbers are not allowed": (warrant(replace(DIBAO, context=True)), RULE, context()),
    "there is no register of this population": (warrant(), RULE, PolicyContext(NOW, {})),
    "we have fewer than 50 rows": (warrant(), RULE, context(rows=49)),
    "more rows than the warrant allows": (warrant(limits=Limits(50, 50, 60, 10)), RULE, context()),
    "at least 50 anchor rows": (warrant(limits=Limits(49, 50, 1000, 10)), RULE, context()),
    "payload tags ['DIBAO'] are not allowed": (warrant(), replace(RULE, tags=frozenset()), context()),
    "2 rounds were approved within a day": (warrant(), RULE, many(2, 1)),
    "3 rounds were approved within thirty days": (warrant(), RULE, many(3, 30)),
    "allow no common field": (warrant(), replace(RULE, fields=frozenset()), context()),
    "no model uses this population": (
        warrant(DIBAO, replace(DIBAO, id="spare"), plans={"M1": {"all": ["dibao"]}}),
        RULE,
        context(DIBAO, replace(DIBAO, id="spare")),
    ),
}


@pytest.mark.parametrize("reason", list(REFUSED))
def test_every_condition_of_a_rule_is_needed_and_the_refusal_names_it(reason: str) -> None:
    asked, rule, given = REFUSED[reason]

    found = answer(asked, rule, given=given)

    assert isinstance(found, Refuse) and reason in found.reason and "dibao" in found.reason


def test_a_change_set_may_be_small_when_its_register_is_not() -> None:
    spec = replace(DIBAO, change="gained", change_since="previous")
    given = context(facts={"dibao": PopulationFacts(3, 100, tags=frozenset({"DIBAO"}))})

    assert answer(warrant(spec), replace(RULE, changes=True), given=given) == Approve("policy")


def test_every_population_must_be_allowed() -> None:
    tekun = PopulationSpec("tekun", "civil", "tekun", "特困")
    found = answer(warrant(DIBAO, tekun), given=context(DIBAO, tekun))

    assert isinstance(found, Refuse) and "tekun" in found.reason


def test_every_model_that_uses_a_population_must_be_allowed() -> None:
    plans = {"M1": {"all": ["dibao"]}, "M2": {"none": ["dibao"]}}

    assert isinstance(answer(warrant(plans=plans)), Refuse)
    assert answer(warrant(plans=plans), RULE, replace(RULE, models=frozenset({"M2"}))) == Approve("policy")


def test_another_owners_population_is_not_ours_to_judge() -> None:
    theirs = PopulationSpec("dis", "disabled", "disabled", "残疾人")

    assert answer(warrant(DIBAO, theirs)) == Approve("policy")


def test_a_grant_holds_only_what_every_needed_rule_allows() -> None:
    plans = {"M1": {"all": ["dibao"]}, "M2": {"all": ["dibao"]}}
    wider = replace(RULE, name="宽", models=frozenset({"M2"}), fields=frozenset({"id", "phone"}))
    found = examine(Policy((RULE, wider)), warrant(plans=plans), context(), owner="civil")

    assert found.grants["dibao"].fields == {"id"}
    assert found.grants["dibao"].rules == ("司法救助", "宽")


def test_a_filter_by_class_satisfies_a_rule_about_classes() -> None:
    spec = replace(DIBAO, classes=("DIBAO",))

    assert answer(warrant(spec), replace(RULE, classes=frozenset({"DIBAO"}))) == Approve("policy")


def test_another_requesters_rounds_do_not_use_up_this_ones() -> None:
    past = (PastApproval("elsewhere", frozenset({"dibao"}), NOW),) * 9

    assert answer(warrant(), given=context(past=past)) == Approve("policy")


RELEASE = ReleaseRule(
    name="核实",
    requesters=frozenset({"procuratorate"}),
    datasets=frozenset({"dibao"}),
    fields=frozenset({"kind", "start"}),
    mode="auto",
    valid_until=date(2027, 1, 1),
    per_day=2,
)


def release(*rules: ReleaseRule, fields: tuple[str, ...] = ("kind", "phone"), **changes: Any) -> Any:
    asked: dict[str, Any] = {"requester": "procuratorate", "dataset": "dibao", "now": NOW, "given_today": 0}
    asked |= changes
    return examine_release(Policy(release=rules), **{"fields": fields} | asked)


def test_a_release_gives_the_allowed_fields_only() -> None:
    assert (release(RELEASE).choice, release(RELEASE).fields) == (Approve("policy"), ("kind",))


@pytest.mark.parametrize(
    ("rules", "changes"),
    [
        ((), {}),
        ((RELEASE,), {"requester": "other"}),
        ((RELEASE,), {"dataset": "tekun"}),
        ((RELEASE,), {"fields": ("phone",)}),
        ((RELEASE,), {"given_today": 2}),
        ((RELEASE,), {"now": datetime(2027, 2, 1, tzinfo=UTC)}),
    ],
)
def test_a_release_no_rule_allows_is_refused(rules: tuple[ReleaseRule, ...], changes: dict[str, Any]) -> None:
    assert isinstance(release(*rules, **changes).choice, Refuse)


def test_a_release_may_want_an_operator() -> None:
    assert isinstance(release(replace(RELEASE, mode="operator")).choice, Wait)


def test_the_example_policy_can_be_read() -> None:
    found = parse_policy(EXAMPLE.read_text("utf-8"))

    assert (len(found.allow), len(found.release), found.allow[0].mode) == (1, 1, "operator")


GOOD = EXAMPLE.read_text("utf-8")
BAD = {
    "unknown key requestors": GOOD.replace("requesters", "requestors", 1),
    "mode is malformed": GOOD.replace('mode = "operator"', 'mode = "never"', 1),
    "valid_until is malformed": GOOD.replace('"2027-12-31"', '"2027-13-31"', 1),
    "min_rows is malformed": GOOD.replace("min_rows = 50", "min_rows = -1"),
    "changes is malformed": GOOD.replace("changes = true", 'changes = "yes"'),
    "purposes is missing": GOOD.replace('purposes = ["司法救助线索筛查"]', ""),
    "unknown field shoe": GOOD.replace('"phone"]', '"shoe"]'),
    "two rules are called": GOOD + GOOD[GOOD.index("[[allow]]") : GOOD.index("[budget]")],
    "[deny] unknown": GOOD + "\n[deny]\n",
    "not valid TOML": "[[allow",
}


@pytest.mark.parametrize("fault", list(BAD))
def test_a_policy_with_a_fault_allows_nothing_and_says_what_is_wrong(fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_policy(BAD[fault])

    assert fault in caught.value.en


def test_every_fault_of_a_policy_is_reported_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_policy(BAD["mode is malformed"].replace("min_rows = 50", 'min_rows = "x"'))

    assert "mode is malformed" in caught.value.en and "min_rows is malformed" in caught.value.en
