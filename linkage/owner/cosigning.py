"""Witness the other parties' logs: follow each step with its proof, keep it, cosign it (C2SP tlog-witness).

The coordinator only carries: notes, proofs and cosignatures are held against the manifest's keys here. A log that
forked or shrank is not cosigned; its two checkpoints are kept as evidence, and the refusal is an audit entry.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from linkage.audit.checkpoint import Checkpoint, origin_of, verify_checkpoint
from linkage.audit.log import AuditLog
from linkage.audit.note import parse_signature
from linkage.errors import AuditError, LinkageError
from linkage.keys.canonical import JSON
from linkage.keys.signing import VerifyKey
from linkage.keys.store import PartyKeys
from linkage.owner.trail import AuditTrail
from linkage.rpc.v1 import linkage_pb2 as pb

log = logging.getLogger(__name__)
MAX_PASSES = 64  # Pages of one pass; what is left comes with the next one.
MAX_LISTED = 200  # Checkpoints that one audit entry names.
Exchange = Callable[[pb.WitnessRequest], pb.WitnessReply]


@dataclass(slots=True)
class Cosigner:
    """Witness the others for one party. One thread only."""

    exchange: Exchange
    audit: AuditLog
    trail: AuditTrail
    keys: PartyKeys
    after: int = 0  # The number of the last cosignature on our own checkpoints that we have stored.

    def work(self) -> int:
        """Take and cosign what is new; return how many checkpoints were. Raises TransportError, AuditError."""
        held = self.held()
        pending = self.on_coordinator()
        done = 0
        for _ in range(MAX_PASSES):
            reply = self.exchange(self.request(held, pending))
            done += len(pending)
            pending = self.take(reply, held)
            if not pending and not reply.cosignatures:
                break
        return done

    def request(self, held: dict[str, int], pending: list[pb.Cosignature]) -> pb.WitnessRequest:
        """Return what hands in our cosignatures and asks for what follows on what we hold."""
        logs = [pb.WitnessedLog(party=party, size=size) for party, size in held.items()]
        return pb.WitnessRequest(held=logs, cosignatures=pending, after_cosignature=self.after)

    def take(self, reply: pb.WitnessReply, held: dict[str, int]) -> list[pb.Cosignature]:
        """Keep the others' cosignatures on our log, follow and cosign their logs; return what is to be handed in."""
        for found in reply.cosignatures:
            self._take_own(found)
        self.after = max(self.after, int(reply.last_cosignature))
        return self._follow(reply.steps, held)

    def held(self) -> dict[str, int]:
        """Return the size of every other owner's log as we hold it."""
        others = (party.id for party in self.keys.manifest.owners if party.id != self.keys.party.id)
        return {party: known.size if (known := self._known(party)) else 0 for party in others}

    def _known(self, party: str) -> Checkpoint | None:
        text = self.audit.peer_checkpoint(party)
        origin, key = self._log_of(party)
        return verify_checkpoint(text, origin=origin, key=key)[0] if text else None

    def _identity(self, party: str) -> tuple[str, VerifyKey]:
        manifest = self.keys.manifest
        return origin_of(manifest.consortium, party), manifest.party(party).signing_key

    def _log_of(self, party: str) -> tuple[str, VerifyKey]:
        name, key = self._identity(party)
        return self.audit.peer_origin(party, name), key

    def on_coordinator(self) -> list[pb.Cosignature]:
        """Cosign the coordinator's checkpoint that we keep; it came with its proof, and was held against it then."""
        party = self.keys.manifest.coordinator.id
        text = self.audit.peer_checkpoint(party)
        if text is None:
            return []
        known, cosignature = self._cosign(party, text, proof=None)
        self._note([(party, known)])
        return [cosignature]

    def _follow(self, steps: Iterable[pb.GrowthStep], held: dict[str, int]) -> list[pb.Cosignature]:
        """Keep and cosign every step that follows from what we hold. A refused log is left out of this pass."""
        taken: list[pb.Cosignature] = []
        known: list[tuple[str, Checkpoint]] = []
        for step in steps:
            if held.get(step.party) != step.old_size:
                continue  # Not ours to follow, or behind a refused step.
            try:
                stated, line = self._cosign(step.party, step.checkpoint, proof=list(step.consistency_proof))
                taken.append(line)
                known.append((step.party, stated))
                held[step.party] = stated.size
            except LinkageError as error:
                self._refuse(step, error)
                del held[step.party]
        for at in range(0, len(known), MAX_LISTED):
            self._note(known[at : at + MAX_LISTED])
        return taken

    def _note(self, known: Iterable[tuple[str, Checkpoint]]) -> None:
        """Write down which checkpoints are kept and cosigned, before any cosignature leaves."""
        logs: list[JSON] = [{"party": party, "size": c.size, "root": c.root.hex()} for party, c in known]
        self.trail.note("checkpoints.witnessed", {"logs": logs})

    def _cosign(self, party: str, text: str, *, proof: list[bytes] | None) -> tuple[Checkpoint, pb.Cosignature]:
        origin, key = self._log_of(party)
        stated, _ = verify_checkpoint(text, origin=origin, key=key)
        line = self.audit.cosign_peer(party, text, origin=origin, key=key, proof=proof)
        found = pb.Cosignature(party=party, size=stated.size, witness=self.keys.party.id, line=line.to_line())
        return stated, found

    def _refuse(self, step: pb.GrowthStep, error: LinkageError) -> None:
        log.error("the audit log of %s is not cosigned: %s", step.party, error)
        known = self._known(step.party)
        facts: dict[str, JSON] = {"party": step.party, "held": known.size if known else 0, "size": int(step.new_size)}
        self.trail.note("checkpoint.refused", facts | {"reason": error.en})

    def _take_own(self, found: pb.Cosignature) -> None:
        """Put another party's cosignature into our checkpoint; a bad one is not ours to keep."""
        try:
            name, key = self._identity(found.witness)
            self.audit.add_cosignature(int(found.size), parse_signature(found.line), name=name, key=key)
        except AuditError as error:
            log.warning("a cosignature of %s is not kept: %s", found.witness, error)
