"""What stands before every command of this node."""

from __future__ import annotations

from typing import Final

from agency_node.config import load_config
from agency_node.rights import RIGHTS, TITLES
from linkage.accounts.door import Entrance

ENTRANCE: Final = Entrance(RIGHTS, TITLES, "agency-node", lambda file: load_config(file).state)
