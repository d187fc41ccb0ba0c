"""What an owner remembers of its rounds, so that a crash at any point loses nothing and repeats nothing.

SEEN → APPROVED | REFUSED → CONSENTED → UPLOADED → ENDED. Every step is written before its effect leaves the house, and
every effect may be repeated: a stored decision is sent again byte for byte, a recorded spool file is uploaded on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import sqlalchemy as sa

from linkage.database.migrating import bring_forward
from linkage.owner.database import OWNER, reading

METADATA = sa.MetaData()

ROUNDS = sa.Table(
    "owner_rounds",
    METADATA,
    sa.Column("round_id", sa.String(32), primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("envelope", sa.LargeBinary, nullable=False),
    sa.Column("step", sa.String(12), nullable=False),
    sa.Column("seen_at", sa.String(20), nullable=False),
    sa.Column("decision", sa.LargeBinary, nullable=False),  # Our signed decision, b"" before.
    sa.Column("decision_sent", sa.Boolean, nullable=False),
    sa.Column("consents", sa.LargeBinary, nullable=False),  # The serialised Consents event, b"" before.
    sa.Column("state", sa.String(16), nullable=False),  # The coordinator's newest word.
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("delivered_at", sa.String(20), nullable=False),
    sa.Column("erase", sa.Boolean, nullable=False),  # Our data of the round are no longer needed.
    sa.Column("statement", sa.LargeBinary, nullable=False),  # Our signed deletion statement, b"" before.
    sa.Column("statement_sent", sa.Boolean, nullable=False),
    sa.Column("fault", sa.Text, nullable=False),  # Why our part cannot go on; shown to the operator.
)
UPLOADS = sa.Table(
    "owner_uploads",
    METADATA,
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
CURSOR = sa.Table("owner_cursor", METADATA, sa.Column("sequence", sa.BigInteger, nullable=False))
OUTBOX = sa.Table(
    "owner_outbox",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("message", sa.LargeBinary, nullable=False),  # A serialised Relay, sealed to its receiver.
    sa.Column("sent", sa.Boolean, nullable=False),
    sa.Column("fault", sa.Text, nullable=False),
)


class Step(StrEnum):
    """How far our own part in a round is."""

    SEEN = "SEEN"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    CONSENTED = "CONSENTED"
    UPLOADED = "UPLOADED"
    ENDED = "ENDED"


ACTIVE = (Step.SEEN, Step.APPROVED, Step.REFUSED, Step.CONSENTED, Step.UPLOADED)


@dataclass(frozen=True, slots=True)
class OwnRound:
    """Our part in one round, as stored."""

    round_id: str
    digest: bytes
    envelope: bytes = field(repr=False)
    step: Step
    seen_at: str
    decision: bytes = field(repr=False, default=b"")
    decision_sent: bool = False
    consents: bytes = field(repr=False, default=b"")
    state: str = "PROPOSED"
    reason: str = ""
    delivered_at: str = ""
    erase: bool = False
    statement: bytes = field(repr=False, default=b"")
    statement_sent: bool = False
    fault: str = ""


@dataclass(frozen=True, slots=True)
class OwnUpload:
    """One finished spool file; `sealed` once the coordinator holds all of it."""

    round_id: str
    population: str
    rows: int
    row_bytes: int
    content_digest: bytes
    sealed_upload_key: bytes = field(repr=False)
    check_value: bytes = field(repr=False)
    golden_digest: bytes = field(repr=False)
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A relay that must reach the coordinator, again and again until it does. `fault` is why it was refused."""

    number: int
    kind: str
    message: bytes = field(repr=False)
    fault: str = ""


class Participation:
    """Keep an owner's rounds in its database; every method is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        bring_forward(engine, OWNER)

    @property
    def engine(self) -> sa.Engine:
        return self._engine

    def sequence(self) -> int:
        """Return the last event that was handled."""
        with reading(self._engine) as connection:
            return int(connection.execute(sa.select(CURSOR.c.sequence)).scalar() or 0)

    def handled(self, sequence: int) -> None:
        """Remember the last event that was handled."""
        with self._engine.begin() as connection:
            connection.execute(CURSOR.delete())
            connection.execute(CURSOR.insert().values(sequence=sequence))

    def add_round(self, found: OwnRound) -> bool:
        """Store a new round; False when it is known already, whatever its warrant."""
        values = {name: getattr(found, name) for name in OwnRound.__slots__}
        with self._engine.begin() as connection:
            known = connection.execute(ROUNDS.select().where(ROUNDS.c.round_id == found.round_id)).first()
            if known is None:
                connection.execute(ROUNDS.insert().values(values | {"step": str(found.step)}))
            return known is None

    def round(self, round_id: str) -> OwnRound | None:
        with reading(self._engine) as connection:
            row = connection.execute(ROUNDS.select().where(ROUNDS.c.round_id == round_id)).first()
        return None if row is None else _own_round(row)

    def rounds(self, steps: Sequence[Step] = ACTIVE) -> tuple[OwnRound, ...]:
        """Return the rounds at any of these steps, oldest first."""
        wanted = ROUNDS.select().where(ROUNDS.c.step.in_([str(s) for s in steps])).order_by(ROUNDS.c.seen_at)
        with reading(self._engine) as connection:
            return tuple(_own_round(row) for row in connection.execute(wanted))

    def unfinished_business(self) -> tuple[OwnRound, ...]:
        """Return every round that is active, or whose deletion statement has not arrived yet."""
        owed = sa.and_(ROUNDS.c.statement != b"", ROUNDS.c.statement_sent.is_(False))
        wanted = ROUNDS.select().where(sa.or_(ROUNDS.c.step.in_([str(s) for s in ACTIVE]), owed))
        with reading(self._engine) as connection:
            return tuple(_own_round(row) for row in connection.execute(wanted.order_by(ROUNDS.c.seen_at)))

    def update(self, round_id: str, **values: object) -> None:
        """Set columns of a round; the names are OwnRound's."""
        unknown = set(values) - set(OwnRound.__slots__)
        if unknown:
            raise ValueError(f"unknown columns {sorted(unknown)}")
        tidy = {name: str(value) if isinstance(value, Step) else value for name, value in values.items()}
        with self._engine.begin() as connection:
            connection.execute(ROUNDS.update().where(ROUNDS.c.round_id == round_id).values(tidy))

    def put_upload(self, found: OwnUpload) -> None:
        """Store a finished spool file's facts, in place of earlier ones."""
        values = {name: getattr(found, name) for name in OwnUpload.__slots__}
        with self._engine.begin() as connection:
            connection.execute(UPLOADS.delete().where(*_of(found.round_id, found.population)))
            connection.execute(UPLOADS.insert().values(values))

    def uploads(self, round_id: str) -> dict[str, OwnUpload]:
        """Return the uploads of a round by population."""
        wanted = UPLOADS.select().where(UPLOADS.c.round_id == round_id).order_by(UPLOADS.c.population)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted).mappings().all()
        return {str(row["population"]): OwnUpload(**row) for row in rows}

    def sealed(self, round_id: str, population: str) -> None:
        """Note that the coordinator holds all of an upload."""
        with self._engine.begin() as connection:
            connection.execute(UPLOADS.update().where(*_of(round_id, population)).values(sealed=True))

    def drop_upload(self, round_id: str, population: str) -> None:
        """Forget a spool file that was found damaged."""
        with self._engine.begin() as connection:
            connection.execute(UPLOADS.delete().where(*_of(round_id, population)))

    def post(self, kind: str, message: bytes) -> None:
        """Put a relay into the outbox."""
        with self._engine.begin() as connection:
            post_relay(connection, kind, message)

    def outbox(self) -> tuple[Outgoing, ...]:
        """Return what was not sent yet, oldest first."""
        wanted = OUTBOX.select().where(OUTBOX.c.sent.is_(False)).order_by(OUTBOX.c.number)
        with reading(self._engine) as connection:
            return tuple(Outgoing(row.number, row.kind, row.message) for row in connection.execute(wanted))

    def refused(self, kind: str) -> tuple[Outgoing, ...]:
        """Return what the coordinator would not take, oldest first."""
        wanted = OUTBOX.select().where(OUTBOX.c.kind == kind, OUTBOX.c.fault != "").order_by(OUTBOX.c.number)
        with reading(self._engine) as connection:
            return tuple(Outgoing(r.number, r.kind, r.message, r.fault) for r in connection.execute(wanted))

    def post_again(self, number: int) -> None:
        """Let a relay that was refused leave once more, byte for byte: where it did arrive, it arrives once."""
        with self._engine.begin() as connection:
            connection.execute(OUTBOX.update().where(OUTBOX.c.number == number).values(sent=False, fault=""))

    def posted(self, number: int, *, fault: str = "") -> None:
        """Note that a relay arrived, or that it was refused for good."""
        with self._engine.begin() as connection:
            connection.execute(OUTBOX.update().where(OUTBOX.c.number == number).values(sent=True, fault=fault))


def post_relay(connection: sa.Connection, kind: str, message: bytes) -> None:
    """Put a relay into the outbox, in the transaction that causes it."""
    connection.execute(OUTBOX.insert().values(kind=kind, message=message, sent=False, fault=""))


def _of(round_id: str, population: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return UPLOADS.c.round_id == round_id, UPLOADS.c.population == population


def _own_round(row: sa.Row[tuple[object, ...]]) -> OwnRound:
    values = dict(row._mapping)
    return OwnRound(**values | {"step": Step(values["step"])})
