"""Remember the calls that wait for a file to be carried, their answers, and the newest state of every round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from google.protobuf.message import Message

from linkage.database.migrating import bring_forward
from linkage.keys.signing import Signed
from linkage.owner.database import OWNER, reading
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.rpc.v1.courier_pb2 import CarriedReply
from linkage.warrant import RoundWarrant

METADATA = sa.MetaData()
CALLS = sa.Table(
    "courier_calls",
    METADATA,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("method", sa.String(32), nullable=False),
    sa.Column("round_id", sa.String(32), nullable=False),
    sa.Column("request", sa.LargeBinary, nullable=False),
    sa.Column("packed", sa.Boolean, nullable=False),  # It is in a file; that file is kept until it is confirmed.
    sa.Column("answer", sa.LargeBinary, nullable=False),  # A serialised CarriedReply, b"" before.
)
STATUSES = sa.Table(
    "courier_statuses",
    METADATA,
    sa.Column("round_id", sa.String(32), primary_key=True),
    sa.Column("status", sa.LargeBinary, nullable=False),
)
NUMBERS = sa.Table(
    "courier_numbers",
    METADATA,
    sa.Column("name", sa.String(16), primary_key=True),  # "calls", "witnessed", "cosignatures"
    sa.Column("value", sa.BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Call:
    """One call as stored. `answer` is empty until a file has brought it."""

    number: int
    method: str
    round_id: str
    request: bytes = field(repr=False)
    packed: bool = False
    answer: bytes = field(repr=False, default=b"")

    @property
    def reply(self) -> CarriedReply | None:
        return CarriedReply.FromString(self.answer) if self.answer else None


class Calls:
    """Keep the calls in the party's database; every method is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        bring_forward(engine, OWNER)

    def find(self, method: str, request: bytes) -> Call | None:
        """Return this very call, if it waits or was answered."""
        with reading(self._engine) as connection:
            wanted = CALLS.select().where(CALLS.c.method == method, CALLS.c.request == request)
            row = connection.execute(wanted.order_by(CALLS.c.number.desc())).mappings().first()
        return None if row is None else Call(**row)

    def named(self, number: int) -> Call | None:
        with reading(self._engine) as connection:
            row = connection.execute(CALLS.select().where(CALLS.c.number == number)).mappings().one_or_none()
        return None if row is None else Call(**row)

    def add(self, method: str, request: Message) -> None:
        """Let a call wait for the next file."""
        body, number = request.SerializeToString(deterministic=True), self.number("calls") + 1
        call = Call(number, method, round_of(method, request), body)
        with self._engine.begin() as connection:
            connection.execute(CALLS.insert().values({name: getattr(call, name) for name in Call.__slots__}))
            _put_number(connection, "calls", number)

    def waiting(self) -> tuple[Call, ...]:
        """Return the calls without an answer, oldest first."""
        return self._calls(CALLS.c.answer == b"")

    def unpacked(self) -> tuple[Call, ...]:
        """Return the calls that are in no file yet, oldest first."""
        return self._calls(CALLS.c.packed.is_(False))

    def answer(self, reply: CarriedReply) -> None:
        """Store the answer to a call; one that nobody waits for is dropped."""
        with self._engine.begin() as connection:
            body = reply.SerializeToString()
            connection.execute(CALLS.update().where(CALLS.c.number == reply.number).values(answer=body, packed=True))

    def drop(self, numbers: Sequence[int]) -> None:
        """Forget calls."""
        with self._engine.begin() as connection:
            connection.execute(CALLS.delete().where(CALLS.c.number.in_(numbers)))

    def drop_answered(self) -> None:
        """Forget what was answered: whoever wanted the answer has it, and may ask again."""
        with self._engine.begin() as connection:
            connection.execute(CALLS.delete().where(CALLS.c.answer != b""))

    def status(self, round_id: str) -> pb.RoundStatus | None:
        """Return a round's state as the last event told it."""
        with reading(self._engine) as connection:
            found = connection.execute(STATUSES.select().where(STATUSES.c.round_id == round_id)).one_or_none()
        return None if found is None else pb.RoundStatus.FromString(found.status)

    def put_status(self, status: pb.RoundStatus) -> None:
        with self._engine.begin() as connection:
            connection.execute(STATUSES.delete().where(STATUSES.c.round_id == status.round_id))
            values = {"round_id": status.round_id, "status": status.SerializeToString()}
            connection.execute(STATUSES.insert().values(values))

    def number(self, name: str) -> int:
        """Return one of our counters, 0 at first."""
        with reading(self._engine) as connection:
            return int(connection.execute(sa.select(NUMBERS.c.value).where(NUMBERS.c.name == name)).scalar() or 0)

    def put_number(self, name: str, value: int) -> None:
        with self._engine.begin() as connection:
            _put_number(connection, name, value)

    def _calls(self, condition: sa.ColumnElement[bool]) -> tuple[Call, ...]:
        with reading(self._engine) as connection:
            rows = connection.execute(CALLS.select().where(condition).order_by(CALLS.c.number)).mappings().all()
        return tuple(Call(**row) for row in rows)


def round_of(method: str, request: Message) -> str:
    """Return the round a call is about, "" for none."""
    if isinstance(request, pb.ProposeRoundRequest):
        return RoundWarrant.from_bytes(Signed.parse(request.warrant.envelope).body).round_id
    return str(getattr(request, "round_id", ""))


def mark_packed(connection: sa.Connection, numbers: Sequence[int]) -> None:
    """Note that these calls are in a file now."""
    connection.execute(CALLS.update().where(CALLS.c.number.in_(numbers)).values(packed=True))


def _put_number(connection: sa.Connection, name: str, value: int) -> None:
    connection.execute(NUMBERS.delete().where(NUMBERS.c.name == name))
    connection.execute(NUMBERS.insert().values(name=name, value=value))
