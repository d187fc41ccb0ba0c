"""The coordinator's database: rounds, decisions, uploads, events, relays, deletions, witnessed checkpoints.

Whatever is acknowledged was committed in one transaction, together with the events it causes. SQLite by default (WAL,
synchronous=FULL, one writer at a time), any SQLAlchemy URL otherwise. No row names a person.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from linkage.coordinator.tables import METADATA
from linkage.errors import TransportError

log = logging.getLogger(__name__)
READS_ONLY = "linkage_reads_only"


def sqlite_url(file: Path) -> str:
    return f"sqlite:///{file}"


class Store:
    """Open the database and hand out transactions."""

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(url, pool_size=8, max_overflow=64)
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _durable)
            sa.event.listen(self._engine, "begin", _begin)
        METADATA.create_all(self._engine)

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Commit everything done inside, durably, or nothing. Raises TransportError while nothing can be stored."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.OperationalError as error:
            log.error("the database takes nothing: %s", type(error.orig).__name__)
            raise TransportError(
                "协调方暂时无法存储数据，请稍后再试", "the coordinator can store nothing right now; try again later"
            ) from None

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """See what is committed, while others write."""
        with self._engine.execution_options(**{READS_ONLY: True}).begin() as connection:
            yield connection

    def close(self) -> None:
        self._engine.dispose()


def _durable(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # `_begin` begins, not the driver.
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    # A transaction that reads first and writes later must not find that another one wrote in between.
    reads_only = connection.get_execution_options().get(READS_ONLY, False)
    connection.exec_driver_sql("BEGIN DEFERRED" if reads_only else "BEGIN IMMEDIATE")
