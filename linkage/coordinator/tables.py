"""The coordinator's tables."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()
SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # Only an INTEGER key counts by itself there.

ROUNDS = sa.Table(
    "rounds",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("requester", sa.String(64), nullable=False),
    sa.Column("warrant", sa.LargeBinary, nullable=False),  # The signed envelope, as it came.
    sa.Column("warrant_digest", sa.LargeBinary(32), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("reason_party", sa.String(64), nullable=False),
    sa.Column("result_digest", sa.LargeBinary(32), nullable=False),
    sa.Column("result_bytes", sa.BigInteger, nullable=False),
    sa.Column("expires_ms", sa.BigInteger, nullable=False),
    sa.Column("proposed_ms", sa.BigInteger, nullable=False),
    sa.Column("changed_ms", sa.BigInteger, nullable=False),
    sa.Column("erased", sa.Boolean, nullable=False),  # Our own data of the round are gone and we said so.
    # What the first owner to begin an upload stated; all others must state the same.
    sa.Column("check_value", sa.LargeBinary, nullable=False),
    sa.Column("golden_digest", sa.LargeBinary, nullable=False),
    sa.Column("check_party", sa.String(64), nullable=False),
)

DECISIONS = sa.Table(
    "decisions",
    METADATA,
    sa.Column("round_id", sa.ForeignKey("rounds.id"), primary_key=True),
    sa.Column("owner", sa.String(64), primary_key=True),
    sa.Column("decision", sa.String(8), nullable=False),
    sa.Column("envelope", sa.LargeBinary, nullable=False),
)

UPLOADS = sa.Table(
    "uploads",
    METADATA,
    sa.Column("round_id", sa.ForeignKey("rounds.id"), primary_key=True),
    sa.Column("population", sa.String(64), primary_key=True),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("row_bytes", sa.Integer, nullable=False),
    sa.Column("content_digest", sa.LargeBinary(32), nullable=False),
    sa.Column("sealed_upload_key", sa.LargeBinary, nullable=False),
    sa.Column("offset", sa.BigInteger, nullable=False),  # Bytes held durably.
    sa.Column("sealed", sa.Boolean, nullable=False),
)

EVENTS = sa.Table(
    "events",
    METADATA,
    sa.Column("sequence", SEQUENCE, primary_key=True, autoincrement=True),
    sa.Column("recipient", sa.String(64), nullable=False),
    sa.Column("round_id", sa.String(32), nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),  # A serialised Event without its sequence.
    sa.Index("events_of", "recipient", "sequence"),
    sqlite_autoincrement=True,  # A sequence number is never used twice, even after old events were dropped.
)

RELAYS = sa.Table(
    "relays",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("sender", sa.String(64), nullable=False),
    sa.Column("receiver", sa.String(64), nullable=False),
    sa.Column("in_reply_to", sa.String(32), nullable=False),
    sa.Column("round_id", sa.String(32), nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False),
    sa.Column("sequence", SEQUENCE, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Index("relays_of", "sender", "at_ms"),
)

CHECKPOINTS = sa.Table(
    "checkpoints",
    METADATA,
    sa.Column("party", sa.String(64), primary_key=True),
    sa.Column("new_size", sa.BigInteger, primary_key=True),
    sa.Column("old_size", sa.BigInteger, nullable=False),  # The size the step before led to; 0 for the first one.
    sa.Column("note", sa.Text, nullable=False),  # As its party signed it.
    sa.Column("proof", sa.LargeBinary, nullable=False),  # 32 bytes for each hash, from the old size.
)

COSIGNATURES = sa.Table(
    "cosignatures",
    METADATA,
    sa.Column("number", SEQUENCE, primary_key=True, autoincrement=True),
    sa.Column("party", sa.String(64), nullable=False),  # Whose checkpoint; it fetches the line, then the row goes.
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("witness", sa.String(64), nullable=False),
    sa.Column("line", sa.Text, nullable=False),
    sa.UniqueConstraint("party", "size", "witness"),
    sqlite_autoincrement=True,
)

DELETIONS = sa.Table(
    "deletions",
    METADATA,
    sa.Column("round_id", sa.ForeignKey("rounds.id"), primary_key=True),
    sa.Column("party", sa.String(64), primary_key=True),
    sa.Column("envelope", sa.LargeBinary, nullable=False),
)
