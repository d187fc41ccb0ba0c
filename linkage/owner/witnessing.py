"""Exchange checkpoints: the coordinator and every other party cosign our log, and we theirs (design §8).

Every hour, when a round has ended and before the program ends, so that what was written can no longer be rewritten.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from linkage.audit.checkpoint import origin_of, verify_checkpoint
from linkage.audit.log import AuditLog
from linkage.audit.note import parse_note
from linkage.errors import AuditError, LinkageError
from linkage.keys.store import PartyKeys
from linkage.owner.cosigning import Cosigner
from linkage.owner.trail import AuditTrail
from linkage.rpc.client import LinkageClient
from linkage.rpc.v1 import linkage_pb2 as pb

log = logging.getLogger(__name__)
EVERY_SECONDS = 3600.0
AGAIN_SECONDS = 60.0  # After an exchange that did not come about.


class Witness:
    """Exchange checkpoints when it is time; a coordinator that does not answer is asked again later.

    `soon` may be called by any thread, `work` by one only.
    """

    def __init__(
        self,
        client: LinkageClient,
        audit: AuditLog,
        keys: PartyKeys,
        *,
        trail: AuditTrail,
        monotonic: Callable[[], float],
    ) -> None:
        self._client, self._audit, self._keys = client, audit, keys
        self._trail = trail
        self._cosigner = Cosigner(client.witness_checkpoints, audit, trail, keys)
        self._monotonic = monotonic
        self._soon = threading.Event()
        self._next = monotonic()

    def soon(self) -> None:
        """Exchange at the next opportunity: a round has ended."""
        self._soon.set()

    def work(self) -> None:
        """Exchange if it is time."""
        now = self._monotonic()
        if now < self._next and not self._soon.is_set():
            return
        self._soon.clear()
        self._next = now + EVERY_SECONDS
        try:
            # Leaves first: once the checkpoint is signed and cosigned, they stand for good.
            self._trail.flush()
            size = exchange_checkpoints(self._client, self._audit, self._keys)
            others = self._cosigner.work()
            log.info("checkpoint of %d entries exchanged, %d of others cosigned", size, others)
        except AuditError as error:
            # The coordinator's log does not fit: rounds go on, but somebody must look at the evidence that was kept.
            log.error("the coordinator's audit log: %s", error)
        except LinkageError as error:
            self._next = now + AGAIN_SECONDS
            log.info("checkpoints not exchanged: %s", error.en)

    def last(self) -> None:
        """Have everything cosigned once more before the program ends."""
        try:
            self._trail.flush()
            exchange_checkpoints(self._client, self._audit, self._keys)
        except LinkageError as error:
            log.info("last checkpoint not exchanged: %s", error.en)


def exchange_checkpoints(client: LinkageClient, log: AuditLog, keys: PartyKeys) -> int:
    """Have our newest checkpoint cosigned and keep the coordinator's; return the size it cosigned.

    A coordinator that shrank, forked or cannot prove its growth is refused and the evidence kept. Raises AuditError,
    TransportError.
    """
    request = checkpoint_request(log, keys)
    reply = client.exchange_checkpoint(request)
    take_checkpoint(log, keys, request, reply)
    if not reply.cosignature and reply.witnessed_size:
        again = checkpoint_request(log, keys, witnessed=int(reply.witnessed_size))
        take_checkpoint(log, keys, again, client.exchange_checkpoint(again))
        return size_of(log, keys, again)
    return size_of(log, keys, request)


def checkpoint_request(log: AuditLog, keys: PartyKeys, *, witnessed: int = 0) -> pb.CheckpointRequest:
    """Return what asks for a cosignature on our newest checkpoint.

    `witnessed` is the size of the one cosigned last, where we know it: the proof of growth begins there.
    """
    request = pb.CheckpointRequest(checkpoint=log.checkpoint(), known_size=_known_size(log, keys))
    size = size_of(log, keys, request)
    if 0 < witnessed < size:
        request.consistency_proof.extend(log.consistency_proof(witnessed, size))
    return request


def take_checkpoint(log: AuditLog, keys: PartyKeys, request: pb.CheckpointRequest, reply: pb.CheckpointReply) -> None:
    """Keep the coordinator's checkpoint, and its cosignature on ours if there is one. Raises AuditError."""
    coordinator = keys.manifest.coordinator
    name, key = origin_of(keys.manifest.consortium, coordinator.id), coordinator.signing_key
    if _known_size(log, keys) == request.known_size:  # A carried reply may come when we know more already.
        proof = list(reply.consistency_proof) if request.known_size else None
        origin = log.peer_origin(coordinator.id, name)
        log.store_peer_checkpoint(coordinator.id, reply.checkpoint, origin=origin, key=key, proof=proof)
    if reply.cosignature:
        line = parse_note(parse_note(request.checkpoint).text + "\n" + reply.cosignature).signatures[0]
        log.add_cosignature(size_of(log, keys, request), line, name=name, key=key)


def size_of(log: AuditLog, keys: PartyKeys, request: pb.CheckpointRequest) -> int:
    """Return the size of our checkpoint in a request."""
    return verify_checkpoint(request.checkpoint, origin=log.origin, key=keys.party.signing_key)[0].size


def _known_size(log: AuditLog, keys: PartyKeys) -> int:
    coordinator = keys.manifest.coordinator
    known = log.peer_checkpoint(coordinator.id)
    origin = log.peer_origin(coordinator.id, origin_of(keys.manifest.consortium, coordinator.id))
    return verify_checkpoint(known, origin=origin, key=coordinator.signing_key)[0].size if known else 0
