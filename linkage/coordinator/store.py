"""The coordinator's database: rounds, decisions, uploads, events, relays, deletions, witnessed checkpoints.

Whatever is acknowledged was committed in one transaction, together with the events it causes. SQLite by default,
PostgreSQL by its address (linkage/database). No row names a person.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from linkage.database.claim import ClaimLost, Hold, claimed
from linkage.database.migrating import Chain, bring_forward
from linkage.database.opening import TAKES_NOTHING, answers, open_database, reading
from linkage.errors import TransportError

log = logging.getLogger(__name__)

CHAIN: Final = Chain("coordinator", "linkage.coordinator", head="0003")


class Store:
    """Open the database, brought forward, and hand out transactions. Raises ConfigError."""

    def __init__(self, place: Path | str) -> None:
        self.engine = open_database(place)
        bring_forward(self.engine, CHAIN)
        self._claim = ExitStack()

    def claim(self) -> Hold:
        """Keep every other coordinator away until `close`; return what looks after that. Raises ConfigError."""
        return self._claim.enter_context(claimed(self.engine))

    def answers(self) -> bool:
        """Tell whether the database can be read right now."""
        return answers(self.engine)

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Commit everything done inside, durably, or nothing. Raises TransportError while nothing can be stored."""
        with _told(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """See what is committed, while others write. Raises TransportError while nothing can be read."""
        with _told(), reading(self.engine) as connection:
            yield connection

    def close(self) -> None:
        self._claim.close()
        self.engine.dispose()


@contextmanager
def _told() -> Iterator[None]:
    """Tell callers of a database that is full, locked, away or no longer ours what they can do about it: try again."""
    try:
        yield
    except (ClaimLost, *TAKES_NOTHING) as error:
        log.error("the database takes nothing: %s", type(error).__name__)
        raise TransportError(
            "链接单元暂时无法存取数据，请稍后再试",
            "the coordinator's database takes nothing right now; try again later",
        ) from None
