"""Open a party's database so that what was committed survives a crash, on SQLite and on PostgreSQL alike.

* A transaction that may write keeps every other writer out from its beginning: BEGIN IMMEDIATE, or an advisory lock.
  Who reads first and writes later never finds that somebody wrote in between.
* A `reading` transaction sees one moment and waits for nobody.
* A commit is on disk when it returns: synchronous=FULL, synchronous_commit=on.
* No error shows a row: parameters are hidden.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from linkage.database.address import parse_address, sqlite_address
from linkage.errors import TransportError

# What a database raises that is full, locked, read-only, restarting or away: the same call may succeed later.
TAKES_NOTHING: Final = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)
READS_ONLY: Final = "linkage_reads_only"
WAIT_MS: Final = 10_000  # How long a writer waits for another one.
PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={WAIT_MS}",
    "secure_delete=ON",  # A forgotten nonce or reason is overwritten with zeros, not left in free pages.
)
SETTINGS: Final = (  # A machine that was lost frees its locks.
    f"-c synchronous_commit=on -c lock_timeout={WAIT_MS} "
    "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
)
# Only one writer at a time in one schema of one database; two parties in one database do not wait for each other.
WRITERS_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('linkage writer ' || current_schema()))"
# A server whose machine was lost is given up within half a minute, not within hours.
CONNECTING: Final[Mapping[str, int]] = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def open_database(place: Path | str) -> sa.Engine:
    """Return an engine for a SQLite file, mode 0600, or for an address (linkage/database/address.py).

    Several processes of one party may have it open at the same time. Raises ConfigError.
    """
    url = sqlite_address(place) if isinstance(place, Path) else parse_address(place)
    return _open_sqlite(url) if url.get_backend_name() == "sqlite" else _open_postgresql(url)


def reading(engine: sa.Engine) -> AbstractContextManager[sa.Connection]:
    """Begin a transaction that only reads."""
    return engine.execution_options(**{READS_ONLY: True}).begin()


def connecting(url: sa.URL) -> dict[str, str | int]:
    """Return what every connection to a PostgreSQL server is opened with."""
    return {**CONNECTING, "options": f"{url.query.get('options', '')} {SETTINGS}".strip()}


def answers(engine: sa.Engine) -> bool:
    """Tell whether the database can be read right now."""
    try:
        with reading(engine) as connection:
            connection.exec_driver_sql("SELECT 1")
    except TAKES_NOTHING:
        return False
    return True


def unanswered() -> TransportError:
    """Return what people are told of a database that takes nothing right now."""
    return TransportError(
        "数据库暂时没有应答",
        "the database does not answer right now",
        hint_zh="稍后再试；若一直如此，运行 doctor 查看原因",
        hint_en="try again later; if it stays, `doctor` says why",
    )


def _open_sqlite(url: sa.URL) -> sa.Engine:
    if url.database:
        descriptor = os.open(url.database, os.O_RDWR | os.O_CREAT, 0o600)
        os.close(descriptor)
    # To open a file anew takes longer than most transactions: those of a busy moment are kept, the last one used first.
    engine = sa.create_engine(url, pool_size=32, max_overflow=40, pool_use_lifo=True, hide_parameters=True)
    sa.event.listen(engine, "connect", _set_pragmas)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_postgresql(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        url,
        pool_size=8,
        max_overflow=64,
        pool_pre_ping=True,  # A server that was restarted costs no transaction.
        isolation_level="READ COMMITTED",  # Behind the lock every statement sees what the writer before committed.
        hide_parameters=True,
        connect_args=connecting(url),
    )
    sa.event.listen(engine, "begin", _begin_postgresql)
    return engine


def _set_pragmas(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # `_begin_sqlite` begins, not the driver.
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN DEFERRED" if reads_only(connection) else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: sa.Connection) -> None:
    if reads_only(connection):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    else:
        connection.exec_driver_sql(WRITERS_LOCK)


def reads_only(connection: sa.Connection) -> bool:
    """Tell whether a transaction was begun by `reading`."""
    return bool(connection.get_execution_options().get(READS_ONLY, False))
