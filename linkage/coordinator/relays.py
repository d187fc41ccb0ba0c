"""Relay sealed, signed messages between two parties: releases and referrals (design §3.8).

The coordinator sees who, to whom, which kind and how long, and that the signature is the sender's. It cannot read
the content. The same relay again gets the same sequence number.
"""

from __future__ import annotations

import hashlib
import re
from typing import Literal

import sqlalchemy as sa

from linkage.coordinator import messages
from linkage.coordinator.events import post
from linkage.coordinator.records import load_round, round_unknown
from linkage.coordinator.steps import Step
from linkage.coordinator.tables import RELAYS
from linkage.coordinator.unit import Unit
from linkage.errors import InputError, LimitError, NotFoundError, PermissionRefused
from linkage.keys.canonical import JSON
from linkage.rpc.identity import Caller
from linkage.rpc.v1 import linkage_pb2 as pb

LABEL_RELAY = "relay"
RELAY_ID = re.compile(r"[0-9a-f]{32}")
DAY_MS = 86_400_000
Kind = Literal["release_request", "release_answer", "referral", "referral_status"]
ANSWERS: dict[Kind, Kind] = {"release_answer": "release_request", "referral_status": "referral"}


def relay(unit: Unit, caller: Caller, kind: Kind, message: pb.Relay) -> int:
    """Store a relay for its receiver and return its sequence number there."""
    _check_form(unit, caller, message)
    unit.verified(caller.party, message.document.envelope, LABEL_RELAY)
    digest = hashlib.sha256(message.SerializeToString(deterministic=True)).digest()
    with unit.step() as step:
        known = step.connection.execute(RELAYS.select().where(RELAYS.c.id == message.relay_id)).one_or_none()
        if known is not None:
            if (known.sender, known.kind, known.digest) != (caller.id, kind, digest):
                raise InputError("转递编号已用过", "this relay id was used before")
            step.note_call(caller, "relay.again", {"relay": message.relay_id})
            return int(known.sequence)
        _check_route(step, caller, kind, message)
        _check_pace(unit, step, caller)
        facts: dict[str, JSON] = {"relay": message.relay_id, "relay_kind": kind, "receiver": message.receiver}
        about: dict[str, JSON] = {
            "round": message.round_id,
            "digest": digest.hex(),
            "bytes": len(message.document.envelope),
            "in_reply_to": message.in_reply_to,
        }
        step.note_call(caller, "relay.taken", {**facts, **about})
        return _forward(step, kind, message, digest)


def _check_form(unit: Unit, caller: Caller, message: pb.Relay) -> None:
    if not RELAY_ID.fullmatch(message.relay_id):
        raise InputError("转递编号应为 32 位十六进制", "a relay id has 32 hex digits")
    if message.sender != caller.id:
        raise PermissionRefused("转递的发件方不是调用方", "the relay's sender is not the caller")
    if message.receiver == caller.id or not unit.keys.manifest.party(message.receiver).is_owner:
        raise InputError("转递的收件方不正确", "the relay's receiver must be another data owner")


def _check_route(step: Step, caller: Caller, kind: Kind, message: pb.Relay) -> None:
    if message.round_id or kind == "release_request":
        owners = load_round(step.connection, message.round_id).round.owners
        if caller.id not in owners or message.receiver not in owners:
            raise round_unknown()
    if kind not in ANSWERS:
        if message.in_reply_to:
            raise InputError("请求不应带回复编号", "a request replies to nothing")
        return
    asked = step.connection.execute(RELAYS.select().where(RELAYS.c.id == message.in_reply_to)).one_or_none()
    fits = asked is not None and (asked.kind, asked.receiver, asked.sender, asked.round_id) == (
        ANSWERS[kind],
        caller.id,
        message.receiver,
        message.round_id,
    )
    if not fits:
        raise NotFoundError("没有可回复的请求", "there is no such request to reply to")


def _check_pace(unit: Unit, step: Step, caller: Caller) -> None:
    since = step.now_ms - DAY_MS
    recent = sa.select(sa.func.count()).where(RELAYS.c.sender == caller.id, RELAYS.c.at_ms >= since)
    if step.connection.execute(recent).scalar_one() >= unit.config.quotas.relays_per_day:
        raise LimitError(
            f"每天最多转递 {unit.config.quotas.relays_per_day} 件",
            f"at most {unit.config.quotas.relays_per_day} relays a day",
        )


def _forward(step: Step, kind: Kind, message: pb.Relay, digest: bytes) -> int:
    event = messages.event(message.round_id)
    getattr(event, kind).CopyFrom(message)
    posted = post(step.connection, [message.receiver], event, now_ms=step.now_ms)
    step.posted += posted
    step.connection.execute(
        RELAYS.insert().values(
            id=message.relay_id,
            kind=kind,
            sender=message.sender,
            receiver=message.receiver,
            in_reply_to=message.in_reply_to,
            round_id=message.round_id,
            digest=digest,
            sequence=posted[0][1],
            at_ms=step.now_ms,
        )
    )
    return posted[0][1]
