"""Exchange checkpoints with the coordinator: it cosigns our log, we hold it to its own (design §8)."""

from __future__ import annotations

from linkage.audit.checkpoint import origin_of, verify_checkpoint
from linkage.audit.log import AuditLog
from linkage.audit.note import parse_note
from linkage.keys.store import PartyKeys
from linkage.rpc.client import LinkageClient
from linkage.rpc.v1 import linkage_pb2 as pb


def exchange_checkpoints(client: LinkageClient, log: AuditLog, keys: PartyKeys) -> int:
    """Have our newest checkpoint cosigned and keep the coordinator's; return the size it cosigned.

    A coordinator that shrank, forked or cannot prove its growth is refused and the evidence kept. Raises AuditError,
    TransportError.
    """
    coordinator = keys.manifest.coordinator
    origin, key = origin_of(keys.manifest.consortium, coordinator.id), coordinator.signing_key
    known = log.peer_checkpoint(coordinator.id)
    known_size = verify_checkpoint(known, origin=origin, key=key)[0].size if known else 0
    ours = log.checkpoint()
    size = verify_checkpoint(ours, origin=log.origin, key=keys.party.signing_key)[0].size
    reply = client.exchange_checkpoint(pb.CheckpointRequest(checkpoint=ours, known_size=known_size))
    proof = list(reply.consistency_proof) if known_size else None
    log.store_peer_checkpoint(coordinator.id, reply.checkpoint, origin=origin, key=key, proof=proof)
    if not reply.cosignature and reply.witnessed_size:
        again = pb.CheckpointRequest(
            checkpoint=ours, consistency_proof=log.consistency_proof(int(reply.witnessed_size), size)
        )
        reply = client.exchange_checkpoint(again)
    if reply.cosignature:
        line = parse_note(parse_note(ours).text + "\n" + reply.cosignature).signatures[0]
        log.add_cosignature(size, line, name=origin, key=key)
    return size
