"""A node's database: the owner's part of it, and how it is opened."""

from __future__ import annotations

from typing import Final

from linkage.database.migrating import Chain
from linkage.database.opening import TAKES_NOTHING, open_database, reading

__all__ = ["FILE", "OWNER", "TAKES_NOTHING", "open_database", "reading"]
FILE: Final = "node.db"
OWNER: Final = Chain("owner", "linkage.owner", head="0002")
