"""The numbers of one process, for Prometheus. No label names a person, an officer, a party or a round.

What happens is counted where it is written down: in the audit log. What is, is read when somebody asks.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.gc_collector import GCCollector
from prometheus_client.metrics_core import Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from linkage.database.opening import TAKES_NOTHING
from linkage.errors import AuditError, LinkageError
from linkage.keys.canonical import JSON
from linkage.keys.tls import parse_certificate

Append = Callable[[str, Mapping[str, JSON]], object]
Numbers = Callable[[], Mapping[str, float]]
CALL_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0)
DISK_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5)
MATCH_SECONDS: Final = (1.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0, 28800.0)


class Meter:
    """Count and time what one program does. Every program has a registry of its own."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.registry = CollectorRegistry()
        self._monotonic = monotonic
        self._matches: dict[str, float] = {}
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self._calls = Counter("linkage_calls", "Calls answered", ["method", "code"], registry=self.registry)
        self._open_calls = Gauge("linkage_calls_open", "Calls under way", registry=self.registry)
        self._call_seconds = Histogram(
            "linkage_call_seconds", "Time of a call", ["method"], buckets=CALL_SECONDS, registry=self.registry
        )
        self._entries = Counter("linkage_audit_entries", "Audit entries written", ["kind"], registry=self.registry)
        self._failures = Counter(
            "linkage_audit_failures", "Audit entries that could not be written", registry=self.registry
        )
        self._append_seconds = Histogram(
            "linkage_audit_append_seconds",
            "Lock, write and fsync of audit entries",
            buckets=DISK_SECONDS,
            registry=self.registry,
        )
        self._match_seconds = Histogram(
            "linkage_match_seconds", "From the start of a match to its outcome", buckets=MATCH_SECONDS,
            registry=self.registry,
        )  # fmt: skip
        self._heard = Gauge(
            "linkage_coordinator_heard_timestamp_seconds", "The coordinator's last reply", registry=self.registry
        )

    def begun(self, method: str) -> None:
        """Count one call as under way; fits `linkage.rpc.observing.Observer`."""
        self._open_calls.inc()

    def answered(self, method: str, code: str, seconds: float) -> None:
        """Count one call as ended."""
        self._open_calls.dec()
        self._calls.labels(method, code).inc()
        self._call_seconds.labels(method).observe(seconds)

    def audited(self, append: Append) -> Append:
        """Return `append`, counted and timed by the kind of entry."""

        def timed(kind: str, facts: Mapping[str, JSON]) -> object:
            with self._waiting():
                receipt = append(kind, facts)
            self._entries.labels(kind).inc()
            self._time_match(kind, str(facts.get("round", "")))
            return receipt

        return timed

    def settled(self, settle: Callable[[], None]) -> Callable[[], None]:
        """Return `settle`, which makes written entries durable, timed as their writing is."""

        def timed() -> None:
            with self._waiting():
                settle()

        return timed

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        """Time what the audit log takes, and count where it fails."""
        began = self._monotonic()
        try:
            yield
        except AuditError:
            self._failures.inc()
            raise
        self._append_seconds.observe(self._monotonic() - began)

    def heard(self) -> None:
        """Note that the coordinator has answered now."""
        self._heard.set_to_current_time()

    def watch(self, name: str, text: str, read: Numbers, *, label: str = "") -> None:
        """Read numbers whenever somebody asks: by label value, or with no `label` the one under ""."""
        self.registry.register(_Read(name, text, read, label))

    def watch_machine(self, state: Path, certificate: bytes) -> None:
        """Show the room left where the state lies and when our certificate (PEM) runs out."""
        ends = parse_certificate(certificate).not_valid_after_utc
        self.watch("linkage_disk_free_bytes", "Free bytes at the state folder", lambda: {"": _free(state)})
        self.watch("linkage_certificate_expires_timestamp_seconds", "When our certificate ends", lambda: _when(ends))

    def _time_match(self, kind: str, round_id: str) -> None:
        if kind == "match.started":
            self._matches[round_id] = self._monotonic()
        elif kind in ("match.finished", "match.failed") and round_id in self._matches:
            self._match_seconds.observe(self._monotonic() - self._matches.pop(round_id))
        elif kind == "round.erased":
            self._matches.pop(round_id, None)


def _free(folder: Path) -> float:
    return float(shutil.disk_usage(folder).free)


def _when(moment: datetime) -> dict[str, float]:
    return {"": moment.timestamp()}


class _Read(Collector):
    """One gauge whose values are read when asked for; what cannot be read is left out, so that an alert can see it."""

    def __init__(self, name: str, text: str, read: Numbers, label: str) -> None:
        self._name, self._text, self._read, self._label = name, text, read, label

    def describe(self) -> Iterable[Metric]:
        return [self._family()]

    def collect(self) -> Iterator[Metric]:
        family = self._family()
        try:
            values = self._read()
        except (LinkageError, OSError, *TAKES_NOTHING):
            values = {}
        for value, number in values.items():
            family.add_metric([value] if self._label else [], number)
        yield family

    def _family(self) -> GaugeMetricFamily:
        return GaugeMetricFamily(self._name, self._text, labels=[self._label] if self._label else [])
