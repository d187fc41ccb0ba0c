"""Keep an owner connected: one thread takes events, one does the work they cause; both survive any break.

An event counts as handled once everything it needs is stored; the next connection asks for what comes after it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from linkage.errors import AuditError, LinkageError
from linkage.keys.files import sole_use
from linkage.operations.stopping import LOOK_SECONDS
from linkage.owner.database import TAKES_NOTHING
from linkage.owner.events import ENDED, take_event
from linkage.owner.office import Office
from linkage.owner.witnessing import Witness
from linkage.owner.work import Worker
from linkage.rpc.backoff import Backoff
from linkage.rpc.client import LinkageClient
from linkage.rpc.v1 import linkage_pb2 as pb

log = logging.getLogger(__name__)
POLL_SECONDS = 1.0  # An operator's decision comes through the database, from another process.
MAX_ATTEMPTS = 5
LOCK = "session.lock"


def session_lock(state: Path) -> AbstractContextManager[bool]:
    """Yield whether this process may keep the session: two of one party would encode and answer everything twice."""
    return sole_use(state / LOCK)


class OwnerSession:
    """Run an owner's part in all its rounds until told to stop. Without `witness` no checkpoints are exchanged."""

    def __init__(
        self,
        office: Office,
        client: LinkageClient,
        *,
        witness: Witness | None = None,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._office = office
        self._client = client
        self._witness = witness
        self._poll = poll_seconds
        self._wake = threading.Event()
        self._backoff = Backoff(first=0.5, longest=30.0)

    def wake(self) -> None:
        """Look for work now."""
        self._wake.set()

    def run(self, stop: threading.Event, *, ready: Callable[[], None] = lambda: None) -> None:
        """Take events and do the work until `stop` is set; whatever is under way stays resumable."""
        watcher = threading.Thread(target=self._watch, args=(stop,), name="watch", daemon=True)
        worker = Worker(self._office, self._client, stop=stop)
        watcher.start()
        ready()
        failures = 0
        while not stop.is_set():
            try:
                failures = failures + 1 if worker.work() else 0
                if self._witness is not None and not failures and not stop.is_set():
                    self._witness.work()
            except AuditError as error:
                log.error("the audit log takes no entry, so nothing is done: %s", error)
                failures += 1
            except Exception as error:
                # A bug or a full disk; its text might quote a row, so only its kind is told.
                log.error("work failed: %s", type(error).__name__)
                failures += 1
            self._rest(self._backoff.wait_after(failures) if failures else self._poll, stop)
        if self._witness is not None and not failures:
            self._witness.last()
        self._client.close()
        watcher.join(10.0)

    def _rest(self, seconds: float, stop: threading.Event) -> None:
        """Wait so long for something to do; a signal to stop wakes nobody, so `stop` is looked at."""
        end = self._office.monotonic() + seconds
        while not stop.is_set() and (left := end - self._office.monotonic()) > 0:
            if self._wake.wait(min(left, LOOK_SECONDS)):
                break
        self._wake.clear()

    def _watch(self, stop: threading.Event) -> None:
        failures, at, faults = 0, 0, 0
        while not stop.is_set():
            try:
                for event in self._client.watch(self._office.book.sequence(), stop):
                    at, faults = event.sequence, faults if event.sequence == at else 0
                    take_event(self._office, event)
                    self._office.book.handled(event.sequence)
                    if self._witness is not None and pb.RoundState.Name(event.status.state) in ENDED:
                        self._witness.soon()
                    failures = 0
                    self._wake.set()
            except LinkageError as error:
                log.warning("watching: %s", error)
            except (*TAKES_NOTHING, OSError) as error:
                # Nothing is wrong with the event: it waits, however long, until it can be stored.
                log.error("events wait: %s", type(error).__name__)
            except Exception as error:
                faults += 1
                log.error("event %d failed: %s", at, type(error).__name__)
                if faults >= MAX_ATTEMPTS:
                    self._skip_hopeless(at, faults)
            failures += 1
            stop.wait(self._backoff.wait_after(failures))

    def _skip_hopeless(self, sequence: int, attempts: int) -> None:
        """Pass over an event that failed again and again, so that the ones behind it are not lost."""
        try:
            self._office.trail.note("event.skipped", {"sequence": sequence, "attempts": attempts})
            self._office.book.handled(sequence)
        except (AuditError, *TAKES_NOTHING, OSError) as error:
            log.error("event %d is not passed over yet: %s", sequence, type(error).__name__)
