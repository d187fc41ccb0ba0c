"""Events that are not what they should be: noted, answered where that helps, and never followed."""

from __future__ import annotations

from typing import Any

import pytest

from linkage.keys.signing import Signed
from linkage.owner.choice import Wait
from linkage.owner.events import take_event
from linkage.owner.participation import Step
from linkage.owner.relays import RelayHead, make_relay
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.warrant import Decision
from tests.owner.conftest import consents_event, run_to_upload, step_of, warrant_event, worker


@pytest.mark.parametrize("change", [{"kcv": "0" * 16}, {"consortium": "elsewhere"}])
def test_a_warrant_that_does_not_hold_is_refused_in_writing(
    town: Any, kit: Any, unit: Any, change: dict[str, str]
) -> None:
    log = kit.Log()
    office, warrant = town.office("civil", kit.Policy(), log=log), town.warrant(**change)
    take_event(office, warrant_event(town, warrant))
    worker(office, unit).work()

    decision = Decision.from_bytes(Signed.parse(unit.decisions[0]).body)
    assert (decision.decision, decision.decided_by) == ("refuse", "verification")
    assert log.kinds() == ["event.rejected", "decision.made"]


def test_a_forged_warrant_is_noted_and_not_answered(town: Any, kit: Any, unit: Any) -> None:
    log = kit.Log()
    office, warrant = town.office("civil", kit.Policy(), log=log), town.warrant()
    take_event(office, warrant_event(town, warrant, envelope=b"not an envelope"))
    worker(office, unit).work()

    assert (log.kinds(), unit.calls) == (["event.rejected"], [])


def test_a_number_in_somebody_elses_words_stays_out_of_the_log_and_stops_nothing(town: Any, kit: Any) -> None:
    log = kit.Log()
    number = "1101051949" + "1231002X"
    office, warrant = town.office("civil", kit.Policy(), log=log), town.warrant(reference=f"查 {number}")
    take_event(office, warrant_event(town, warrant))

    assert log.kinds() == ["warrant.seen"] and office.book.round(warrant.round_id) is not None
    assert number not in str(log.entries) and "withheld" in str(log.entries)


def test_another_warrant_under_a_known_round_changes_nothing(town: Any, kit: Any) -> None:
    log = kit.Log()
    office, warrant = town.office("civil", kit.Policy(), log=log), town.warrant()
    take_event(office, warrant_event(town, warrant))
    take_event(office, warrant_event(town, town.warrant(round_id=warrant.round_id, purpose="另一目的")))

    assert office.book.round(warrant.round_id).digest == warrant.digest
    assert log.kinds() == ["warrant.seen", "event.rejected"]


def test_consents_that_do_not_verify_start_no_encoding(town: Any, kit: Any, unit: Any) -> None:
    log = kit.Log()
    office, warrant = town.office("civil", kit.Policy(), log=log), town.warrant()
    take_event(office, warrant_event(town, warrant))
    worker(office, unit).work()
    event = consents_event(town, office, warrant)
    del event.consents.decisions[1]
    take_event(office, event)
    worker(office, unit).work()

    assert (step_of(office, warrant), unit.calls) == (Step.APPROVED, ["decide"])
    assert log.kinds()[-1] == "event.rejected"


def test_consents_without_our_approval_start_no_encoding(town: Any, kit: Any, unit: Any) -> None:
    office, warrant = town.office("civil", kit.Policy(choice=Wait("人工"))), town.warrant()
    take_event(office, warrant_event(town, warrant))
    office.book.update(warrant.round_id, decision=town.approval(warrant, "civil"))
    take_event(office, consents_event(town, office, warrant))

    assert step_of(office, warrant) is Step.SEEN


def test_events_that_come_again_change_nothing(town: Any, kit: Any, unit: Any) -> None:
    log = kit.Log()
    office, warrant = town.office("civil", kit.Policy(), log=log), town.warrant()
    run_to_upload(town, office, unit, warrant)
    before = log.kinds()
    take_event(office, warrant_event(town, warrant))
    take_event(office, consents_event(town, office, warrant))
    worker(office, unit).work()

    assert (log.kinds(), unit.calls.count("begin")) == (before, 1)


def test_a_relay_reaches_the_node_only_with_its_senders_signature(town: Any, kit: Any) -> None:
    log = kit.Log()
    office = town.office("civil", policy := kit.Policy(), log=log)
    keys = town.keys("procuratorate")
    head = RelayHead("ab" * 16, "referral", "procuratorate", "civil")
    good = make_relay(head, {"kind": "x"}, manifest=keys.manifest, signing=keys.signing)
    bad = make_relay(head, {"kind": "x"}, manifest=keys.manifest, signing=town.keys("disabled").signing)
    moved = pb.Relay()
    moved.CopyFrom(good)
    moved.relay_id = "cd" * 16
    for message in (good, bad, moved):
        take_event(office, pb.Event(sequence=5, referral=message))
    take_event(office, pb.Event(sequence=6, release_request=good))  # The coordinator calls it by another kind.

    assert [r.content for r in policy.relays] == [{"kind": "x"}]
    assert log.kinds() == ["relay.received", "event.rejected", "event.rejected", "event.rejected"]


def test_an_agency_cannot_ask_another_agency_for_a_release(town: Any, kit: Any) -> None:
    office = town.office("civil", policy := kit.Policy())
    keys = town.keys("disabled")
    head = RelayHead("ab" * 16, "release_request", "disabled", "civil")
    message = make_relay(head, {}, manifest=keys.manifest, signing=keys.signing)
    take_event(office, pb.Event(sequence=5, release_request=message))

    assert policy.relays == []
