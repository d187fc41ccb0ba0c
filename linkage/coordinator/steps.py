"""Steps: what calls do to database and log, one after the other; those that come at one time share one transaction.

A step checks, writes its audit entries, stores state and events, and returns once all of it is durable. The last of
those that came meanwhile waits for the disk, once for all of them: for the log first, then for the database. If the log
cannot keep the entries, nothing of them has happened (design §8). A step that is refused undoes its own part only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa

from linkage.coordinator.events import Posted
from linkage.coordinator.store import Store
from linkage.database.opening import TAKES_NOTHING
from linkage.keys.canonical import JSON
from linkage.rpc.identity import Caller

Note = Callable[[str, Mapping[str, JSON]], object]  # Write one audit entry, or raise AuditError.
MOST: Final = 32  # Steps that share one transaction: the first of them waits for the last.


@dataclass(slots=True)
class Step:
    """One step under way: its connection, what writes its entries and the events it has posted."""

    connection: sa.Connection
    now_ms: int
    note: Note
    posted: Posted = field(default_factory=list)

    def note_call(self, caller: Caller, kind: str, facts: Mapping[str, JSON]) -> None:
        """Write the entry of a call; it is durable before the step is stored."""
        self.note(kind, call_facts(caller, facts))


def call_facts(caller: Caller, facts: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the facts of a call: who called, the caller's own last leaf, and the rest."""
    return {"party": caller.id, "peer_leaf": caller.peer_leaf.hex(), **facts}


@dataclass(slots=True)
class _Batch:
    """The steps that share one transaction; `fault` is why none of them has happened."""

    connection: sa.Connection
    transaction: ExitStack
    steps: int = 0
    posted: Posted = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)
    fault: BaseException | None = None

    def wait(self) -> None:
        self.done.wait()
        if self.fault is not None:
            raise self.fault


class Steps:
    """Run steps. `write` takes an entry, `settle` makes the entries durable, `ring` announces stored events."""

    def __init__(
        self,
        store: Store,
        *,
        write: Note,
        settle: Callable[[], None],
        ring: Callable[[Posted], None],
        now_ms: Callable[[], int],
    ) -> None:
        self._store, self._write, self._settle, self._ring, self._now_ms = store, write, settle, ring, now_ms
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._coming = 0
        self._batch: _Batch | None = None

    @contextmanager
    def step(self) -> Iterator[Step]:
        """Run one step; it is durable, and its events are announced, when this ends. Raises AuditError, TransportError.

        Not to be nested.
        """
        with self._joined() as batch:
            with batch.connection.begin_nested():
                current = Step(batch.connection, self._now_ms(), self._write)
                yield current
            batch.posted += current.posted
        batch.wait()

    @contextmanager
    def _joined(self) -> Iterator[_Batch]:
        """Yield, to one thread at a time, the transaction that is open or a new one; the last to leave stores it."""
        with self._my_turn():
            batch = self._batch = self._batch or self._begin()
            batch.steps += 1
            try:
                yield batch
            except TAKES_NOTHING as error:  # The database may have dropped everybody's part with ours.
                self._end(batch, error)
                batch.wait()
            finally:
                if self._batch is batch and (not self._coming or batch.steps >= MOST):
                    self._end(batch)

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        with self._counting:
            self._coming += 1
        with self._turn:
            with self._counting:
                self._coming -= 1
            yield

    def _begin(self) -> _Batch:
        transaction = ExitStack()
        return _Batch(transaction.enter_context(self._store.transaction()), transaction)

    def _end(self, batch: _Batch, fault: Exception | None = None) -> None:
        """Store what was done in the transaction, or with a fault nothing of it; let all who share it go on."""
        self._batch = None
        try:
            with batch.transaction:
                if fault is not None:
                    raise fault
                self._settle()
        except BaseException as error:  # Whatever it is: none of these steps has happened.
            batch.fault = error
        else:
            self._ring(batch.posted)
        finally:
            batch.done.set()
