"""Keep a second service away from a PostgreSQL database, wherever it runs.

The server frees a claim when the connection that holds it ends, as it does when the server is restarted. So every
transaction that may write asks for the claim first, as do those who look now and then, and it is taken again where it
has ended. Who finds another service in its place has lost it for good.
A SQLite file needs no claim: it lies in a state folder, which is locked itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa

from linkage.database.opening import connecting, reads_only
from linkage.errors import ConfigError

WAIT_MS: Final = 3_000  # A service that was killed is gone from the server by then.
LOCK: Final = "SELECT pg_advisory_lock(hashtext('linkage service ' || current_schema()))"
NOT_AVAILABLE: Final = "55P03"  # What the server says when the wait for a lock is over.
Hold = Callable[[], None]


class ClaimLost(ConfigError):
    """Another service has taken over the database; nothing may be written any more."""


@contextmanager
def claimed(engine: sa.Engine) -> Iterator[Hold]:
    """Claim the database of an engine while the context lasts. Raises ConfigError when another service has it.

    Yields `hold`, which takes the claim again where the server has ended it, as every transaction that may write does.
    Both raise ClaimLost when another service has it by then, and what TAKES_NOTHING names while the server is away.
    """
    if engine.dialect.name != "postgresql":
        yield lambda: None
        return
    claim = _Claim(engine)
    claim.hold()
    sa.event.listen(engine, "begin", claim.before_writing)
    try:
        yield claim.hold
    finally:
        sa.event.remove(engine, "begin", claim.before_writing)
        claim.end()


class _Claim:
    """The claim and the connection that holds it, which serves nothing else; safe for threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = sa.create_engine(
            engine.url,
            poolclass=sa.NullPool,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            connect_args=connecting(engine.url),
        )
        self._turn = threading.Lock()
        self._connection: sa.Connection | None = None
        self._lost = False

    def before_writing(self, connection: sa.Connection) -> None:
        if not reads_only(connection):
            self.hold()

    def hold(self) -> None:
        with self._turn:
            if self._lost:
                raise _taken()
            if not self._is_held():
                self._take()

    def end(self) -> None:
        with self._turn:
            self._drop()

    def _is_held(self) -> bool:
        """Ask the server on the claim's own connection: the claim lives as long as that."""
        if self._connection is None:
            return False
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except sa.exc.DBAPIError:
            self._drop()
            return False
        return True

    def _take(self) -> None:
        connection = self._engine.connect()
        try:
            connection.exec_driver_sql(f"SET lock_timeout = {WAIT_MS}")
            connection.exec_driver_sql(LOCK)
        except sa.exc.DBAPIError as error:
            connection.invalidate()
            connection.close()
            if getattr(error.orig, "sqlstate", None) != NOT_AVAILABLE:
                raise
            self._lost = True
            raise _taken() from None
        self._connection = connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def _taken() -> ClaimLost:
    return ClaimLost(
        "另一个服务正在使用这个数据库",
        "another service is using this database",
        hint_zh="每个数据库只能有一个服务；停掉其中一个",
        hint_en="a database has one service only: stop one of them",
    )
