"""What a procuratorate's restored database may not say of the rounds it asked for (linkage/owner/settling.py first).

A round whose result was not taken yet is cancelled at the linkage unit; its statement of overlap and its anchors are
of a state that others have moved on from. Clues, letters and awards stand as they were at the time of the backup.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from linkage.audit.log import AuditLog
from linkage.owner.settling import REASON, end_rounds
from procuratorate_node.store import ENDED, REQUESTS


def settle(connection: sa.Connection, log: AuditLog, now: datetime) -> None:
    """Settle a database that was just restored, in the transaction that fills it."""
    for round_id in end_rounds(connection):
        log.append("round.fault", {"round": round_id, "code": "restored", "reason": REASON})
    under_way = (REQUESTS.c.state.not_in(ENDED), REQUESTS.c.envelope != b"", REQUESTS.c.delivered_at == "")
    connection.execute(REQUESTS.update().where(*under_way).values(cancel_reason=REASON, wanted=True))
