"""Events to parties: stored in the transaction that causes them, sent later, in order, as often as asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import sqlalchemy as sa

from linkage.coordinator.tables import EVENTS
from linkage.rpc.v1 import linkage_pb2 as pb

Posted = list[tuple[str, int]]  # (recipient, sequence), for the bell, once committed.
_AFTER: Final = (
    sa.select(EVENTS.c.sequence, EVENTS.c.body)
    .where(EVENTS.c.recipient == sa.bindparam("recipient"), EVENTS.c.sequence > sa.bindparam("after"))
    .order_by(EVENTS.c.sequence)
    .limit(sa.bindparam("most"))
)


def post(connection: sa.Connection, recipients: Iterable[str], event: pb.Event, *, now_ms: int) -> Posted:
    """Store one event for each recipient."""
    return post_each(connection, dict.fromkeys(recipients, event), now_ms=now_ms)


def post_each(connection: sa.Connection, events: Mapping[str, pb.Event], *, now_ms: int) -> Posted:
    """Store an event of its own for each recipient, all in one statement."""
    rows = []
    for recipient, event in sorted(events.items(), key=lambda item: item[0]):
        event.at_ms = now_ms
        body = event.SerializeToString(deterministic=True)
        rows.append({"recipient": recipient, "round_id": event.round_id, "at_ms": now_ms, "body": body})
    if not rows:
        return []
    connection.execute(EVENTS.insert(), rows)
    # Nobody else writes during a transaction, so the newest are ours.
    newest = sa.select(EVENTS.c.recipient, EVENTS.c.sequence).order_by(EVENTS.c.sequence.desc()).limit(len(rows))
    return [(recipient, int(sequence)) for recipient, sequence in reversed(connection.execute(newest).all())]


def events_after(connection: sa.Connection, recipient: str, after: int, *, limit: int = 32) -> list[pb.Event]:
    """Return a party's next events, oldest first."""
    found = []
    for sequence, body in connection.execute(_AFTER, {"recipient": recipient, "after": after, "most": limit}):
        event = pb.Event.FromString(body)
        event.sequence = sequence
        found.append(event)
    return found


def newest_events(connection: sa.Connection) -> Posted:
    """Return the number of every party's newest event."""
    newest = sa.select(EVENTS.c.recipient, sa.func.max(EVENTS.c.sequence)).group_by(EVENTS.c.recipient)
    return [(recipient, sequence) for recipient, sequence in connection.execute(newest)]


def drop_events(connection: sa.Connection, *, before_ms: int, keep: Iterable[str]) -> int:
    """Drop events older than a moment, except those of the rounds in `keep`. Returns how many."""
    stale = EVENTS.delete().where(EVENTS.c.at_ms < before_ms, EVENTS.c.round_id.not_in(list(keep)))
    return connection.execute(stale).rowcount
