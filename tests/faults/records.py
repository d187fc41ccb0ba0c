"""What the parties' databases hold, read beside their programs or after them: SQLite files, or a server by address."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

COORDINATOR = "coordinator"
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Records:
    """The databases below `root`; `addresses` names those that lie on a PostgreSQL server, by party."""

    root: Path
    addresses: Mapping[str, str] = field(default_factory=dict)

    def place(self, party: str) -> Path | str:
        """Return where a party's database lies, as its program is told."""
        file = "coordinator.db" if party == COORDINATOR else "node.db"
        return self.addresses.get(party, self.root / party / file)

    def rows(self, party: str, query: str, *values: object) -> list[Row]:
        """Return what a query finds; nothing before the party's program has made its tables."""
        place = self.place(party)
        if isinstance(place, Path):
            return _sqlite_rows(place, query, values)
        with psycopg.connect(place) as connection:
            try:
                return connection.execute(query.replace("?", "%s").encode(), values).fetchall()
            except psycopg.errors.UndefinedTable:
                return []

    def state_of(self, round_id: str) -> str:
        """Return a round's state at the coordinator, "" before it knows it."""
        found = self.rows(COORDINATOR, "SELECT state FROM rounds WHERE id = ?", round_id)
        return str(found[0][0]) if found else ""


def _sqlite_rows(file: Path, query: str, values: tuple[object, ...]) -> list[Row]:
    if not file.exists():
        return []
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20)) as connection:
        return connection.execute(query, values).fetchall()
