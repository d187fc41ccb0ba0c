"""Event numbers get 64 bits on PostgreSQL: after a restore they go on from a moment in milliseconds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return  # Its integers have 64 bits whatever they are called.
    op.alter_column("events", "sequence", type_=sa.BigInteger)
    op.alter_column("relays", "sequence", type_=sa.BigInteger)
    op.execute("ALTER SEQUENCE events_sequence_seq AS bigint")
