"""Let the parties witness one another: hand on each log's checkpoints with proofs, and the cosignatures on them back.

A log's owner proves its growth to the coordinator step by step (`witness`); the steps are kept, so that any other party
can follow them from the size it holds. Who cosigns has checked the proof itself: nothing here is taken on trust, and a
step that is held back or altered is seen by whoever cannot follow it.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from linkage.audit.checkpoint import origin_of, verify_checkpoint
from linkage.audit.log import AuditLog
from linkage.audit.note import parse_signature, verify_cosignature
from linkage.coordinator.steps import Step
from linkage.coordinator.tables import CHECKPOINTS, COSIGNATURES
from linkage.coordinator.unit import Unit
from linkage.errors import LimitError, NotFoundError
from linkage.keys.canonical import JSON
from linkage.rpc.identity import Caller
from linkage.rpc.v1 import linkage_pb2 as pb

MAX_STEPS = 128
MAX_COSIGNATURES = 256
HASH_BYTES = 32


def keep_step(unit: Unit, caller: Caller, request: pb.CheckpointRequest, *, old_size: int, new_size: int) -> None:
    """Keep a step of the caller's log that was verified and cosigned here; the same again changes nothing."""
    if new_size <= old_size:
        return
    values = {
        "party": caller.id,
        "new_size": new_size,
        "old_size": old_size,
        "note": request.checkpoint,
        "proof": b"".join(request.consistency_proof),
    }
    here = (CHECKPOINTS.c.party == caller.id, CHECKPOINTS.c.new_size == new_size)
    with unit.step() as step:
        if step.connection.execute(CHECKPOINTS.select().where(*here)).one_or_none() is None:
            step.connection.execute(CHECKPOINTS.insert().values(values))


def witness(unit: Unit, log: AuditLog, caller: Caller, request: pb.WitnessRequest) -> pb.WitnessReply:
    """Take the caller's cosignatures; return the others' next steps and what was cosigned of the caller's own log.

    Raises AuditError for a cosignature that does not hold, NotFoundError for one on an unknown checkpoint, LimitError.
    """
    if len(request.cosignatures) > MAX_COSIGNATURES or len(request.held) > len(unit.keys.manifest.parties()):
        raise LimitError(f"一次最多 {MAX_COSIGNATURES} 个联署", f"at most {MAX_COSIGNATURES} cosignatures at once")
    cosigned: list[JSON] = [{"party": c.party, "size": int(c.size)} for c in request.cosignatures]
    unit.note_call(caller, "checkpoints.handed", {"cosigned": cosigned} if cosigned else {})
    with unit.step() as step:
        for found in request.cosignatures:
            _take(unit, log, step, caller=caller, found=found)
        fetched = (COSIGNATURES.c.party == caller.id, COSIGNATURES.c.number <= request.after_cosignature)
        step.connection.execute(COSIGNATURES.delete().where(*fetched))
        lines, last = _lines(step, caller)
        held = {h.party: int(h.size) for h in request.held}
        others = [party.id for party in unit.keys.manifest.owners if party.id != caller.id]
        return pb.WitnessReply(steps=_steps(step, others, held), cosignatures=lines, last_cosignature=last)


def _take(unit: Unit, log: AuditLog, step: Step, *, caller: Caller, found: pb.Cosignature) -> None:
    consortium = unit.keys.manifest.consortium
    name, key, line = origin_of(consortium, caller.id), caller.party.signing_key, parse_signature(found.line)
    if found.party == unit.id:
        log.add_cosignature(int(found.size), line, name=name, key=key)
        return
    here = (CHECKPOINTS.c.party == found.party, CHECKPOINTS.c.new_size == found.size)
    row = step.connection.execute(CHECKPOINTS.select().where(*here)).one_or_none()
    if row is None or found.party == caller.id:
        raise NotFoundError("没有这个检查点", "there is no such checkpoint to cosign")
    signer = unit.keys.manifest.party(found.party).signing_key
    origin = log.peer_origin(found.party, origin_of(consortium, found.party))
    _, note = verify_checkpoint(row.note, origin=origin, key=signer)
    verify_cosignature(note, line, name=name, key=key)
    values = {"party": found.party, "size": int(found.size), "witness": caller.id}
    known = COSIGNATURES.select().where(*(COSIGNATURES.c[column] == value for column, value in values.items()))
    if step.connection.execute(known).one_or_none() is None:
        step.connection.execute(COSIGNATURES.insert().values(line=line.to_line(), **values))


def _lines(step: Step, caller: Caller) -> tuple[list[pb.Cosignature], int]:
    wanted = COSIGNATURES.select().where(COSIGNATURES.c.party == caller.id).order_by(COSIGNATURES.c.number)
    rows = step.connection.execute(wanted.limit(MAX_COSIGNATURES)).all()
    lines = [pb.Cosignature(party=r.party, size=r.size, witness=r.witness, line=r.line) for r in rows]
    return lines, max((int(row.number) for row in rows), default=0)


def _steps(step: Step, parties: Iterable[str], held: dict[str, int]) -> list[pb.GrowthStep]:
    """Return what each log has grown by since the size the caller holds, oldest first, up to a page."""
    found: list[pb.GrowthStep] = []
    for party in parties:
        later = (CHECKPOINTS.c.party == party, CHECKPOINTS.c.old_size >= held.get(party, 0))
        wanted = sa.select(CHECKPOINTS).where(*later).order_by(CHECKPOINTS.c.new_size).limit(MAX_STEPS - len(found))
        found += [_growth(row) for row in step.connection.execute(wanted)]
    return found


def _growth(row: sa.Row[tuple[object, ...]]) -> pb.GrowthStep:
    hashes = [row.proof[at : at + HASH_BYTES] for at in range(0, len(row.proof), HASH_BYTES)]
    return pb.GrowthStep(
        party=row.party, old_size=row.old_size, new_size=row.new_size, checkpoint=row.note, consistency_proof=hashes
    )
