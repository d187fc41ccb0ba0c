"""Open a party's SQLite database so that what was committed survives a crash (WAL, synchronous=FULL)."""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

FILE = "node.db"


def open_database(file: Path) -> sa.Engine:
    """Return an engine for one SQLite file, mode 0600; daemon and commands may have it open at the same time."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    os.close(descriptor)
    engine = sa.create_engine(f"sqlite:///{file}")
    sa.event.listen(engine, "connect", _durable)
    sa.event.listen(engine, "begin", _begin_immediate)
    return engine


def _durable(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # `_begin_immediate` begins, not the driver.
    cursor = connection.cursor()
    # secure_delete: a forgotten nonce or reason is overwritten with zeros, not left in free pages.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: sa.Connection) -> None:
    # Two processes write here; a transaction that reads first must not find later that the other one wrote.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
