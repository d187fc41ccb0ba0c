"""An owner's session outlives its database's faults, and loses no event by them."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa

from linkage.owner.session import MAX_ATTEMPTS, OwnerSession
from linkage.rpc.backoff import Backoff
from linkage.rpc.v1 import linkage_pb2 as pb


@dataclass(slots=True)
class Stream:
    """Stand in for a client: gives the events after the number that is asked for, then waits for the end."""

    events: list[pb.Event]
    stop: threading.Event = field(default_factory=threading.Event)
    asked: int = 0

    def watch(self, after: int, stop: threading.Event) -> Iterator[pb.Event]:
        self.asked += 1
        yield from (event for event in self.events if event.sequence > after)
        self.stop.wait()

    def close(self) -> None:
        self.stop.set()


@contextmanager
def failing(engine: sa.Engine, *, times: int) -> Iterator[list[str]]:
    """Let so many statements of the database fail, as one fails that is locked or away; yield those that did."""
    failed: list[str] = []

    def fail(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if len(failed) < times and threading.current_thread().name == "watch":
            failed.append(statement)
            raise sa.exc.OperationalError(statement, None, sqlite3.OperationalError("database is locked"))

    sa.event.listen(engine, "before_cursor_execute", fail)
    try:
        yield failed
    finally:
        sa.event.remove(engine, "before_cursor_execute", fail)


@contextmanager
def watching(office: Any, stream: Stream) -> Iterator[None]:
    """Run a session over the stream."""
    session, stop = OwnerSession(office, stream, poll_seconds=0.02), threading.Event()  # type: ignore[arg-type]
    thread = threading.Thread(target=session.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        stream.close()
        session.wake()
        thread.join()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linkage.owner.session.Backoff", lambda **_: Backoff(first=0.001, longest=0.01))


@pytest.mark.parametrize("times", [1, 2, 3 * MAX_ATTEMPTS])
def test_no_event_is_lost_while_the_database_takes_nothing(town: Any, kit: Any, times: int) -> None:
    office, warrant = town.office("civil", kit.Policy()), town.warrant()
    stream = Stream([kit.warrant_event(town, warrant)])
    with failing(office.book.engine, times=times) as failed, watching(office, stream):
        kit.wait_for(lambda: office.book.sequence() == 1, seconds=20)

    assert (len(failed), office.book.round(warrant.round_id).digest) == (times, warrant.digest)


def test_an_event_that_a_fault_of_ours_stops_again_and_again_is_passed_over(
    town: Any, kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = kit.Log()
    office, warrant = town.office("civil", kit.Policy(), log=log), town.warrant()
    events = [pb.Event(sequence=1, round_id="0" * 32), kit.warrant_event(town, warrant)]
    events[1].sequence = 2
    stream, take = Stream(events), kit.take_event

    def take_or_fail(office: Any, event: pb.Event) -> None:
        if event.sequence == 1:
            raise ZeroDivisionError
        take(office, event)

    monkeypatch.setattr("linkage.owner.session.take_event", take_or_fail)
    with watching(office, stream):
        kit.wait_for(lambda: office.book.sequence() == 2, seconds=20)

    assert stream.asked == MAX_ATTEMPTS + 1
    assert dict(log.entries)["event.skipped"] == {"sequence": 1, "attempts": MAX_ATTEMPTS}


def test_a_session_that_waits_for_its_next_try_ends_when_it_is_told_to_stop(
    town: Any, kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, stop, tried = town.office("civil", kit.Policy()), threading.Event(), threading.Event()
    monkeypatch.setattr("linkage.owner.session.Backoff", lambda **_: Backoff(first=3600.0, longest=3600.0))

    def fail(worker: Any) -> bool:
        tried.set()
        raise ZeroDivisionError

    monkeypatch.setattr("linkage.owner.session.Worker.work", fail)
    stream = Stream([])
    thread = threading.Thread(target=OwnerSession(office, stream).run, args=(stop,), daemon=True)  # type: ignore[arg-type]
    thread.start()
    assert tried.wait(60)

    stop.set()
    thread.join(60)
    assert not thread.is_alive()
