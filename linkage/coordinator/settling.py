"""What a restored database may not say: that something is open, owed or next which may have gone on since the backup.

* Every open round has failed: its uploads, its result and perhaps later decisions are gone. Nobody can tell how far it
  came, so nobody goes on with it; its owners learn it as an event like any other, and a new round may be asked for.
* Numbers of events and cosignatures go on from the moment in milliseconds, which no number has reached: whoever has
  seen later events than the backup knows misses none of those that come.
* Witnessed steps of the others' logs are forgotten: the chain of witnesses begins again, from what each proves next.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from linkage.audit.log import AuditLog
from linkage.coordinator import messages
from linkage.coordinator.events import post
from linkage.coordinator.records import find_round, rounds_in, save_round
from linkage.coordinator.round import OPEN, Lost, advance
from linkage.coordinator.tables import CHECKPOINTS, COSIGNATURES, EVENTS

REASON: Final = (
    "链接单元从备份恢复，轮次作废，请重新申请 | the linkage unit was restored from a backup; ask for a new round"
)
NOBODY: Final = ""
COUNTERS: Final = ((EVENTS.c.sequence, EVENTS), (COSIGNATURES.c.number, COSIGNATURES))


def settle(connection: sa.Connection, log: AuditLog, now: datetime) -> None:
    """Settle a database that was just restored, in the transaction that fills it."""
    now_ms = int(now.timestamp() * 1000)
    forget_steps(connection)
    for column, table in COUNTERS:
        _count_from(connection, table, column, now_ms)
    # Who has seen more than is stored here is told that this is an old backup: one event for nobody says it is settled.
    post(connection, [NOBODY], messages.event(""), now_ms=now_ms)
    for round_id in rounds_in(connection, *OPEN):
        _lose(connection, log, round_id, now_ms)


def forget_steps(connection: sa.Connection, party: str = "") -> None:
    """Forget the witnessed steps of one party's log, or of all."""
    for table in (CHECKPOINTS, COSIGNATURES):
        connection.execute(table.delete().where(table.c.party == party) if party else table.delete())


def _lose(connection: sa.Connection, log: AuditLog, round_id: str, now_ms: int) -> None:
    stored = find_round(connection, round_id)
    if stored is None:
        return
    lost = advance(stored.round, Lost(REASON))
    log.append("round.state", {"round": round_id, "state": str(lost.state), "reason": REASON, "reason_party": ""})
    save_round(connection, lost, now_ms=now_ms)
    for owner in lost.owners:
        event = messages.event(round_id)
        event.status.CopyFrom(messages.status(replace(stored, round=lost), (), viewer=owner))
        post(connection, [owner], event, now_ms=now_ms)


def _count_from(connection: sa.Connection, table: sa.Table, column: sa.Column[int], number: int) -> None:
    if connection.dialect.name == "postgresql":
        sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
        connection.exec_driver_sql(f"SELECT setval({sequence}, {number})")
        return
    counter = sa.table("sqlite_sequence", sa.column("name"), sa.column("seq"))
    connection.execute(counter.delete().where(counter.c.name == table.name))
    connection.execute(counter.insert().values(name=table.name, seq=number))
