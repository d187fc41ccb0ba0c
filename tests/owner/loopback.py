"""A real coordinator and owner sessions over real gRPC and mutual TLS, for the tests of whole rounds."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from linkage.coordinator.config import Config, Quotas, Times
from linkage.coordinator.running import Coordinator
from linkage.owner.session import OwnerSession
from linkage.rpc.backoff import Backoff
from linkage.rpc.client import LinkageClient, connect

STAND_IN = (sys.executable, str(Path(__file__).parent.parent / "coordinator" / "stand_in_worker.py"))


@contextmanager
def running_coordinator(
    keys: Path, state: Path, *, checkpoint_minutes: int = 60, database: str = ""
) -> Iterator[Coordinator]:
    """Run a coordinator with these keys and a state of its own."""
    state.mkdir()
    (state / "keys").symlink_to(keys)
    times = Times(tick_seconds=1, watch_seconds=60, drain_seconds=2, checkpoint_minutes=checkpoint_minutes)
    config = Config(state=state, listen="127.0.0.1:0", database=database, quotas=Quotas(free_bytes=0), times=times)
    running = Coordinator(config, worker=STAND_IN)
    running.start()
    try:
        yield running
    finally:
        running.stop()


def client_of(office: Any, port: int) -> LinkageClient:
    """Return an office's client."""
    return connect(
        f"localhost:{port}",
        office.keys,
        last_leaf=office.trail.last_leaf,
        seen=office.trail.seen,
        backoff=Backoff(attempts=2, first=0.05, longest=0.2),
    )


@contextmanager
def session_of(office: Any, port: int, *, poll_seconds: float = 0.05, witness: Any = None) -> Iterator[Any]:
    """Run an owner's session; yield its office and its client. `witness` is made from the client."""
    client = client_of(office, port)
    stop = threading.Event()
    session = OwnerSession(office, client, poll_seconds=poll_seconds, witness=witness(client) if witness else None)
    thread = threading.Thread(target=session.run, args=(stop,))
    thread.start()
    try:
        yield office, client
    finally:
        stop.set()
        session.wake()
        thread.join(20)
        assert not thread.is_alive()
