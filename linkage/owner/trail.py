"""Write an owner's audit entries so that they interlock with the coordinator's log (design §8).

The coordinator's newest leaf, which came with its last reply or event stream, stands in our next entry as `peer_leaf`.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

from linkage.audit.entry import reject_personal
from linkage.errors import AuditError
from linkage.keys.canonical import JSON
from linkage.owner.choice import AuditWriter

WITHHELD = "withheld: looks like a personal number"


class AuditTrail:
    """Append entries to our log; safe for threads. An entry that cannot be written raises, and nothing is done."""

    def __init__(self, log: AuditWriter, *, peer: str) -> None:
        self._log = log
        self._peer = peer
        self._lock = threading.Lock()
        self._leaf = b""

    def seen(self, method: str, leaf: bytes) -> None:
        """Take the coordinator's leaf from a reply; fits `linkage.rpc.client.connect`."""
        with self._lock:
            self._leaf = leaf

    def last_leaf(self) -> bytes:
        return self._log.last_leaf()

    def note(self, kind: str, facts: Mapping[str, JSON]) -> None:
        """Write one entry. Raises AuditError."""
        with self._lock:
            leaf, self._leaf = self._leaf, b""
        about: dict[str, JSON] = {"peer": self._peer, "peer_leaf": leaf.hex()} if leaf else {}
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
