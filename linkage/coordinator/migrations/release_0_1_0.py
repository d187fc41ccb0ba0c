"""The coordinator's tables as release 0.1.0 had them; never changed again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from linkage.database.migrating import create_tables

revision = "0001"
down_revision = None
TABLES = sa.MetaData()
sa.Table(
    "rounds",
    TABLES,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("requester", sa.String(64), nullable=False),
    sa.Column("warrant", sa.LargeBinary, nullable=False),
    sa.Column("warrant_digest", sa.LargeBinary(32), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("reason_party", sa.String(64), nullable=False),
    sa.Column("result_digest", sa.LargeBinary(32), nullable=False),
    sa.Column("result_bytes", sa.BigInteger, nullable=False),
    sa.Column("expires_ms", sa.BigInteger, nullable=False),
    sa.Column("proposed_ms", sa.BigInteger, nullable=False),
    sa.Column("changed_ms", sa.BigInteger, nullable=False),
    sa.Column("erased", sa.Boolean, nullable=False),
    sa.Column("check_value", sa.LargeBinary, nullable=False),
    sa.Column("golden_digest", sa.LargeBinary, nullable=False),
    sa.Column("check_party", sa.String(64), nullable=False),
)
sa.Table(
    "decisions",
    TABLES,
    sa.Column("round_id", sa.ForeignKey("rounds.id"), primary_key=True),
    sa.Column("owner", sa.String(64), primary_key=True),
    sa.Column("decision", sa.String(8), nullable=False),
    sa.Column("envelope", sa.LargeBinary, nullable=False),
)
sa.Table(
    "uploads",
    TABLES,
    sa.Column("round_id", sa.ForeignKey("rounds.id"), primary_key=True),
    sa.Column("population", sa.String(64), primary_key=True),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("row_bytes", sa.Integer, nullable=False),
    sa.Column("content_digest", sa.LargeBinary(32), nullable=False),
    sa.Column("sealed_upload_key", sa.LargeBinary, nullable=False),
    sa.Column("offset", sa.BigInteger, nullable=False),
    sa.Column("sealed", sa.Boolean, nullable=False),
)
sa.Table(
    "events",
    TABLES,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("recipient", sa.String(64), nullable=False),
    sa.Column("round_id", sa.String(32), nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("events_of", "recipient", "sequence"),
    sqlite_autoincrement=True,
)
sa.Table(
    "relays",
    TABLES,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("sender", sa.String(64), nullable=False),
    sa.Column("receiver", sa.String(64), nullable=False),
    sa.Column("in_reply_to", sa.String(32), nullable=False),
    sa.Column("round_id", sa.String(32), nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Index("relays_of", "sender", "at_ms"),
)
sa.Table(
    "checkpoints",
    TABLES,
    sa.Column("party", sa.String(64), primary_key=True),
    sa.Column("new_size", sa.BigInteger, primary_key=True),
    sa.Column("old_size", sa.BigInteger, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("proof", sa.LargeBinary, nullable=False),
)
sa.Table(
    "cosignatures",
    TABLES,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("party", sa.String(64), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("witness", sa.String(64), nullable=False),
    sa.Column("line", sa.Text, nullable=False),
    sa.UniqueConstraint("party", "size", "witness"),
    sqlite_autoincrement=True,
)
sa.Table(
    "deletions",
    TABLES,
    sa.Column("round_id", sa.ForeignKey("rounds.id"), primary_key=True),
    sa.Column("party", sa.String(64), primary_key=True),
    sa.Column("envelope", sa.LargeBinary, nullable=False),
)


def upgrade() -> None:
    create_tables(op.get_bind(), TABLES)
