"""Relays: who may send what to whom, replies only to what was asked, nothing twice."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pytest

from linkage.coordinator.config import Quotas
from linkage.errors import InputError, LimitError, LinkageError, NotFoundError, PermissionRefused, SignatureError
from linkage.rpc.v1 import linkage_pb2 as pb


def relay(rig: Any, sender: str, receiver: str, *, round_id: str = "", reply_to: str = "", **changes: str) -> pb.Relay:
    envelope = rig.sign(changes.pop("signer", sender), "relay", b"sealed content")
    sender = changes.pop("named", sender)
    fields = {"relay_id": os.urandom(16).hex(), "sender": sender, "receiver": receiver} | changes
    return pb.Relay(round_id=round_id, in_reply_to=reply_to, document=pb.SignedDocument(envelope=envelope), **fields)


def test_a_release_request_and_its_answer_reach_the_other_side(rig: Any) -> None:
    warrant = rig.consented()
    asked = relay(rig, "procuratorate", "disabled", round_id=warrant.round_id)
    rig.client("procuratorate").request_release(asked)
    answer = relay(rig, "disabled", "procuratorate", round_id=warrant.round_id, reply_to=asked.relay_id)
    rig.client("disabled").answer_release(answer)

    arrived = rig.events("disabled", lambda e: e.HasField("release_request"))[-1]
    answered = rig.events("procuratorate", lambda e: e.HasField("release_answer"))[-1]

    assert (arrived.release_request, answered.release_answer) == (asked, answer)


def test_a_referral_needs_no_round_and_its_status_comes_back(rig: Any) -> None:
    sent = relay(rig, "procuratorate", "outsider")
    rig.client("procuratorate").send_referral(sent)
    status = relay(rig, "outsider", "procuratorate", reply_to=sent.relay_id)

    rig.client("outsider").update_referral(status)

    assert rig.events("procuratorate", lambda e: e.HasField("referral_status"))[-1].referral_status == status


def test_the_same_relay_again_gives_the_same_sequence_and_another_under_its_id_is_refused(rig: Any) -> None:
    client, sent = rig.client("procuratorate"), relay(rig, "procuratorate", "civil")

    assert client.send_referral(sent) == client.send_referral(sent)
    with pytest.raises(InputError):
        client.send_referral(relay(rig, "procuratorate", "disabled", relay_id=sent.relay_id))


@pytest.mark.parametrize(
    ("receiver", "changes", "error"),
    [
        ("civil", {"named": "disabled"}, PermissionRefused),
        ("civil", {"signer": "disabled"}, SignatureError),
        ("civil", {"relay_id": "short"}, InputError),
        ("civil", {"reply_to": "0" * 32}, InputError),
        ("civil", {"round_id": "0" * 32}, NotFoundError),
        ("procuratorate", {}, InputError),
        ("reviewer", {}, InputError),
        ("nobody", {}, NotFoundError),
    ],
)
def test_a_relay_that_is_not_what_it_says_is_refused(
    shared_rig: Any, receiver: str, changes: dict[str, str], error: type[LinkageError]
) -> None:
    with pytest.raises(error):
        shared_rig.client("procuratorate").send_referral(relay(shared_rig, "procuratorate", receiver, **changes))


def test_a_release_is_asked_of_owners_of_the_round_only(rig: Any) -> None:
    warrant = rig.consented()

    with pytest.raises(NotFoundError):
        rig.client("procuratorate").request_release(relay(rig, "procuratorate", "outsider", round_id=warrant.round_id))
    with pytest.raises(NotFoundError):
        rig.client("procuratorate").request_release(relay(rig, "procuratorate", "disabled"))


def test_only_who_was_asked_may_answer_and_only_in_kind(rig: Any) -> None:
    warrant = rig.consented()
    asked = relay(rig, "procuratorate", "disabled", round_id=warrant.round_id)
    rig.client("procuratorate").request_release(asked)

    with pytest.raises(NotFoundError):
        rig.client("civil").answer_release(
            relay(rig, "civil", "procuratorate", round_id=warrant.round_id, reply_to=asked.relay_id)
        )
    with pytest.raises(NotFoundError):
        rig.client("disabled").update_referral(
            relay(rig, "disabled", "procuratorate", round_id=warrant.round_id, reply_to=asked.relay_id)
        )


def test_a_sender_has_a_daily_quota(rig: Any) -> None:
    object.__setattr__(rig.coordinator.unit, "config", replace(rig.config, quotas=Quotas(relays_per_day=1)))
    client = rig.client("procuratorate")
    client.send_referral(relay(rig, "procuratorate", "civil"))

    with pytest.raises(LimitError):
        client.send_referral(relay(rig, "procuratorate", "civil"))
