"""What lists of clues sort by is kept for each of them; the first look works it out, by the office's own tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for name, length in (("phase", 16), ("shown", 8), ("due", 10)):
        op.add_column("clue_marks", sa.Column(name, sa.String(length), nullable=False, server_default=""))
    op.create_table("clues_marked_by", sa.Column("digest", sa.String(64), primary_key=True))
    op.create_index("clue_marks_by_due", "clue_marks", ["due", "shown", "phase"])
    op.create_index("clues_by_change", "clues", ["change"])
    op.create_index("clue_work_by_officer", "clue_work", ["officer", "clue_id", "watched"])
    op.drop_table("day_counts")
