"""What an owner's node shows of itself to Prometheus: counts only, of its own log, rounds and coordinator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from linkage.audit.log import AuditLog
from linkage.keys.canonical import JSON
from linkage.keys.store import PartyKeys
from linkage.operations.metrics import Meter
from linkage.owner.participation import Participation, Step
from linkage.rpc.network import Seen


class MeteredLog:
    """Stand in for an audit log whose entries are counted and timed; fits `linkage.owner.choice.AuditWriter`."""

    def __init__(self, log: AuditLog, meter: Meter) -> None:
        self._log = log
        self._append = meter.audited(log.append)

    def append(self, kind: str, facts: Mapping[str, JSON]) -> object:
        return self._append(kind, facts)

    def last_leaf(self) -> bytes:
        return self._log.last_leaf()


def watch_node(meter: Meter, book: Participation, keys: PartyKeys) -> None:
    """Let the meter read an owner's rounds, disk and certificate."""
    meter.watch("linkage_rounds", "Rounds by how far our part is", lambda: _steps(book), label="step")
    meter.watch_machine(keys.folder, keys.tls_certificate)


def heard_by(meter: Meter, seen: Seen) -> Seen:
    """Return `seen`, with the moment of the coordinator's reply noted first."""

    def noted(method: str, leaf: bytes) -> object:
        meter.heard()
        return seen(method, leaf)

    return noted


def _steps(book: Participation) -> dict[str, float]:
    count = Counter(str(found.step) for found in book.rounds(tuple(Step)))
    return {str(step): float(count[str(step)]) for step in Step}
