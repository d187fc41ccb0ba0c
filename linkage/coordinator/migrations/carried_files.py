"""Rounds that are carried in files: who is where, and which answers wait for a file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from linkage.database.migrating import create_tables

revision = "0003"
down_revision = "0002"
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
    "courier_parties",
    TABLES,
    sa.Column("party", sa.String(64), primary_key=True),
    sa.Column("answered", sa.BigInteger, nullable=False),
    sa.Column("cursor", sa.BigInteger, nullable=False),
)
sa.Table(
    "courier_replies",
    TABLES,
    sa.Column("party", sa.String(64), primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)


def upgrade() -> None:
    create_tables(op.get_bind(), TABLES)
