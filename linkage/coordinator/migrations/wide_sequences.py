"""Event numbers get 64 bits on PostgreSQL: after a restore they go on from a moment in milliseconds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return  # Its integers have 64 bits whatever they are called.
    for table, column in (("events", "sequence"), ("relays", "sequence"), ("cosignatures", "number")):
        op.alter_column(table, column, type_=sa.BigInteger)
    for name in ("events_sequence_seq", "cosignatures_number_seq"):
        op.execute(f"ALTER SEQUENCE {name} AS bigint")
