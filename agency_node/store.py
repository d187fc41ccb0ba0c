"""An agency's own tables in node.db, beside the owner's part; which they are, their own modules say."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from linkage.database.migrating import Chain

METADATA: Final = sa.MetaData()
AGENCY: Final = Chain("agency", "agency_node", head="0001")
