"""Steps that come at one time share one wait for the disk, and nothing else."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from linkage.coordinator.events import Posted, post
from linkage.coordinator.messages import event
from linkage.coordinator.steps import Step, Steps
from linkage.coordinator.store import Store
from linkage.coordinator.tables import EVENTS
from linkage.errors import AuditError, LimitError, LinkageError, TransportError
from linkage.keys.canonical import JSON

TOGETHER = 7


@dataclass(slots=True)
class Desk:
    """Steps over a real database, with a log that keeps in order what was asked of it."""

    store: Store
    said: list[str] = field(default_factory=list)
    full: bool = False
    steps: Steps = field(init=False)

    def __post_init__(self) -> None:
        self.steps = Steps(self.store, write=self._write, settle=self._settle, ring=self._ring, now_ms=lambda: 0)
        sa.event.listen(self.store.engine, "commit", lambda connection: self.said.append("commit"))

    def _write(self, kind: str, facts: Mapping[str, JSON]) -> None:
        self.said.append(kind)

    def _settle(self) -> None:
        if self.full:
            raise AuditError("写不进去", "cannot be written")
        self.said.append("settle")

    def _ring(self, posted: Posted) -> None:
        self.said += [f"ring {recipient}" for recipient, _ in posted]

    def stored(self) -> list[str]:
        with self.store.reading() as connection:
            return list(connection.execute(sa.select(EVENTS.c.recipient).order_by(EVENTS.c.sequence)).scalars())

    def together(self, *work: Callable[[Step], None]) -> list[str]:
        """Run a step for each, all waiting before the first one ends; return what each raised, in their order."""
        raised = [""] * len(work)

        def run(at: int) -> None:
            try:
                with self.steps.step() as step:
                    work[at](step)
            except LinkageError as error:
                raised[at] = error.code

        threads = [threading.Thread(target=run, args=(at,)) for at in range(len(work))]
        with self.steps._turn:
            for waiting, thread in enumerate(threads, start=1):
                thread.start()
                while self.steps._coming < waiting:
                    pass
        for thread in threads:
            thread.join()
        return raised


@pytest.fixture
def desk(tmp_path: Path, database: str) -> Iterator[Desk]:
    store = Store(database or tmp_path / "coordinator.db")
    yield Desk(store)
    store.close()


def write(name: str) -> Callable[[Step], None]:
    """Return what writes an entry and posts an event of that name."""

    def work(step: Step) -> None:
        step.note(name, {})
        step.posted += post(step.connection, [name], event("r"), now_ms=step.now_ms)

    return work


def refused(step: Step) -> None:
    write("refused")(step)
    raise LimitError("超限", "too much")


def broken(step: Step) -> None:
    write("broken")(step)
    raise sa.exc.OperationalError("INSERT", None, sqlite3.OperationalError("disk I/O error"))


def test_steps_that_wait_for_each_other_wait_for_the_disk_once(desk: Desk) -> None:
    names = [f"party-{number}" for number in range(TOGETHER)]

    assert desk.together(*map(write, names)) == [""] * TOGETHER
    entries, rest = desk.said[:TOGETHER], desk.said[TOGETHER:]
    assert sorted(entries) == names  # Who is first is up to the system.
    assert rest == ["settle", "commit", *(f"ring {name}" for name in entries)]
    assert desk.stored() == entries


def test_a_refused_step_undoes_only_its_own_part(desk: Desk) -> None:
    assert desk.together(write("a"), refused, write("b")) == ["", "limit", ""]
    assert sorted(desk.stored()) == ["a", "b"]


def test_nothing_has_happened_when_the_log_keeps_no_entry(desk: Desk) -> None:
    desk.full = True
    assert desk.together(write("a"), write("b")) == ["audit", "audit"]
    assert (sorted(desk.said), desk.stored()) == (["a", "b"], [])

    desk.full = False
    assert desk.together(write("c")) == [""]
    assert desk.stored() == ["c"]


def test_a_fault_of_the_database_tells_everybody_to_try_again(desk: Desk) -> None:
    names = ["a", "b", "c"]
    told = desk.together(*map(write, names[:2]), broken, write(names[2]))

    assert told[2] == TransportError.code and set(told) <= {"", TransportError.code}
    assert sorted(desk.stored()) == [name for name, code in zip(names, told[:2] + told[3:], strict=True) if not code]


def test_a_step_alone_is_durable_when_it_ends(desk: Desk) -> None:
    with desk.steps.step() as step:
        write("a")(step)
        assert desk.said == ["a"]

    assert desk.said == ["a", "settle", "commit", "ring a"]
    assert desk.stored() == ["a"]
