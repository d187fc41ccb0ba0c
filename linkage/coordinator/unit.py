"""What every step of the coordinator shares: database, keys, log, clock, bell, worker; and how a round moves on.

One step = one lock, one transaction: check, write the audit entry, store state and events, commit, then ring and act.
The entry comes before the commit: if the log cannot take it, nothing happens (design §8).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from linkage.coordinator import messages
from linkage.coordinator.bell import Bell
from linkage.coordinator.config import Config
from linkage.coordinator.events import Posted, post
from linkage.coordinator.matching import Matching
from linkage.coordinator.records import StoredRound, save_round
from linkage.coordinator.round import Happening, advance
from linkage.coordinator.store import Store
from linkage.errors import LimitError, SignatureError
from linkage.keys.canonical import JSON
from linkage.keys.manifest import Party
from linkage.keys.signing import Signed
from linkage.keys.store import PartyKeys
from linkage.rpc.identity import Caller
from linkage.rpc.limits import ENVELOPE_BYTES
from linkage.schema import EncodingSchema

Note = Callable[[str, Mapping[str, JSON]], object]  # Append one audit entry, durably, or raise AuditError.


@dataclass(slots=True)
class Step:
    """One transaction under way: its connection and the events it has posted."""

    connection: sa.Connection
    now_ms: int
    posted: Posted = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Unit:
    """The linkage unit's shared parts. `schema_of` loads a schema by id or raises ConfigError."""

    config: Config
    keys: PartyKeys
    store: Store
    note: Note
    clock: Callable[[], datetime]
    schema_of: Callable[[str], EncodingSchema]
    matching: Matching
    bell: Bell = field(default_factory=Bell)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def id(self) -> str:
        return self.keys.party.id

    def now_ms(self) -> int:
        return int(self.clock().timestamp() * 1000)

    def folder(self, round_id: str) -> Path:
        """Return where a round's uploads and result lie."""
        return self.config.rounds / round_id

    @contextmanager
    def step(self) -> Iterator[Step]:
        """Run one locked transaction; its events are announced once it is committed."""
        with self.lock:
            with self.store.transaction() as connection:
                current = Step(connection, self.now_ms())
                yield current
            if current.posted:  # Ringing for nothing would make the watch streams wake one another for ever.
                self.bell.ring(current.posted)

    def note_call(self, caller: Caller, kind: str, facts: Mapping[str, JSON]) -> None:
        """Write the audit entry of a call: who called, the caller's own last leaf, and the facts."""
        self.note(kind, {"party": caller.id, "peer_leaf": caller.peer_leaf.hex(), **facts})

    def move(self, step: Step, stored: StoredRound, happening: Happening) -> StoredRound:
        """Advance a round, store it and tell every owner when its state changed. Raises RoundStateError."""
        changed = advance(stored.round, happening)
        if changed == stored.round:
            return stored
        save_round(step.connection, changed, now_ms=step.now_ms)
        moved = replace(stored, round=changed)
        if changed.state is not stored.round.state:
            facts: dict[str, JSON] = {"round": changed.id, "state": str(changed.state)}
            if changed.reason:
                facts |= {"reason": changed.reason, "reason_party": changed.reason_party}
            self.note("round.state", facts)
            self.tell_state(step, moved)
        return moved

    def tell_state(self, step: Step, stored: StoredRound) -> None:
        """Post the round's state to every owner, each in its own view."""
        for owner in stored.round.owners:
            event = messages.event(stored.round.id)
            event.status.CopyFrom(messages.status(stored, (), viewer=owner))
            step.posted += post(step.connection, [owner], event, now_ms=step.now_ms)

    def verified(self, party: Party, envelope: bytes, label: str) -> bytes:
        """Return the body of an envelope signed by this party. Raises LimitError, SignatureError."""
        if len(envelope) > ENVELOPE_BYTES:
            raise LimitError(f"文书不得超过 {ENVELOPE_BYTES} 字节", f"a document has at most {ENVELOPE_BYTES} bytes")
        signed = Signed.parse(envelope)
        if signed.signer != party.id:
            raise SignatureError("签名者不是调用方", "the signer is not the caller")
        return signed.verify(label, party.signing_key)
