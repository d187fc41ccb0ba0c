"""Referrals that other offices send: an inbox, and a status that goes back for every step.

RECEIVED → ACCEPTED | REFUSED, ACCEPTED → DONE | REFUSED. Who is referred, and the letter, stay sealed in the database
and are opened with the office's own key only when an operator looks. The same referral is taken once, whatever relay
brings it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from agency_node.replies import reply_to
from agency_node.store import AGENCY, METADATA
from linkage.database.migrating import bring_forward
from linkage.errors import InputError, NotFoundError, RoundStateError
from linkage.keys.store import PartyKeys
from linkage.owner.database import reading
from linkage.owner.office import Office
from linkage.owner.participation import post_relay
from linkage.owner.referrals import Answer, Expected, Referral, ReferralState, ReferralStatus
from linkage.owner.relays import OpenedRelay, open_envelope
from linkage.warrant import utc_text

REFERRALS = sa.Table(
    "referral_inbox",
    METADATA,
    sa.Column("relay_id", sa.String(32), primary_key=True),
    sa.Column("sender", sa.String(64), nullable=False),
    sa.Column("round_id", sa.String(32), nullable=False),
    sa.Column("referral", sa.String(24), nullable=False),  # The sender's own reference.
    sa.Column("number", sa.Text, nullable=False),  # 文号
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("expected", sa.Text, nullable=False),  # JSON: what a DONE must say, and by when.
    sa.Column("envelope", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("told", sa.String(10), nullable=False),  # The last state that went back.
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("received_at", sa.String(20), nullable=False),
    sa.Column("changed_at", sa.String(20), nullable=False),
    sa.Column("item", sa.Text, nullable=False),
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("band", sa.Text, nullable=False),
    sa.UniqueConstraint("sender", "referral"),
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
    referral: str
    number: str
    title: str
    expected: Expected
    envelope: bytes = field(repr=False)
    state: ReferralState
    told: str
    reason: str
    by: str
    received_at: str
    changed_at: str
    item: str
    day: str
    band: str

    @property
    def status(self) -> ReferralStatus:
        """Return what goes back for the present state."""
        return ReferralStatus(self.state, self.reason, self.by, self.changed_at, Answer(self.item, self.day, self.band))

    def is_overdue(self, today: str) -> bool:
        """Tell whether the sender should have had an answer by now; days as YYYY-MM-DD."""
        return self.state in STEPS and today > self.expected.due

    def open(self, keys: PartyKeys) -> Referral:
        """Return its content, which names a person. Raises KeyMaterialError."""
        opened = open_envelope(self.envelope, manifest=keys.manifest, recipient=keys.recipient)
        return Referral.from_content(opened.content)


class Referrals:
    """Keep the inbox; shared by daemon and commands."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        bring_forward(engine, AGENCY)

    def add(self, relay: OpenedRelay, *, at: datetime) -> None:
        """Store a referral; the same again changes nothing. Raises InputError, LimitError for a malformed one."""
        content = Referral.from_content(relay.content)
        head, now = relay.head, utc_text(at)
        values = {
            "relay_id": head.relay_id,
            "sender": head.sender,
            "round_id": head.round_id,
            "referral": content.referral,
            "number": content.number,
            "title": content.title,
            "expected": json.dumps(content.expected.to_content(), ensure_ascii=False),
            "envelope": relay.envelope,
            "state": "RECEIVED",
            "told": "",
            "reason": "",
            "by": "system",
            "received_at": now,
            "changed_at": now,
            **dict.fromkeys(("item", "day", "band"), ""),
        }
        same = (REFERRALS.c.sender == head.sender, REFERRALS.c.referral == content.referral)
        with self._engine.begin() as connection:
            known = connection.execute(REFERRALS.select().where(*same)).first()
            if known is None:
                connection.execute(REFERRALS.insert().values(values))
            elif known.relay_id != head.relay_id:
                raise InputError("这件转介已经收到过", "this referral came before, in another relay")

    def all(self) -> tuple[StoredReferral, ...]:
        """Return every referral, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(REFERRALS.select().order_by(REFERRALS.c.received_at)).mappings().all()
        return tuple(_stored(dict(row)) for row in rows)

    def named(self, prefix: str) -> StoredReferral:
        """Return the referral whose id begins so. Raises NotFoundError."""
        found = [r for r in self.all() if prefix and r.relay_id.startswith(prefix)]
        if len(found) != 1:
            raise NotFoundError("没有这个转介", "there is no such referral", hint_zh="agency-node referrals")
        return found[0]

    def update(
        self, prefix: str, state: ReferralState, *, by: str, reason: str, at: datetime, answer: Answer | None = None
    ) -> None:
        """Take the next step; DONE carries what was asked for. Raises NotFoundError, RoundStateError, InputError."""
        found = self.named(prefix)
        if state not in STEPS.get(found.state, frozenset()):
            raise RoundStateError(f"不能从 {found.state} 变为 {state}", f"{found.state} cannot become {state}")
        if found.told != found.state:
            raise RoundStateError(
                "上一个状态还没有送出，请稍后再试", "the last status has not been sent yet; try again"
            )
        given = answer or Answer()
        if state == "DONE":
            found.expected.check(given)
        status = ReferralStatus(state, reason, by, utc_text(at), given)
        values = {"state": status.state, "reason": status.reason, "by": status.by, "changed_at": status.at}
        values |= {"item": given.item, "day": given.day, "band": given.band}
        still = (REFERRALS.c.relay_id == found.relay_id, REFERRALS.c.state == found.state)
        with self._engine.begin() as connection:
            if connection.execute(REFERRALS.update().where(*still).values(values)).rowcount != 1:
                raise RoundStateError("这件转介刚被他人处理", "somebody else has just dealt with this referral")


def _stored(row: dict[str, object]) -> StoredReferral:
    expected = Expected.from_content(json.loads(str(row["expected"])))
    return StoredReferral(**row | {"expected": expected})  # type: ignore[arg-type]  # The columns are the fields.


def send_statuses(office: Office, store: Referrals) -> None:
    """Put the status of every referral that changed into the outbox, after its audit entry."""
    for found in store.all():
        if found.told == found.state:
            continue
        facts = {"relay": found.relay_id, "receiver": found.sender, "state": found.state, "by": found.by}
        office.trail.note("referral.updated", facts)
        about = {"receiver": found.sender, "round_id": found.round_id, "in_reply_to": found.relay_id}
        message = reply_to(office, "referral_status", found.status.to_content(), **about)
        told = REFERRALS.update().where(REFERRALS.c.relay_id == found.relay_id).values(told=found.state)
        with office.book.engine.begin() as connection:
            connection.execute(told)
            post_relay(connection, "referral_status", message)
