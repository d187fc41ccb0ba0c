"""What stands before every command of this node."""

from __future__ import annotations

from typing import Final

from linkage.accounts.door import Entrance
from procuratorate_node.config import load_config
from procuratorate_node.rights import RIGHTS, TITLES

ENTRANCE: Final = Entrance(RIGHTS, TITLES, "procuratorate-node", lambda file: load_config(file).state)
