"""An agency's own tables as release 0.1.0 had them; never changed again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from linkage.database.migrating import create_tables

revision = "0001"
down_revision = None
TABLES = sa.MetaData()
sa.Table(
    "agency_decisions",
    TABLES,
    sa.Column("round_id", sa.String(32), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("requester", sa.String(64), nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("datasets", sa.Text, nullable=False),
    sa.Column("grants", sa.Text, nullable=False),
    sa.Column("preview", sa.Text, nullable=False),
    sa.Column("advice", sa.Text, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("seen_at", sa.String(20), nullable=False),
    sa.Column("decided_at", sa.String(20), nullable=False),
    sa.Column("expires_at", sa.String(20), nullable=False),
)
sa.Table(
    "agency_asked",
    TABLES,
    sa.Column("round_id", sa.String(32), primary_key=True),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("definitions", sa.Text, nullable=False),
)
sa.Table(
    "agency_releases",
    TABLES,
    sa.Column("relay_id", sa.String(32), primary_key=True),
    sa.Column("sender", sa.String(64), nullable=False),
    sa.Column("round_id", sa.String(32), nullable=False),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("given", sa.Boolean, nullable=False),
    sa.Column("advice", sa.Text, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("received_at", sa.String(20), nullable=False),
    sa.Column("decided_at", sa.String(20), nullable=False),
)
sa.Table(
    "referral_inbox",
    TABLES,
    sa.Column("relay_id", sa.String(32), primary_key=True),
    sa.Column("sender", sa.String(64), nullable=False),
    sa.Column("round_id", sa.String(32), nullable=False),
    sa.Column("referral", sa.String(24), nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("expected", sa.Text, nullable=False),
    sa.Column("envelope", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("told", sa.String(10), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("received_at", sa.String(20), nullable=False),
    sa.Column("changed_at", sa.String(20), nullable=False),
    sa.Column("item", sa.Text, nullable=False),
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("band", sa.Text, nullable=False),
    sa.UniqueConstraint("sender", "referral"),
)
sa.Table(
    "agency_risks",
    TABLES,
    sa.Column("dataset", sa.String(64), primary_key=True),
    sa.Column("as_of", sa.String(10), primary_key=True),
    sa.Column("schema_digest", sa.String(64), primary_key=True),
    sa.Column("found", sa.Text, nullable=False),
    sa.Column("people", sa.Integer, nullable=False),
    sa.Column("measured_at", sa.String(20), nullable=False),
)


def upgrade() -> None:
    create_tables(op.get_bind(), TABLES)
