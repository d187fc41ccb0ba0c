"""Rounds begin: warrants are checked and fanned out, decisions collected, the round consented, refused or cancelled."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from linkage.coordinator import messages
from linkage.coordinator.events import post
from linkage.coordinator.records import (
    StoredRound,
    add_round,
    find_round,
    load_round,
    opened_by,
    round_unknown,
    rounds_of,
)
from linkage.coordinator.round import Approved, Cancelled, ConsentsSent, Refused, State
from linkage.coordinator.steps import Step
from linkage.coordinator.tables import DECISIONS
from linkage.coordinator.unit import Unit
from linkage.errors import EncodingError, LimitError, NotFoundError, RoundStateError, WarrantError
from linkage.keys.canonical import JSON
from linkage.keys.signing import Signed
from linkage.rpc.identity import Caller
from linkage.warrant import LABEL_DECISION, LABEL_WARRANT, Decision, RoundWarrant, parse_utc

CLOCK_SKEW = timedelta(minutes=5)
REASON_LENGTH = 300
DAY_MS = 86_400_000


def propose(unit: Unit, caller: Caller, envelope: bytes) -> StoredRound:
    """Open a round. The same envelope again gives the same round; another one under its id is refused."""
    unit.verified(caller.party, envelope, LABEL_WARRANT)
    warrant, opened = opened_by(envelope)
    check_warrant(unit, caller, warrant)
    with unit.step() as step:
        known = find_round(step.connection, warrant.round_id)
        if known is not None:
            if known.round.requester != caller.id or known.round.warrant_digest != opened.warrant_digest:
                raise WarrantError("轮次编号已被另一份委托书使用", "another warrant has this round id")
            step.note_call(caller, "round.proposed-again", {"round": warrant.round_id})
            return known
        _check_pace(unit, step, caller)
        facts: dict[str, JSON] = {
            "round": warrant.round_id,
            "warrant": opened.warrant_digest.hex(),
            "owners": list(warrant.owners),
        }
        step.note_call(caller, "round.proposed", facts)
        stored = add_round(step.connection, envelope, now_ms=step.now_ms)
        event = messages.event(warrant.round_id)
        event.warrant.CopyFrom(messages.signed(envelope))
        step.posted += post(step.connection, warrant.owners, event, now_ms=step.now_ms)
        return stored


def check_warrant(unit: Unit, caller: Caller, warrant: RoundWarrant) -> None:
    """Hold a warrant against manifest, schemas, clock and quotas. Raises WarrantError, EncodingError, LimitError."""
    manifest, quotas, now = unit.keys.manifest, unit.config.quotas, unit.clock()
    if warrant.consortium != manifest.consortium or warrant.requester != caller.id:
        raise WarrantError("委托书的联合体或委托人不符", "the warrant's consortium or requester is not the caller's")
    if parse_utc(warrant.expires_at) <= now:
        raise WarrantError("委托书已到期", "the warrant has expired")
    if parse_utc(warrant.issued_at) > now + CLOCK_SKEW:
        raise WarrantError("委托书签发时间在将来", "the warrant was issued in the future")
    if parse_utc(warrant.expires_at) > now + timedelta(days=quotas.max_warrant_days):
        raise LimitError(
            f"委托书最长 {quotas.max_warrant_days} 天", f"a warrant lasts at most {quotas.max_warrant_days} days"
        )
    if len(warrant.populations) > quotas.max_populations or warrant.limits.max_rows > quotas.max_rows:
        raise LimitError(
            f"最多 {quotas.max_populations} 个群体、每个 {quotas.max_rows} 行",
            f"at most {quotas.max_populations} populations of {quotas.max_rows} rows each",
        )
    _check_schema(unit, warrant)
    for spec in warrant.populations:
        _check_owner(unit, spec.owner, spec.dataset)


def _check_schema(unit: Unit, warrant: RoundWarrant) -> None:
    agreed = warrant.schema_digest in unit.keys.manifest.schema_digests
    if not agreed or unit.schema_of(warrant.schema_id).digest != warrant.schema_digest:
        raise EncodingError(
            f"编码方案 {warrant.schema_id} 的摘要不是联合体约定的",
            f"the digest of schema {warrant.schema_id} is not the one the consortium agreed",
        )
    epoch = unit.keys.manifest.active_epoch
    if (warrant.epoch, warrant.kcv) != (epoch.number, epoch.kcv):
        raise EncodingError(
            f"委托书用的链接密钥不是启用中的第 {epoch.number} 期",
            f"the warrant does not name the active linkage secret, epoch {epoch.number}",
        )


def _check_owner(unit: Unit, owner: str, dataset: str) -> None:
    try:
        known = unit.keys.manifest.owner_of(dataset).id
    except NotFoundError:
        known = ""
    if known != owner:
        raise WarrantError(f"数据集 {dataset} 不属于 {owner}", f"dataset {dataset} does not belong to {owner}")


def _check_pace(unit: Unit, step: Step, caller: Caller) -> None:
    quotas = unit.config.quotas
    still_open, recent = rounds_of(step.connection, caller.id, since_ms=step.now_ms - DAY_MS)
    if still_open >= quotas.open_rounds or recent >= quotas.rounds_per_day:
        raise LimitError(
            f"每个委托人最多同时 {quotas.open_rounds} 轮、每天 {quotas.rounds_per_day} 轮",
            f"a requester has at most {quotas.open_rounds} rounds open and {quotas.rounds_per_day} a day",
        )


def decide(unit: Unit, caller: Caller, round_id: str, envelope: bytes) -> StoredRound:
    """Take an owner's decision. The same decision again changes nothing; another one is refused."""
    decision = Decision.from_bytes(unit.verified(caller.party, envelope, LABEL_DECISION))
    with unit.step() as step:
        stored = round_of_owner(step.connection, round_id, caller)
        if decision.round_id != round_id or decision.owner != caller.id:
            raise WarrantError("决定属于另一轮次或另一单位", "the decision is for another round or party")
        if decision.warrant_digest != stored.round.warrant_digest.hex():
            raise WarrantError("决定针对的是另一份委托书", "the decision is about another warrant")
        if _decided_already(step.connection, decision):
            step.note_call(caller, "round.decided-again", {"round": round_id})
            return stored
        facts: dict[str, JSON] = {"round": round_id, "decision": decision.decision, "decided_by": decision.decided_by}
        step.note_call(caller, "round.decided", facts)
        step.connection.execute(
            DECISIONS.insert().values(round_id=round_id, owner=caller.id, decision=decision.decision, envelope=envelope)
        )
        if decision.decision == "refuse":
            return unit.move(step, stored, Refused(caller.id, tidy(decision.reason)))
        stored = unit.move(step, stored, Approved(caller.id))
        if stored.round.state is State.CONSENTED:
            _tell_consents(step, stored)
            stored = unit.move(step, stored, ConsentsSent())
        return stored


def _decided_already(connection: sa.Connection, decision: Decision) -> bool:
    here = (DECISIONS.c.round_id == decision.round_id, DECISIONS.c.owner == decision.owner)
    row = connection.execute(DECISIONS.select().where(*here)).one_or_none()
    if row is None:
        return False
    if Signed.parse(row.envelope).body == decision.to_bytes():
        return True
    raise RoundStateError("本单位已对这份委托书作出另一个决定", "this party has decided otherwise already")


def _tell_consents(step: Step, stored: StoredRound) -> None:
    here = DECISIONS.select().where(DECISIONS.c.round_id == stored.round.id).order_by(DECISIONS.c.owner)
    event = messages.event(stored.round.id)
    event.consents.warrant.CopyFrom(messages.signed(stored.envelope))
    event.consents.decisions.extend(messages.signed(row.envelope) for row in step.connection.execute(here))
    step.posted += post(step.connection, stored.round.owners, event, now_ms=step.now_ms)


def cancel(unit: Unit, caller: Caller, round_id: str, reason: str) -> StoredRound:
    """End a round early, for its requester."""
    with unit.step() as step:
        stored = round_of_requester(step.connection, round_id, caller)
        if stored.round.state is State.CANCELLED:
            step.note_call(caller, "round.cancelled-again", {"round": round_id})
            return stored
        step.note_call(caller, "round.cancelled", {"round": round_id, "reason": tidy(reason)})
        moved = unit.move(step, stored, Cancelled(tidy(reason) or "委托人取消 | cancelled by the requester"))
    unit.matching.stop(round_id)
    return moved


def tidy(text: str) -> str:
    """Return a reason fit to show and log: one line, bounded."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:REASON_LENGTH]


def round_of_owner(connection: sa.Connection, round_id: str, caller: Caller) -> StoredRound:
    """Return a round the caller is an owner in. Raises NotFoundError."""
    stored = load_round(connection, round_id)
    if caller.id not in stored.round.owners:
        raise round_unknown()
    return stored


def round_of_requester(connection: sa.Connection, round_id: str, caller: Caller) -> StoredRound:
    """Return a round the caller asked for. Raises NotFoundError."""
    stored = load_round(connection, round_id)
    if caller.id != stored.round.requester:
        raise round_unknown()
    return stored
