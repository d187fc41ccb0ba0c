"""The owner's part of node.db as release 0.1.0 had it; never changed again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from linkage.database.migrating import create_tables

revision = "0001"
down_revision = None
TABLES = sa.MetaData()
sa.Table(
    "owner_rounds",
    TABLES,
    sa.Column("round_id", sa.String(32), primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("envelope", sa.LargeBinary, nullable=False),
    sa.Column("step", sa.String(12), nullable=False),
    sa.Column("seen_at", sa.String(20), nullable=False),
    sa.Column("decision", sa.LargeBinary, nullable=False),
    sa.Column("decision_sent", sa.Boolean, nullable=False),
    sa.Column("consents", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("delivered_at", sa.String(20), nullable=False),
    sa.Column("erase", sa.Boolean, nullable=False),
    sa.Column("statement", sa.LargeBinary, nullable=False),
    sa.Column("statement_sent", sa.Boolean, nullable=False),
    sa.Column("fault", sa.Text, nullable=False),
)
sa.Table(
    "owner_uploads",
    TABLES,
    sa.Column("round_id", sa.String(32), primary_key=True),
    sa.Column("population", sa.String(64), primary_key=True),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("row_bytes", sa.Integer, nullable=False),
    sa.Column("content_digest", sa.LargeBinary, nullable=False),
    sa.Column("sealed_upload_key", sa.LargeBinary, nullable=False),
    sa.Column("check_value", sa.LargeBinary, nullable=False),
    sa.Column("golden_digest", sa.LargeBinary, nullable=False),
    sa.Column("sealed", sa.Boolean, nullable=False),
)
sa.Table("owner_cursor", TABLES, sa.Column("sequence", sa.BigInteger, nullable=False))
sa.Table(
    "owner_outbox",
    TABLES,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("message", sa.LargeBinary, nullable=False),
    sa.Column("sent", sa.Boolean, nullable=False),
    sa.Column("fault", sa.Text, nullable=False),
)


def upgrade() -> None:
    create_tables(op.get_bind(), TABLES)
