"""Rounds that are carried in files: which files came and went, calls that wait, and what was answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from linkage.database.migrating import create_tables

revision = "0002"
down_revision = "0001"
TABLES = sa.MetaData()
sa.Table(
    "courier_peers",
    TABLES,
    sa.Column("peer", sa.String(64), primary_key=True),
    sa.Column("taken", sa.BigInteger, nullable=False),
    sa.Column("taken_content", sa.String(64), nullable=False),
    sa.Column("taken_at", sa.String(20), nullable=False),
    sa.Column("written", sa.BigInteger, nullable=False),
    sa.Column("confirmed", sa.BigInteger, nullable=False),
    sa.Column("told", sa.BigInteger, nullable=False),
)
sa.Table(
    "courier_calls",
    TABLES,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("method", sa.String(32), nullable=False),
    sa.Column("round_id", sa.String(32), nullable=False),
    sa.Column("request", sa.LargeBinary, nullable=False),
    sa.Column("packed", sa.Boolean, nullable=False),
    sa.Column("answer", sa.LargeBinary, nullable=False),
)
sa.Table(
    "courier_statuses",
    TABLES,
    sa.Column("round_id", sa.String(32), primary_key=True),
    sa.Column("status", sa.LargeBinary, nullable=False),
)
sa.Table(
    "courier_numbers",
    TABLES,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)


def upgrade() -> None:
    create_tables(op.get_bind(), TABLES)
