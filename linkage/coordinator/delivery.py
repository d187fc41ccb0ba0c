"""Rounds end: the result is fetched and accepted, data are erased, deletions stated, the round closed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa

from linkage.coordinator import messages, spool
from linkage.coordinator.events import post
from linkage.coordinator.intake import round_of_owner, round_of_requester
from linkage.coordinator.job import RESULT_FILE
from linkage.coordinator.records import StoredRound, load_round, uploads_of
from linkage.coordinator.round import ERASABLE, Accepted, Deleted, Erased, MatchRound, State
from linkage.coordinator.steps import Step
from linkage.coordinator.tables import DELETIONS, UPLOADS
from linkage.coordinator.unit import Unit
from linkage.errors import LimitError, RoundStateError, WarrantError
from linkage.keys.canonical import JSON
from linkage.keys.signing import Signed
from linkage.rpc.identity import Caller
from linkage.rpc.limits import CHUNK_BYTES
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.warrant import LABEL_DELETION, DeletionStatement, utc_text

MAX_DELETION_ITEMS = 256


def fetch(unit: Unit, caller: Caller, round_id: str, offset: int) -> Iterator[pb.ResultChunk]:
    """Yield the sealed result from a byte offset on, for its requester. Raises RoundStateError before READY."""
    with unit.step() as step:
        stored = round_of_requester(step.connection, round_id, caller)
        if stored.round.state is not State.READY:
            raise RoundStateError(
                f"轮次处于 {stored.round.state}，没有可取的结果",
                f"the round is {stored.round.state}: there is no result to fetch",
            )
        if offset > stored.round.result_bytes:
            raise LimitError("偏移超出结果长度", "the offset is beyond the result")
        facts: dict[str, JSON] = {"round": round_id, "offset": offset, "result": stored.round.result_digest.hex()}
        step.note_call(caller, "result.fetched", facts)
    with (unit.folder(round_id) / RESULT_FILE).open("rb") as file:
        file.seek(offset)
        while data := file.read(CHUNK_BYTES):
            yield pb.ResultChunk(offset=offset, data=data, digest=hashlib.sha256(data).digest())
            offset += len(data)


def accept(unit: Unit, caller: Caller, round_id: str, result_digest: bytes) -> StoredRound:
    """Take the requester's word that it has the whole result: from now on the round's data here are to be erased."""
    with unit.step() as step:
        stored = round_of_requester(step.connection, round_id, caller)
        step.note_call(caller, "result.accepted", {"round": round_id, "result": result_digest.hex()})
        return unit.move(step, stored, Accepted(result_digest))


def erase(unit: Unit, round_id: str) -> None:
    """Erase an ended round's data, then sign and send our own deletion statement, once. Safe to repeat.

    Nobody waits for the disk meanwhile: what has ended stays so. Raises UploadError where something cannot be removed.
    """
    unit.matching.stop(round_id)
    with unit.store.reading() as connection:
        if not _owes_erasure(load_round(connection, round_id).round):
            return
    spool.erase(unit.folder(round_id))
    with unit.step() as step:
        stored = load_round(step.connection, round_id)
        if not _owes_erasure(stored.round):
            return
        items = _erased_items(step.connection, stored)
        if items:
            _state_own_deletion(unit, step, stored, items)
        unit.move(step, stored, Erased())


def _owes_erasure(current: MatchRound) -> bool:
    return current.state in ERASABLE and not current.erased


def _erased_items(connection: sa.Connection, stored: StoredRound) -> tuple[str, ...]:
    items = [f"population:{u.population}:{u.content_digest.hex()}" for u in uploads_of(connection, stored.round.id)]
    if stored.round.result_digest:
        items.append(f"result:{stored.round.result_digest.hex()}")
    here = UPLOADS.c.round_id == stored.round.id
    connection.execute(UPLOADS.update().where(here).values(sealed_upload_key=b""))
    return tuple(items)


def _state_own_deletion(unit: Unit, step: Step, stored: StoredRound, items: tuple[str, ...]) -> None:
    statement = DeletionStatement(
        version=DeletionStatement.VERSION,
        round_id=stored.round.id,
        warrant_digest=stored.round.warrant_digest.hex(),
        party=unit.id,
        items=items,
        deleted_at=utc_text(unit.clock()),
    )
    signed = Signed.create(LABEL_DELETION, statement.to_bytes(), signer=unit.id, key=unit.keys.signing)
    facts: dict[str, JSON] = {"round": stored.round.id, "party": unit.id, "items": list(items)}
    step.note("round.erased", facts | {"statement": hashlib.sha256(statement.to_bytes()).hexdigest()})
    _keep_statement(step, stored, unit.id, signed.to_json())


def _keep_statement(step: Step, stored: StoredRound, party: str, envelope: bytes) -> None:
    step.connection.execute(DELETIONS.insert().values(round_id=stored.round.id, party=party, envelope=envelope))
    event = messages.event(stored.round.id)
    event.deletion.CopyFrom(messages.signed(envelope))
    step.posted += post(step.connection, stored.round.owners - {party}, event, now_ms=step.now_ms)


def state_deletion(unit: Unit, caller: Caller, round_id: str, envelope: bytes) -> StoredRound:
    """Take an owner's deletion statement; the last one closes a delivered round whose data here are erased.

    Again = no change.
    """
    body = unit.verified(caller.party, envelope, LABEL_DELETION)
    statement = DeletionStatement.from_bytes(body)
    with unit.step() as step:
        stored = round_of_owner(step.connection, round_id, caller)
        about = (statement.round_id, statement.party, statement.warrant_digest)
        if about != (round_id, caller.id, stored.round.warrant_digest.hex()):
            raise WarrantError("删除声明属于另一轮次或另一单位", "the statement is for another round or party")
        if len(statement.items) > MAX_DELETION_ITEMS:
            raise LimitError(f"删除声明最多 {MAX_DELETION_ITEMS} 项", f"at most {MAX_DELETION_ITEMS} items")
        facts: dict[str, JSON] = {
            "round": round_id,
            "items": len(statement.items),
            "statement": hashlib.sha256(body).hexdigest(),
        }
        step.note_call(caller, "round.deletion-stated", facts)
        if caller.id in stored.round.deleted:
            return stored
        moved = unit.move(step, stored, Deleted(caller.id))
        _keep_statement(step, stored, caller.id, envelope)
        return moved


def grace_began_ms(unit: Unit) -> int:
    """Return since when a delivered round must have stood still to have waited long enough for deletion statements."""
    return unit.now_ms() - int(timedelta(days=unit.config.times.grace_days).total_seconds() * 1000)
