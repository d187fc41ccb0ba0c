"""What an agency's restored database may not say of its rounds (linkage/owner/settling.py)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from linkage.audit.log import AuditLog
from linkage.owner.settling import REASON, end_rounds


def settle(connection: sa.Connection, log: AuditLog, now: datetime) -> None:
    """Settle a database that was just restored, in the transaction that fills it."""
    for round_id in end_rounds(connection):
        log.append("round.fault", {"round": round_id, "code": "restored", "reason": REASON})
