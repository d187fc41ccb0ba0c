"""One row, the allowed fields, only while the round lives."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

import pytest

from agency_node.releases import Releases
from agency_node.rows import find_row
from linkage.errors import InputError, RoundStateError
from linkage.owner.contents import ReleaseAnswer, ReleaseRequest
from linkage.owner.erasing import erase_round
from linkage.owner.events import take_event
from linkage.owner.relays import RelayHead, make_relay, open_relay
from linkage.owner.work import Worker
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.warrant import LABEL_WARRANT


def work(office: Any, unit: Any) -> None:
    Worker(office, unit, stop=threading.Event()).work()


def delivered(agency: Any) -> tuple[Any, Any]:
    """Return an agency's office and a warrant whose round was uploaded and delivered."""
    town, (_, office, _) = agency.town, agency.open()
    warrant = town.warrant()
    envelope = town.sign("procuratorate", LABEL_WARRANT, warrant.to_bytes())
    take_event(office, pb.Event(round_id=warrant.round_id, warrant=pb.SignedDocument(envelope=envelope)))
    work(office, agency.unit)
    own = office.book.round(warrant.round_id).decision
    decisions = [own if o == "civil" else town.approval(warrant, o) for o in warrant.owners]
    consents = pb.Consents(
        warrant=pb.SignedDocument(envelope=envelope), decisions=[pb.SignedDocument(envelope=d) for d in decisions]
    )
    take_event(office, pb.Event(round_id=warrant.round_id, consents=consents))
    work(office, agency.unit)
    status = pb.RoundStatus(round_id=warrant.round_id, state="DELIVERED")
    take_event(office, pb.Event(round_id=warrant.round_id, status=status))
    assert agency.unit.sealed == {"dibao"}
    return office, warrant


def ask(agency: Any, office: Any, warrant: Any, **changes: Any) -> str:
    values: dict[str, Any] = {
        "population": "dibao",
        "position": 3,
        "fields": ("kind", "phone"),
        "clue": "X-1",
        "confirmed_by": ("甲", "乙"),
        "purpose": "核实救助条件",
    } | changes
    keys = agency.town.keys("procuratorate")
    round_id = changes.pop("round_id", warrant.round_id)
    values.pop("round_id", None)
    head = RelayHead(os.urandom(16).hex(), "release_request", "procuratorate", "civil", round_id=round_id)
    content = ReleaseRequest(**values).to_content()
    message = make_relay(head, content, manifest=keys.manifest, signing=keys.signing)
    take_event(office, pb.Event(round_id=round_id, release_request=message))
    work(office, agency.unit)
    return head.relay_id


def answers(agency: Any) -> list[ReleaseAnswer]:
    keys = agency.town.keys("procuratorate")
    sent = [message for kind, message in agency.unit.relays if kind == "release_answer"]
    opened = [open_relay(message, manifest=keys.manifest, recipient=keys.recipient) for message in sent]
    return [ReleaseAnswer.from_content(found.content) for found in opened]


def test_a_release_gives_only_the_allowed_fields_of_that_row(agency: Any) -> None:
    office, warrant = delivered(agency)
    ask(agency, office, warrant)

    (answer,) = answers(agency)
    assert (answer.given, answer.values, answer.decided_by) == (True, {"kind": "农村"}, "policy")
    assert "phone" in answer.reason


def test_the_position_map_leads_to_the_row_that_was_encoded(agency: Any, name_of: Callable[[int], str]) -> None:
    office, warrant = delivered(agency)
    refs = list(office.place(warrant.round_id, "dibao").open_map())
    rows = [find_row(agency.registers(), ref, dataset="dibao") for ref in refs[:5]]

    assert len(refs) == 30 and all(row.person.name == name_of(row.line - 2) for row in rows)


def test_the_audit_log_names_fields_and_people_acting_and_no_value(agency: Any) -> None:
    office, warrant = delivered(agency)
    ask(agency, office, warrant)
    kind, facts = next(entry for entry in reversed(agency.log.entries) if entry[0] == "release.decided")

    assert (kind, facts["fields_given"], facts["confirmed_by"]) == ("release.decided", ["kind"], ["甲", "乙"])
    assert "农村" not in str(facts)


REFUSED: dict[str, dict[str, Any]] = {
    "none of the fields": {"fields": ("phone", "health")},
    "no population dis-2": {"population": "dis-2"},
    "no such population": {"population": "anchors"},
    "no such position": {"position": 30},
    "no such round": {"round_id": "ef" * 16},
}


@pytest.mark.parametrize("reason", list(REFUSED))
def test_a_request_that_names_nothing_of_ours_gets_nothing(agency: Any, reason: str) -> None:
    office, warrant = delivered(agency)
    ask(agency, office, warrant, **REFUSED[reason])

    (answer,) = answers(agency)
    assert (answer.given, answer.values) == (False, {}) and reason in answer.reason


def test_nothing_is_released_once_the_map_is_gone(agency: Any) -> None:
    office, warrant = delivered(agency)
    erase_round(office, warrant.round_id)
    ask(agency, office, warrant)

    assert answers(agency)[0].given is False


def test_nothing_is_released_before_delivery(agency: Any) -> None:
    office, warrant = delivered(agency)
    office.book.update(warrant.round_id, state="MATCHING")
    ask(agency, office, warrant)

    assert answers(agency)[0].given is False


def test_a_row_that_changed_since_is_not_released(agency: Any, rewrite_register: Callable[..., None]) -> None:
    office, warrant = delivered(agency)
    rewrite_register(agency.folder / "register", 0)
    ask(agency, office, warrant)

    assert answers(agency)[0].given is False


def test_releases_are_limited_by_the_day(agency: Any) -> None:
    office, warrant = delivered(agency)
    for position in range(3):
        ask(agency, office, warrant, position=position)

    assert [answer.given for answer in answers(agency)] == [True, True, False]


def test_a_request_is_answered_once_however_often_it_comes(agency: Any) -> None:
    office, warrant = delivered(agency)
    ask(agency, office, warrant)
    work(office, agency.unit)
    work(agency.open()[1], agency.unit)

    assert len(answers(agency)) == 1


def test_an_operator_decides_where_the_rule_says_so(agency: Any) -> None:
    agency.write_policy(agency.config.policy.read_text("utf-8")[::-1].replace('"otua"', '"rotarepo"', 1)[::-1])
    office, warrant = delivered(agency)
    first, second = ask(agency, office, warrant), ask(agency, office, warrant, position=4)
    assert answers(agency) == []

    store = Releases(office.book.engine)
    store.decide(first[:12], approve=True, by="值班员甲", reason="")
    store.decide(second, approve=False, by="值班员甲", reason="材料不全")
    work(office, agency.unit)
    found = {a.given: a for a in answers(agency)}

    assert (found[True].values, found[True].decided_by) == ({"kind": "农村"}, "值班员甲")
    assert (found[False].values, found[False].reason) == ({}, "材料不全")
    with pytest.raises(RoundStateError):
        store.decide(first, approve=False, by="值班员甲", reason="改主意")


@pytest.mark.parametrize(
    "change", [{"confirmed_by": ("甲",)}, {"fields": ()}, {"position": -1}, {"clue": ""}, {"fields": ("a", "a")}]
)
def test_a_request_without_two_people_a_clue_and_fields_cannot_be_made(change: dict[str, Any]) -> None:
    values = {
        "population": "p",
        "position": 0,
        "fields": ("a",),
        "clue": "c",
        "confirmed_by": ("甲", "乙"),
        "purpose": "p",
    }
    with pytest.raises(InputError):
        ReleaseRequest(**values | change)  # type: ignore[arg-type]
