"""The inbox of referrals: taken once, sealed at rest, one step after the other, answered as asked, every step told."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from typing import Any

import pytest

from agency_node.referrals import Referrals
from linkage.errors import InputError, NotFoundError, RoundStateError
from linkage.owner.events import take_event
from linkage.owner.referrals import Answer, Expected, Letter, Referral, ReferralStatus
from linkage.owner.relays import RelayHead, make_relay, open_relay
from linkage.owner.work import Worker
from linkage.rpc.v1 import linkage_pb2 as pb

DONE = Answer("已发放临时救助", "2026-11-05", "1000至5000元")
REFERRAL = Referral(
    referral="ab" * 12,
    number="检救助建〔2026〕1号",
    service="temporary",
    title="临时救助",
    basis="司法救助工作细则",
    asked_by="甲",
    approved_by="乙",
    expected=Expected(("已发放临时救助",), "2026-11-16", bands=("1000元以下", "1000至5000元")),
    person={"name": "赵某秘", "phone": "19900000001"},
    note="请尽快联系",
    letter=Letter("函.docx", "赵某秘的函件".encode()),
)


def work(office: Any, unit: Any) -> None:
    Worker(office, unit, stop=threading.Event()).work()


def refer(agency: Any, office: Any, content: Referral = REFERRAL) -> str:
    keys = agency.town.keys("procuratorate")
    head = RelayHead(os.urandom(16).hex(), "referral", "procuratorate", "civil")
    message = make_relay(head, content.to_content(), manifest=keys.manifest, signing=keys.signing)
    for _ in range(2):  # The coordinator may deliver an event again.
        take_event(office, pb.Event(referral=message))
    work(office, agency.unit)
    return head.relay_id


def statuses(agency: Any) -> list[ReferralStatus]:
    keys = agency.town.keys("procuratorate")
    sent = [message for kind, message in agency.unit.relays if kind == "referral_status"]
    opened = [open_relay(message, manifest=keys.manifest, recipient=keys.recipient) for message in sent]
    return [ReferralStatus.from_content(found.content) for found in opened]


def held_by(agency: Any, office: Any) -> bytes:
    office.book.engine.dispose()
    return b"".join(file.read_bytes() for file in agency.folder.iterdir() if file.name.startswith("node.db"))


def test_every_step_of_a_referral_goes_back_and_done_carries_the_answer(agency: Any) -> None:
    _, office, _ = agency.open()
    store, relay = Referrals(office.book.engine), refer(agency, office)
    store.update(relay[:10], "ACCEPTED", by="值班员甲", reason="", at=agency.town.moment)
    work(office, agency.unit)
    store.update(relay[:10], "DONE", by="值班员甲", reason="", at=agency.town.moment, answer=DONE)
    work(office, agency.unit)

    assert [s.state for s in statuses(agency)] == ["RECEIVED", "ACCEPTED", "DONE"]
    assert [s.answer for s in statuses(agency)] == [Answer(), Answer(), DONE]


@pytest.mark.parametrize(("state", "reason", "error"), [("DONE", "", RoundStateError), ("REFUSED", "", InputError)])
def test_a_referral_takes_one_step_after_the_other_and_is_refused_with_a_reason(
    agency: Any, state: Any, reason: str, error: type[Exception]
) -> None:
    _, office, _ = agency.open()
    store, relay = Referrals(office.book.engine), refer(agency, office)

    with pytest.raises(error):
        store.update(relay, state, by="值班员甲", reason=reason, at=agency.town.moment)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(), "已发放临时救助"),
        (replace(DONE, item="别的"), "已发放临时救助"),
        (replace(DONE, day=""), "2026-11-30"),
        (replace(DONE, day="2026年11月5日"), "2026-11-30"),
        (replace(DONE, band="很多"), "1000至5000元"),
    ],
)
def test_done_must_say_what_was_asked_for_and_the_refusal_lists_the_choices(
    agency: Any, answer: Answer, says: str
) -> None:
    _, office, _ = agency.open()
    store, relay = Referrals(office.book.engine), refer(agency, office)
    store.update(relay, "ACCEPTED", by="值班员甲", reason="", at=agency.town.moment)
    work(office, agency.unit)

    with pytest.raises(InputError, match=says):
        store.update(relay, "DONE", by="值班员甲", reason="", at=agency.town.moment, answer=answer)
    assert store.named(relay).state == "ACCEPTED"


def test_what_was_not_asked_for_is_not_answered() -> None:
    with pytest.raises(InputError, match="only what is asked"):
        Expected(("已指派",), "2026-11-16").check(Answer("已指派", "2026-11-05", "1000元以下"))


def test_the_same_referral_in_another_relay_is_not_taken_again(agency: Any) -> None:
    _, office, _ = agency.open()
    first = refer(agency, office)
    refer(agency, office)

    assert [r.relay_id for r in Referrals(office.book.engine).all()] == [first]
    assert [s.state for s in statuses(agency)] == ["RECEIVED"]
    assert agency.log.kinds().count("event.rejected") == 2


def test_another_referral_of_the_same_sender_is_taken(agency: Any) -> None:
    _, office, _ = agency.open()
    refer(agency, office)
    refer(agency, office, replace(REFERRAL, referral="cd" * 12))

    assert len(Referrals(office.book.engine).all()) == 2


def test_a_referral_taken_before_the_process_ended_is_not_taken_twice(agency: Any) -> None:
    keys = agency.town.keys("procuratorate")
    head = RelayHead("ab" * 16, "referral", "procuratorate", "civil")
    event = pb.Event(
        sequence=7,
        referral=make_relay(head, REFERRAL.to_content(), manifest=keys.manifest, signing=keys.signing),
    )
    _, office, _ = agency.open()
    take_event(office, event)  # Stored; the process ends before it can note the event as handled.
    assert office.book.sequence() == 0
    _, again, _ = agency.open()
    take_event(again, event)
    again.book.handled(event.sequence)
    for _ in range(2):
        work(again, agency.unit)

    assert len(Referrals(again.book.engine).all()) == 1
    assert [s.state for s in statuses(agency)] == ["RECEIVED"]


def test_a_referred_person_and_the_letter_lie_sealed_in_the_database(agency: Any) -> None:
    _, office, _ = agency.open()
    store, relay = Referrals(office.book.engine), refer(agency, office)
    assert store.named(relay).open(agency.town.keys("civil")) == REFERRAL

    held = held_by(agency, office)
    assert "赵某秘".encode() not in held and b"19900000001" not in held and relay.encode() in held
    assert "赵某秘" not in str(agency.log.entries) and "赵某秘" not in repr(REFERRAL)


def test_a_referral_is_overdue_while_it_waits_after_its_due_day(agency: Any) -> None:
    _, office, _ = agency.open()
    store, relay = Referrals(office.book.engine), refer(agency, office)

    assert [store.named(relay).is_overdue(day) for day in ("2026-11-16", "2026-11-17")] == [False, True]
    store.update(relay, "REFUSED", by="值班员甲", reason="不属本辖区", at=agency.town.moment)
    assert not store.named(relay).is_overdue("2026-11-17")


def test_an_unknown_referral_is_not_found(agency: Any) -> None:
    _, office, _ = agency.open()

    with pytest.raises(NotFoundError):
        Referrals(office.book.engine).named("ab")


@pytest.mark.parametrize(
    "change",
    [
        {"referral": "x"},
        {"approved_by": "甲"},
        {"person": {}},
        {"person": {"diagnosis": "x"}},
        {"note": "x" * 3000},
    ],
)
def test_a_referral_without_two_people_a_reference_and_known_fields_cannot_be_made(change: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        replace(REFERRAL, **change)
