"""The coordinator's database: rounds, decisions, uploads, events, relays, deletions, witnessed checkpoints.

Whatever is acknowledged was committed in one transaction, together with the events it causes. SQLite by default,
PostgreSQL by its address (linkage/database). No row names a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from linkage.database.migrating import Chain, bring_forward
from linkage.database.opening import open_database, reading

CHAIN: Final = Chain("coordinator", "linkage.coordinator", head="0002")


class Store:
    """Open the database, brought forward, and hand out transactions. Raises ConfigError."""

    def __init__(self, place: Path | str) -> None:
        self.engine = open_database(place)
        bring_forward(self.engine, CHAIN)

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Commit everything done inside, durably, or nothing."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """See what is committed, while others write."""
        with reading(self.engine) as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()
