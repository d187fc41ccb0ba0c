"""Warrants and decisions: what the coordinator refuses, and that everybody hears of a refusal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from linkage.coordinator import upkeep
from linkage.coordinator.records import load_round, save_round
from linkage.coordinator.round import State
from linkage.errors import (
    AuditError,
    EncodingError,
    LimitError,
    LinkageError,
    NotFoundError,
    RoundStateError,
    SignatureError,
    WarrantError,
)
from linkage.keys.signing import Signed
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.warrant import LABEL_DECISION, LABEL_WARRANT, Decision, Limits, PopulationSpec, utc_text

ANCHORS = PopulationSpec("anchors", "procuratorate", "parties", "当事人", anchor=True)
DIS = PopulationSpec("dis", "disabled", "disabled", "残疾人", payload=True)


def later(rig: Any, **delta: int) -> str:
    return utc_text(rig.clock() + timedelta(**delta))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"consortium": "other"}, WarrantError),
        ({"requester": "civil"}, WarrantError),
        ({"schema_digest": "0" * 64}, EncodingError),
        ({"schema_id": "person-v0"}, LinkageError),
        ({"kcv": "0" * 16}, EncodingError),
        ({"epoch": 2}, EncodingError),
        ({"limits": Limits(1, 1, 10**9, 10)}, LimitError),
        (
            {"populations": (ANCHORS, replace(DIS, dataset="dibao"), PopulationSpec("dibao", "civil", "dibao", "x"))},
            WarrantError,
        ),
        (
            {"populations": (ANCHORS, replace(DIS, owner="nobody"), PopulationSpec("dibao", "civil", "dibao", "x"))},
            WarrantError,
        ),
        (
            {"populations": (ANCHORS, DIS, PopulationSpec("dibao", "civil", "unknown", "x"))},
            WarrantError,
        ),
    ],
)
def test_a_warrant_that_does_not_fit_the_consortium_is_refused(
    shared_rig: Any, changes: dict[str, Any], error: type[Exception]
) -> None:
    if changes.get("requester"):
        changes |= {
            "populations": (replace(ANCHORS, owner="civil"), DIS, PopulationSpec("dibao", "civil", "dibao", "x"))
        }
    warrant = shared_rig.warrant(**changes)

    with pytest.raises(error):
        shared_rig.propose(warrant)


@pytest.mark.parametrize(
    ("issued", "expires", "error"),
    [(-3, -1, WarrantError), (1, 2, WarrantError), (0, 100, LimitError)],
)
def test_an_expired_future_or_endless_warrant_is_refused(
    shared_rig: Any, issued: int, expires: int, error: type[Exception]
) -> None:
    warrant = shared_rig.warrant(issued_at=later(shared_rig, days=issued), expires_at=later(shared_rig, days=expires))

    with pytest.raises(error):
        shared_rig.propose(warrant)


def test_a_warrant_changed_after_signing_is_refused(shared_rig: Any) -> None:
    signed = Signed.parse(shared_rig.sign("procuratorate", LABEL_WARRANT, shared_rig.warrant().to_bytes()))
    changed = replace(signed, body=signed.body.replace("司法".encode(), "执法".encode()))

    with pytest.raises(SignatureError):
        shared_rig.client("procuratorate").propose_round(changed.to_json())


def test_a_warrant_signed_by_another_party_is_refused(shared_rig: Any) -> None:
    body = shared_rig.warrant().to_bytes()
    stolen = Signed.create(LABEL_WARRANT, body, signer="procuratorate", key=shared_rig.keys("civil").signing).to_json()

    with pytest.raises(SignatureError):
        shared_rig.client("procuratorate").propose_round(stolen)
    with pytest.raises(SignatureError):
        shared_rig.client("procuratorate").propose_round(shared_rig.sign("civil", LABEL_WARRANT, body))


def test_the_same_warrant_again_gives_the_same_round_and_another_under_its_id_is_refused(rig: Any) -> None:
    warrant = rig.warrant()

    assert rig.propose(warrant) == rig.propose(warrant)
    with pytest.raises(WarrantError):
        rig.propose(replace(warrant, purpose="另一目的"))


def test_a_requester_has_only_so_many_rounds_open(rig: Any) -> None:
    for _ in range(rig.config.quotas.open_rounds):
        rig.propose(rig.warrant())

    with pytest.raises(LimitError):
        rig.propose(rig.warrant())


def test_a_refusal_reaches_every_owner_with_its_reason(rig: Any) -> None:
    warrant = rig.warrant()
    rig.propose(warrant)
    rig.decide(warrant, "civil")

    assert rig.decide(warrant, "disabled", "refuse").state == pb.REFUSED
    for owner in warrant.owners:
        status = rig.events(owner, lambda e: e.status.state == pb.REFUSED)[-1].status
        assert (status.reason, status.reason_party) == ("本单位不同意", "disabled")
    with pytest.raises(RoundStateError):
        rig.decide(warrant, "procuratorate")


def test_the_same_decision_again_changes_nothing_and_another_is_refused(rig: Any) -> None:
    warrant = rig.warrant()
    rig.propose(warrant)

    assert rig.decide(warrant, "civil") == rig.decide(warrant, "civil")
    with pytest.raises(RoundStateError):
        rig.decide(warrant, "civil", nonce="1" * 64)
    with pytest.raises(RoundStateError):
        rig.decide(warrant, "civil", "refuse")


def test_a_decision_about_another_warrant_or_owner_is_refused(rig: Any) -> None:
    warrant = rig.warrant()
    rig.propose(warrant)

    with pytest.raises(WarrantError):
        rig.decide(warrant, "civil", warrant_digest="0" * 64)
    body = Decision(
        1, warrant.round_id, warrant.digest.hex(), "disabled", "approve", "1" * 64, "", "policy", warrant.issued_at
    ).to_bytes()
    with pytest.raises(WarrantError):
        rig.client("civil").decide_round(warrant.round_id, rig.sign("civil", LABEL_DECISION, body))


def test_a_decision_signed_as_something_else_is_refused(rig: Any) -> None:
    warrant = rig.warrant()
    rig.propose(warrant)
    body = warrant.to_bytes()

    with pytest.raises(LinkageError):
        rig.client("civil").decide_round(warrant.round_id, rig.sign("civil", LABEL_WARRANT, body))
    with pytest.raises(LinkageError):
        rig.client("civil").decide_round(warrant.round_id, rig.sign("civil", LABEL_DECISION, b"{}"))


def test_strangers_to_a_round_learn_nothing_of_it(rig: Any) -> None:
    warrant = rig.warrant()
    rig.propose(warrant)

    texts = []
    for round_id in (warrant.round_id, "0" * 32):
        with pytest.raises(NotFoundError) as caught:
            rig.client("outsider").get_round(round_id)
        texts.append(caught.value.en)
    assert texts[0] == texts[1]
    with pytest.raises(NotFoundError):
        rig.client("other-procuratorate").cancel_round(warrant.round_id, "why")


def test_a_cancelled_round_is_over_for_everybody(rig: Any) -> None:
    warrant = rig.consented()

    assert rig.client("procuratorate").cancel_round(warrant.round_id, "不再需要").state == pb.CANCELLED
    assert rig.client("procuratorate").cancel_round(warrant.round_id, "不再需要").state == pb.CANCELLED
    assert rig.events("civil", lambda e: e.status.state == pb.CANCELLED)[-1].status.reason == "不再需要"


def test_a_round_expires_with_its_warrant(rig: Any) -> None:
    warrant = rig.consented()
    rig.clock.ahead = timedelta(days=4)

    assert rig.events("civil", lambda e: e.status.state == pb.EXPIRED)[-1].round_id == warrant.round_id


def test_every_step_and_every_refusal_is_in_the_log_with_the_callers_leaf(rig: Any) -> None:
    warrant = rig.warrant()
    rig.propose(warrant)
    with pytest.raises(WarrantError):
        rig.decide(warrant, "civil", warrant_digest="0" * 64)

    log = rig.audit()

    leaf = rig.client("procuratorate")._transport._last_leaf().hex()
    assert '"kind":"round.proposed"' in log and '"kind":"call.failed"' in log and leaf in log


def test_nothing_happens_when_the_log_cannot_take_the_entry(rig: Any) -> None:
    steps, warrant = rig.coordinator.unit.steps, rig.warrant()
    write = steps._write

    def broken(kind: str, facts: object) -> None:
        raise AuditError("审计日志写不进去", "the audit log cannot be written")

    steps._write = broken
    with pytest.raises(AuditError):
        rig.propose(warrant)
    steps._write = write

    with pytest.raises(NotFoundError):
        rig.client("civil").get_round(warrant.round_id)


def test_a_delivered_round_that_waits_too_long_for_statements_is_closed_by_the_grace_period(rig: Any) -> None:
    warrant = rig.consented()
    unit = rig.coordinator.unit
    with unit.step() as step:
        stored = load_round(step.connection, warrant.round_id)
        save_round(step.connection, replace(stored.round, state=State.DELIVERED), now_ms=step.now_ms)

    states = []
    for days in (rig.config.times.grace_days - 1, rig.config.times.grace_days):
        rig.clock.ahead = timedelta(days=days)
        upkeep.tend(unit)
        with unit.step() as step:
            states.append(load_round(step.connection, warrant.round_id).round.state)
    assert states == [State.DELIVERED, State.CLOSED]
