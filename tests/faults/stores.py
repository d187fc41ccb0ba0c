"""The stores that must survive a power failure: for each, a program that fills it, and what must be found afterwards.

A filling program acknowledges step after step. A check gets the folder as found after a crash and the last step that
was acknowledged (-1 = none) and raises AssertionError where that is lost or something is silently wrong; a LinkageError
is a clear refusal.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from linkage.audit.log import AuditLog
from linkage.audit.verify import verify_log
from linkage.coordinator import spool
from linkage.coordinator.store import Store
from linkage.coordinator.tables import EVENTS
from linkage.encoded import RowLayout
from linkage.keys.files import PRIVATE, write_file
from linkage.keys.signing import SigningKey
from linkage.owner.database import open_database
from linkage.owner.participation import Participation
from tests.faults.crash_states import ACK

ORIGIN = "county-test/torn"
STEPS = 24
CHUNK = 3000  # Not a whole number of sectors.
LAYOUT = RowLayout(1, 64)


@dataclass(frozen=True, slots=True)
class FilledStore:
    """How a store is filled and judged."""

    fill: Callable[[Path, Callable[[int], None]], None]
    check: Callable[[Path, int], None]


def acknowledger(folder: Path) -> Callable[[int], None]:
    """Return what says that a step was acknowledged; the trace has it in its place."""
    descriptor = os.open(folder / ACK, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def acknowledge(step: int) -> None:
        os.write(descriptor, str(step).encode())

    return acknowledge


def _signer(folder: Path) -> SigningKey:
    return SigningKey.from_pem((folder.parent / "signing.pem").read_bytes())


def _open_log(folder: Path) -> AuditLog:
    return AuditLog.open(
        folder / "audit", origin=ORIGIN, signer=_signer(folder), clock=lambda: datetime(2026, 11, 2, tzinfo=UTC)
    )


def fill_log(folder: Path, acknowledge: Callable[[int], None]) -> None:
    log = _open_log(folder)
    for step in range(STEPS):
        log.append("step", {"step": step})
        acknowledge(step)
        if step % 5 == 4:
            log.checkpoint()
    os._exit(0)


def check_log(folder: Path, acknowledged: int) -> None:
    with _open_log(folder) as log:
        assert log.size() > acknowledged, f"{log.size()} entries are left of {acknowledged + 1} acknowledged"
        assert log.append("step", {"step": log.size()}).index == log.size() - 1
    steps: list[object] = []
    report = verify_log(folder / "audit", _signer(folder).verify_key, visit=lambda e, _: steps.append(e.facts["step"]))
    assert report.fault is None, report.fault
    assert steps == list(range(len(steps)))


def fill_file(folder: Path, acknowledge: Callable[[int], None]) -> None:
    for step in range(STEPS):
        write_file(folder / "state.json", _version(step), mode=PRIVATE)
        acknowledge(step)


def _version(step: int) -> bytes:
    return f"{step:03d}".encode() * (200 + 37 * step)


def check_file(folder: Path, acknowledged: int) -> None:
    file = folder / "state.json"
    found = file.read_bytes() if file.exists() else None
    later = [None] if acknowledged < 0 else []
    assert found in [*later, *map(_version, range(max(0, acknowledged), STEPS))], "neither the old state nor a new one"


def fill_spool(folder: Path, acknowledge: Callable[[int], None]) -> None:
    spool.prepare(folder / "rounds", "register")
    for step in range(STEPS):
        spool.write_chunk(folder / "rounds", "register", step * CHUNK, _chunk(step))
        acknowledge(step)
    spool.split(folder / "rounds", "register", LAYOUT)
    acknowledge(STEPS)
    spool.drop_spool(folder / "rounds", "register")


def _chunk(step: int) -> bytes:
    return bytes([step + 1]) * CHUNK


def check_spool(folder: Path, acknowledged: int) -> None:
    place = folder / "rounds"
    whole = b"".join(map(_chunk, range(STEPS)))
    if acknowledged < STEPS:
        kept = spool.spool_file(place, "register").read_bytes() if acknowledged >= 0 else b""
        end = (acknowledged + 1) * CHUNK
        assert kept[:end] == whole[:end], f"the chunks up to {end} were acknowledged and are not there"
        return
    rows = len(whole) // LAYOUT.row_bytes
    columns = spool.columns_folder(place, "register")
    assert (columns / "flags.bin").stat().st_size == 2 * rows, "the columns were acknowledged and are not whole"
    assert b"".join((columns / f"{name}.bin").read_bytes()[:1] for name in ("tokens", "filter")) == b"\1\1"


def fill_store(folder: Path, acknowledge: Callable[[int], None]) -> None:
    store = Store(folder / "coordinator.db")
    for step in range(STEPS):
        with store.transaction() as connection:
            body = os.urandom(1500 + 300 * step)
            connection.execute(EVENTS.insert().values(recipient="a", round_id="r", at_ms=step, body=body))
            connection.execute(EVENTS.insert().values(recipient="b", round_id="r", at_ms=step, body=body))
        acknowledge(step)
    os._exit(0)  # As if killed: a closing database would write its log back.


def check_store(folder: Path, acknowledged: int) -> None:
    store = Store(folder / "coordinator.db")
    with store.transaction() as connection:
        found = connection.execute(sa.select(EVENTS.c.at_ms, EVENTS.c.body).order_by(EVENTS.c.sequence)).all()
    store.close()
    _check_database(folder / "coordinator.db")
    assert [row[0] for row in found] == [step for step in range(len(found) // 2) for _ in range(2)]
    assert all(found[at][1] == found[at + 1][1] for at in range(0, len(found), 2)), "half a transaction"
    assert len(found) // 2 > acknowledged, "an acknowledged transaction is lost"


def _check_database(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def fill_book(folder: Path, acknowledge: Callable[[int], None]) -> None:
    book = Participation(open_database(folder / "node.db"))
    for step in range(STEPS):
        book.post("referral", f"message {step}".encode() * 50)
        book.handled(step + 1)
        acknowledge(step)
    os._exit(0)


def check_book(folder: Path, acknowledged: int) -> None:
    book = Participation(open_database(folder / "node.db"))
    waiting, sequence = book.outbox(), book.sequence()
    book.engine.dispose()
    _check_database(folder / "node.db")
    assert [w.message for w in waiting] == [f"message {step}".encode() * 50 for step in range(len(waiting))]
    assert sequence > acknowledged and len(waiting) >= sequence, "an acknowledged transaction is lost"


STORES = {
    "log": FilledStore(fill_log, check_log),
    "file": FilledStore(fill_file, check_file),
    "spool": FilledStore(fill_spool, check_spool),
    "store": FilledStore(fill_store, check_store),
    "book": FilledStore(fill_book, check_book),
}


if __name__ == "__main__":
    STORES[sys.argv[1]].fill(Path(sys.argv[2]), acknowledger(Path(sys.argv[2])))
