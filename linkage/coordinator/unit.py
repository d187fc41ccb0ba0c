"""What every call of the coordinator shares: database, keys, log, clock, bell, worker; and how a round moves on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from linkage.coordinator import messages
from linkage.coordinator.bell import Bell
from linkage.coordinator.config import Config
from linkage.coordinator.events import post_each
from linkage.coordinator.matching import Matching
from linkage.coordinator.records import StoredRound, save_round
from linkage.coordinator.round import Happening, advance
from linkage.coordinator.steps import Note, Step, Steps, call_facts
from linkage.coordinator.store import Store
from linkage.errors import LimitError, SignatureError
from linkage.keys.canonical import JSON
from linkage.keys.manifest import Party
from linkage.keys.signing import Signed
from linkage.keys.store import PartyKeys
from linkage.rpc.identity import Caller
from linkage.rpc.limits import ENVELOPE_BYTES
from linkage.schema import EncodingSchema


def milliseconds(moment: datetime) -> int:
    """Return a moment as the tables keep it."""
    return int(moment.timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Unit:
    """The linkage unit's shared parts. `schema_of` loads a schema by id or raises ConfigError.

    `note` writes one audit entry that belongs to no step; it is durable when that returns.
    """

    config: Config
    keys: PartyKeys
    store: Store
    steps: Steps
    note: Note
    clock: Callable[[], datetime]
    schema_of: Callable[[str], EncodingSchema]
    matching: Matching
    bell: Bell
    starting: threading.Lock = field(default_factory=threading.Lock)  # Of a worker.

    @property
    def id(self) -> str:
        return self.keys.party.id

    def now_ms(self) -> int:
        return milliseconds(self.clock())

    def folder(self, round_id: str) -> Path:
        """Return where a round's uploads and result lie."""
        return self.config.rounds / round_id

    def step(self) -> AbstractContextManager[Step]:
        """Run one step; it is durable, and its events are announced, when this ends. Not to be nested."""
        return self.steps.step()

    def note_call(self, caller: Caller, kind: str, facts: Mapping[str, JSON]) -> None:
        """Write the entry of a call that stores nothing."""
        self.note(kind, call_facts(caller, facts))

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
            step.note("round.state", facts)
            self.tell_state(step, moved)
        return moved

    def tell_state(self, step: Step, stored: StoredRound) -> None:
        """Post the round's state to every owner, each in its own view."""
        told = {owner: messages.event(stored.round.id) for owner in stored.round.owners}
        for owner, event in told.items():
            event.status.CopyFrom(messages.status(stored, (), viewer=owner))
        step.posted += post_each(step.connection, told, now_ms=step.now_ms)

    def verified(self, party: Party, envelope: bytes, label: str) -> bytes:
        """Return the body of an envelope signed by this party. Raises LimitError, SignatureError."""
        if len(envelope) > ENVELOPE_BYTES:
            raise LimitError(f"文书不得超过 {ENVELOPE_BYTES} 字节", f"a document has at most {ENVELOPE_BYTES} bytes")
        signed = Signed.parse(envelope)
        if signed.signer != party.id:
            raise SignatureError("签名者不是调用方", "the signer is not the caller")
        return signed.verify(label, party.signing_key)
