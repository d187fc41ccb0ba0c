"""Referrals that other offices send: an inbox, and a status that goes back for every step.

RECEIVED → ACCEPTED | REFUSED, ACCEPTED → DONE | REFUSED. Who is referred stays sealed in the database and is opened
with the office's own key only when an operator looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from agency_node.replies import reply_to
from linkage.errors import NotFoundError, RoundStateError
from linkage.keys.store import PartyKeys
from linkage.owner.contents import Referral, ReferralState, ReferralStatus
from linkage.owner.database import reading
from linkage.owner.office import Office
from linkage.owner.participation import post_relay
from linkage.owner.relays import OpenedRelay, open_envelope
from linkage.warrant import utc_text

METADATA = sa.MetaData()
REFERRALS = sa.Table(
    "agency_referrals",
    METADATA,
    sa.Column("relay_id", sa.String(32), primary_key=True),
    sa.Column("sender", sa.String(64), nullable=False),
    sa.Column("round_id", sa.String(32), nullable=False),
    sa.Column("envelope", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("told", sa.String(10), nullable=False),  # The last state that went back.
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("received_at", sa.String(20), nullable=False),
    sa.Column("changed_at", sa.String(20), nullable=False),
)
STEPS: Mapping[str, frozenset[str]] = {
    "RECEIVED": frozenset({"ACCEPTED", "REFUSED"}),
    "ACCEPTED": frozenset({"DONE", "REFUSED"}),
}


@dataclass(frozen=True, slots=True)
class StoredReferral:
    """One referral as stored, still sealed."""

    relay_id: str
    sender: str
    round_id: str
    envelope: bytes = field(repr=False)
    state: ReferralState
    told: str
    reason: str
    by: str
    received_at: str
    changed_at: str

    def open(self, keys: PartyKeys) -> Referral:
        """Return its content, which names a person. Raises KeyMaterialError."""
        opened = open_envelope(self.envelope, manifest=keys.manifest, recipient=keys.recipient)
        return Referral.from_content(opened.content)


class Referrals:
    """Keep the inbox; shared by daemon and commands."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        METADATA.create_all(engine)

    def add(self, relay: OpenedRelay, *, at: datetime) -> None:
        """Store a referral; the same again changes nothing. Raises InputError for a malformed one."""
        Referral.from_content(relay.content)
        head, now = relay.head, utc_text(at)
        values = {
            "relay_id": head.relay_id,
            "sender": head.sender,
            "round_id": head.round_id,
            "envelope": relay.envelope,
            "state": "RECEIVED",
            "told": "",
            "reason": "",
            "by": "system",
            "received_at": now,
            "changed_at": now,
        }
        with self._engine.begin() as connection:
            if connection.execute(REFERRALS.select().where(REFERRALS.c.relay_id == head.relay_id)).first() is None:
                connection.execute(REFERRALS.insert().values(values))

    def all(self) -> tuple[StoredReferral, ...]:
        """Return every referral, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(REFERRALS.select().order_by(REFERRALS.c.received_at)).mappings().all()
        return tuple(StoredReferral(**row) for row in rows)

    def named(self, prefix: str) -> StoredReferral:
        """Return the referral whose id begins so. Raises NotFoundError."""
        found = [r for r in self.all() if prefix and r.relay_id.startswith(prefix)]
        if len(found) != 1:
            raise NotFoundError("没有这个转介", "there is no such referral", hint_zh="agency-node referrals")
        return found[0]

    def update(self, prefix: str, state: ReferralState, *, by: str, reason: str, at: datetime) -> None:
        """Take the next step. Raises NotFoundError, RoundStateError, InputError."""
        found = self.named(prefix)
        if state not in STEPS.get(found.state, frozenset()):
            raise RoundStateError(f"不能从 {found.state} 变为 {state}", f"{found.state} cannot become {state}")
        if found.told != found.state:
            raise RoundStateError(
                "上一个状态还没有送出，请稍后再试", "the last status has not been sent yet; try again"
            )
        status = ReferralStatus(state, reason, by, utc_text(at))
        values = {"state": status.state, "reason": status.reason, "by": status.by, "changed_at": status.at}
        with self._engine.begin() as connection:
            connection.execute(REFERRALS.update().where(REFERRALS.c.relay_id == found.relay_id).values(values))


def send_statuses(office: Office, store: Referrals) -> None:
    """Put the status of every referral that changed into the outbox, after its audit entry."""
    for found in store.all():
        if found.told == found.state:
            continue
        status = ReferralStatus(found.state, found.reason, found.by, found.changed_at)
        facts = {"relay": found.relay_id, "receiver": found.sender, "state": found.state, "by": found.by}
        office.trail.note("referral.updated", facts)
        about = {"receiver": found.sender, "round_id": found.round_id, "in_reply_to": found.relay_id}
        message = reply_to(office, "referral_status", status.to_content(), **about)
        told = REFERRALS.update().where(REFERRALS.c.relay_id == found.relay_id).values(told=found.state)
        with office.book.engine.begin() as connection:
            connection.execute(told)
            post_relay(connection, "referral_status", message)
