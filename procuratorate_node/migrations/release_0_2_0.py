"""What release 0.2.0 added: how far a round is, for whoever looks on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "screening_progress",
        sa.Column("round_id", sa.String(32), primary_key=True),
        sa.Column("seen_at", sa.String(20), nullable=False),
        sa.Column("consented", sa.Text, nullable=False),
        sa.Column("uploads", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("stage_since", sa.String(20), nullable=False),
        sa.Column("done_then", sa.BigInteger, nullable=False),
        sa.Column("refused_by", sa.Text, nullable=False),
    )
