"""What release 0.2.0 added: how far a round is, for whoever looks on; what lists of many clues are found by."""

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
    op.create_table(
        "clue_marks",
        sa.Column("clue_id", sa.String(16), primary_key=True),
        sa.Column("colour", sa.String(8), nullable=False),
        sa.Column("weak", sa.Boolean, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "day_counts",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("passed", sa.Integer, nullable=False),
        sa.Column("passed_next", sa.Integer, nullable=False),
        sa.Column("calendar", sa.String(64), nullable=False),
        sqlite_with_rowid=False,
    )
    listed = ["clue_id", "status", "model", "case_number", "verdict", "grade", "change"]
    op.create_index("clues_listed", "clues", listed)
    op.create_index("clues_by_case", "clues", ["case_number"])
