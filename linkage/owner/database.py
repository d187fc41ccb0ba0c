"""Open a party's SQLite database so that what was committed survives a crash (WAL, synchronous=FULL).

Transactions that may write take the write lock when they begin; `reading` ones see a snapshot and wait for nobody.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

FILE = "node.db"
READS_ONLY = "linkage_reads_only"


def open_database(file: Path) -> sa.Engine:
    """Return an engine for one SQLite file, mode 0600; daemon and commands may have it open at the same time."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    os.close(descriptor)
    engine = sa.create_engine(f"sqlite:///{file}")
    sa.event.listen(engine, "connect", _durable)
    sa.event.listen(engine, "begin", _begin)
    return engine


def reading(engine: sa.Engine) -> AbstractContextManager[sa.Connection]:
    """Begin a transaction that only reads."""
    return engine.execution_options(**{READS_ONLY: True}).begin()


def _durable(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # `_begin` begins, not the driver.
    cursor = connection.cursor()
    # secure_delete: a forgotten nonce or reason is overwritten with zeros, not left in free pages.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    # Two processes write here; a transaction that reads first must not find later that the other one wrote.
    reads_only = connection.get_execution_options().get(READS_ONLY, False)
    connection.exec_driver_sql("BEGIN DEFERRED" if reads_only else "BEGIN IMMEDIATE")
