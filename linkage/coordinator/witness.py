"""Exchange checkpoints: each side witnesses the other's log, and neither can rewrite its own afterwards.

As in C2SP tlog-witness, a checkpoint is cosigned only with a proof from the size witnessed last. A caller that does
not know that size gets no cosignature but `witnessed_size`, and asks again with the proof.
"""

from __future__ import annotations

from linkage.audit.checkpoint import origin_of, verify_checkpoint
from linkage.audit.log import AuditLog
from linkage.coordinator import gossip
from linkage.coordinator.unit import Unit
from linkage.rpc.identity import Caller
from linkage.rpc.v1 import linkage_pb2 as pb


def exchange(unit: Unit, log: AuditLog, caller: Caller, request: pb.CheckpointRequest) -> pb.CheckpointReply:
    """Verify, keep and cosign the caller's checkpoint; return ours with a proof. Raises AuditError."""
    origin = log.peer_origin(caller.id, origin_of(unit.keys.manifest.consortium, caller.id))
    key = caller.party.signing_key
    stated, _ = verify_checkpoint(request.checkpoint, origin=origin, key=key)
    known = log.peer_checkpoint(caller.id)
    witnessed = verify_checkpoint(known, origin=origin, key=key)[0].size if known else 0
    unit.note_call(caller, "checkpoint.exchanged", {"size": stated.size, "root": stated.root.hex()})
    cosignature = ""
    if not 0 < witnessed < stated.size or request.consistency_proof:
        proof = list(request.consistency_proof) or None
        cosignature = log.cosign_peer(caller.id, request.checkpoint, origin=origin, key=key, proof=proof).to_line()
        gossip.keep_step(unit, caller, request, old_size=witnessed, new_size=stated.size)
    ours = log.checkpoint()
    size = verify_checkpoint(ours, origin=log.origin, key=unit.keys.party.signing_key)[0].size
    grown = 0 < request.known_size < size
    return pb.CheckpointReply(
        checkpoint=ours,
        cosignature=cosignature,
        consistency_proof=log.consistency_proof(request.known_size, size) if grown else [],
        witnessed_size=witnessed,
    )
