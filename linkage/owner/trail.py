"""Write an owner's audit entries so that they interlock with the coordinator's log (design §8).

Every leaf that came with a reply or an event of the coordinator stands in our next entry: the newest as `peer_leaf`,
those before it in `peer_leaves`, in the order they came. What no other entry takes up, `peer.seen` does.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

from linkage.audit.entry import reject_personal
from linkage.errors import AuditError
from linkage.keys.canonical import JSON
from linkage.owner.choice import AuditWriter

WITHHELD = "withheld: looks like a personal number"
MAX_WAITING = 64  # Leaves that may wait for an entry of ours before they get one of their own.


class AuditTrail:
    """Append entries to our log; safe for threads. An entry that cannot be written raises, and nothing is done."""

    def __init__(self, log: AuditWriter, *, peer: str) -> None:
        self._log = log
        self._peer = peer
        self._lock = threading.Lock()
        self._leaves: list[bytes] = []

    def seen(self, method: str, leaf: bytes) -> None:
        """Take the coordinator's leaf from a reply; fits `linkage.rpc.client.connect`. Raises AuditError."""
        with self._lock:
            if self._leaves[-1:] != [leaf]:
                self._leaves.append(leaf)
            full = len(self._leaves) >= MAX_WAITING
        if full:
            self.flush()

    def last_leaf(self) -> bytes:
        return self._log.last_leaf()

    def note(self, kind: str, facts: Mapping[str, JSON]) -> None:
        """Write one entry. Raises AuditError."""
        self._write(kind, facts, self._take())

    def flush(self) -> None:
        """Write down the leaves that still wait, if any. Raises AuditError."""
        leaves = self._take()
        if leaves:
            self._write("peer.seen", {}, leaves)

    def _take(self) -> list[bytes]:
        with self._lock:
            leaves, self._leaves = self._leaves, []
        return leaves

    def _write(self, kind: str, facts: Mapping[str, JSON], leaves: list[bytes]) -> None:
        about: dict[str, JSON] = {"peer": self._peer, "peer_leaf": leaves[-1].hex()} if leaves else {}
        if leaves[:-1]:
            about["peer_leaves"] = [leaf.hex() for leaf in leaves[:-1]]
        self._log.append(kind, {**{name: _impersonal(value) for name, value in facts.items()}, **about})


def _impersonal(value: JSON) -> JSON:
    """Return a fact, or a mark in place of one that looks like a person's number.

    Purposes and references are written by others: a number in one of them must neither get into the log nor, by
    making the log refuse the entry, stop this office from handling the event.
    """
    try:
        reject_personal(value)
    except AuditError:
        return WITHHELD
    return value
