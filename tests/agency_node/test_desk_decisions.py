"""What the desk stores and says of a warrant: preview without values, grants, operators' decisions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from agency_node.decisions import DecisionState
from linkage.errors import NotFoundError, PolicyRefusal, RoundStateError
from linkage.normalise import normalise
from linkage.owner.choice import Approve, Refuse, Wait
from linkage.plan import parse_plan
from linkage.warrant import ModelWarrant, PopulationSpec

BY_HAND = ('mode = "auto"', 'mode = "operator"')


def asked(agency: Any, **changes: Any) -> Any:
    return agency.town.verified(agency.town.warrant(**changes))


def by_hand(agency: Any) -> None:
    agency.write_policy(agency.config.policy.read_text("utf-8").replace(*BY_HAND))


def test_what_the_policy_allows_is_approved_and_remembered(agency: Any) -> None:
    desk, _, decisions = agency.open()
    verified = asked(agency)

    assert desk.decide(verified) == Approve("policy")
    assert decisions.find(verified.round_id).grants["dibao"].fields == {"name", "birth", "sex", "address"}


def test_only_the_granted_fields_reach_the_encoder(agency: Any) -> None:
    desk, _, _ = agency.open()
    verified = asked(agency)
    desk.decide(verified)

    found = desk.rows(verified.warrant, verified.own[0])
    rows = [row.person for row in found.rows]
    people = [normalise(raw, as_of=found.as_of) for raw in rows]

    assert len(rows) == 30
    assert {(raw.phone, raw.id_number) for raw in rows} == {("", "")}
    assert all(person.village and person.birth.compact() for person in people)


def test_rows_of_a_round_that_was_not_approved_are_refused(agency: Any) -> None:
    by_hand(agency)
    desk, _, _ = agency.open()
    verified = asked(agency)
    desk.decide(verified)

    with pytest.raises(PolicyRefusal):
        desk.rows(verified.warrant, verified.own[0])


def test_an_operators_yes_and_no_are_taken_from_another_process(agency: Any) -> None:
    by_hand(agency)
    desk, _, _ = agency.open()
    first, second = asked(agency), asked(agency)
    assert isinstance(desk.decide(first), Wait) and isinstance(desk.decide(second), Wait)

    _, _, elsewhere = agency.open()
    elsewhere.decide(first.round_id, DecisionState.APPROVED, by="值班员甲", reason="", at=agency.town.moment)
    elsewhere.decide(second.round_id, DecisionState.REFUSED, by="值班员甲", reason="材料不全", at=agency.town.moment)

    assert desk.decide(first) == Approve("值班员甲")
    assert desk.decide(second) == Refuse("材料不全", "值班员甲")


def test_a_round_is_decided_once(agency: Any) -> None:
    desk, _, decisions = agency.open()
    verified = asked(agency)
    desk.decide(verified)

    with pytest.raises(RoundStateError):
        decisions.decide(
            verified.round_id, DecisionState.REFUSED, by="值班员甲", reason="改主意", at=agency.town.moment
        )


def test_an_expired_round_is_not_decided_any_more(agency: Any) -> None:
    by_hand(agency)
    desk, _, decisions = agency.open()
    verified = asked(agency)
    desk.decide(verified)

    with pytest.raises(RoundStateError):
        at = agency.town.moment + timedelta(days=9)
        decisions.decide(verified.round_id, DecisionState.APPROVED, by="值班员甲", reason="", at=at)


@pytest.mark.parametrize("prefix", ["", "zz", "%"])
def test_a_round_is_named_by_an_unmistakable_beginning(agency: Any, prefix: str) -> None:
    desk, _, decisions = agency.open()
    verified = asked(agency)
    desk.decide(verified)

    assert decisions.named(verified.round_id[:8]).round_id == verified.round_id
    with pytest.raises(NotFoundError):
        decisions.named(prefix)


def test_past_approvals_count_against_the_policys_limits(agency: Any) -> None:
    desk, _, _ = agency.open()
    answers = [desk.decide(asked(agency)) for _ in range(4)]

    assert [isinstance(a, Approve) for a in answers] == [True, True, True, False]
    assert "within a day" in getattr(answers[3], "reason", "")


def test_a_change_of_the_policy_counts_for_the_next_warrant(agency: Any) -> None:
    desk, _, _ = agency.open()
    agency.write_policy("")

    assert isinstance(desk.decide(asked(agency)), Refuse)


def test_a_dataset_without_a_register_is_refused(agency: Any) -> None:
    populations = (
        PopulationSpec("anchors", "procuratorate", "parties", "当事人", anchor=True),
        PopulationSpec("tekun", "civil", "tekun", "特困"),
    )
    models = (ModelWarrant("M1", 1, "模型一", "0" * 64, "victims", parse_plan({"all": ["tekun"]})),)
    agency.write_policy(agency.config.policy.read_text("utf-8").replace('["dibao"]', '["dibao", "tekun"]'))
    desk, _, _ = agency.open()

    found = desk.decide(asked(agency, populations=populations, models=models))

    assert isinstance(found, Refuse) and "no register" in found.reason


def test_the_preview_says_who_why_what_and_how_many(agency: Any) -> None:
    by_hand(agency)
    desk, _, decisions = agency.open()
    verified = asked(agency)
    desk.decide(verified)
    text = decisions.find(verified.round_id).preview

    said = ["检察院（procuratorate）", "司法救助线索筛查", "rule-1", "2026-1", "甲、乙", "现在的行数 rows now：30"]
    said += ["姓名（30 行有）", "“持证残疾人”（disabled） 并且 （不在其中任何一个：“低保对象”（civil））"]
    said += ["依据规则 allowed by：司法救助", "要求人工批准", verified.digest.hex(), verified.warrant.expires_at]
    assert [part for part in said if part not in text] == []
    assert "电话" not in text  # The rule does not allow it, so it would not be encoded.


def test_the_preview_of_a_refused_round_says_what_would_satisfy_the_policy(agency: Any) -> None:
    desk, _, decisions = agency.open()
    verified = asked(agency, purpose="别的目的")
    desk.decide(verified)

    assert "目的不在允许之列" in decisions.find(verified.round_id).preview


def test_neither_preview_nor_database_holds_a_value_of_a_row(agency: Any, name_of: Callable[[int], str]) -> None:
    desk, office, _ = agency.open()
    desk.decide(asked(agency))
    office.book.engine.dispose()
    held = b"".join(file.read_bytes() for file in agency.folder.iterdir() if file.name.startswith("node.db"))

    assert [i for i in range(30) if name_of(i).encode() in held] == []
    assert "低保对象" in held.decode("utf-8", "ignore")
