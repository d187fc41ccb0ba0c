"""Sealed requests to an agency for named fields of a confirmed clue, and the answers (design §3.8).

They leave through the owner's outbox in the transaction that records them; answers come back through `take_relay`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from linkage.errors import NotFoundError, PermissionRefused, RoundStateError
from linkage.keys.canonical import JSON
from linkage.keys.store import PartyKeys
from linkage.owner.contents import ReleaseAnswer, ReleaseRequest
from linkage.owner.participation import post_relay
from linkage.owner.relays import OpenedRelay, RelayHead, RelayKind, make_relay, open_envelope
from linkage.owner.trail import AuditTrail
from linkage.warrant import utc_text
from procuratorate_node.clues import Clue, ClueBook
from procuratorate_node.config import Config
from procuratorate_node.rounds.requests import warrant_of
from procuratorate_node.store import MESSAGES, REQUESTS, Store

SENT = "SENT"
RELEASE = "release"


@dataclass(frozen=True, slots=True)
class PostRoom:
    """Write and read messages; `random_bytes` gives relay ids."""

    store: Store = field(repr=False)
    book: ClueBook = field(repr=False)
    trail: AuditTrail = field(repr=False)
    keys: PartyKeys = field(repr=False)
    config: Config = field(repr=False)
    random_bytes: Callable[[int], bytes] = field(repr=False)

    def ask_fields(
        self, clue_id: str, population: str, fields: tuple[str, ...], *, by: str, purpose: str, now: datetime
    ) -> list[str]:
        """Ask the population's owner for fields of every row linked to a confirmed clue; return the relay ids.

        Two different people stand behind it: who confirmed the clue, and who asks. Raises PermissionRefused,
        RoundStateError, NotFoundError.
        """
        self.config.require(by, "release")
        clue = self._confirmed(clue_id)
        if clue.decided_by == by:
            raise PermissionRefused("确认人与申请人必须是两个人", "who confirmed and who asks are two people")
        warrant = warrant_of(self.store.get(REQUESTS, clue.last_round))
        positions = [link.position for link in clue.links if link.population == population]
        if not positions:
            raise NotFoundError(f"这条线索没有群体 {population} 的匹配", f"this clue has no link to {population}")
        receiver = warrant.population(population).owner
        sent: list[str] = []
        for position in positions:
            content = ReleaseRequest(population, position, fields, clue_id, (clue.decided_by, by), purpose)
            head = self._head("release_request", receiver, round_id=clue.last_round)
            about: list[JSON] = [population, *fields]
            self._send(head, content.to_content(), kind=RELEASE, clue=clue, about=about, by=by, now=now)
            sent.append(head.relay_id)
        return sent

    def take_relay(self, relay: OpenedRelay, *, now: datetime) -> None:
        """Store a release answer, sealed as it came; a relay we never asked for changes nothing."""
        head = relay.head
        try:
            asked = self.store.get(MESSAGES, head.in_reply_to)
        except NotFoundError:
            return
        if asked["receiver"] != head.sender or (head.kind, asked["kind"]) != ("release_answer", RELEASE):
            return
        answer = ReleaseAnswer.from_content(relay.content)
        values = {
            "state": "GIVEN" if answer.given else "REFUSED",
            "reason": answer.reason,
            "answer": relay.envelope,
            "answered_at": utc_text(now),
        }
        self.store.update(MESSAGES, head.in_reply_to, **values)

    def answer(self, relay_id: str, *, by: str) -> Mapping[str, str]:
        """Open a release answer's values for an officer; one audit entry first. Raises RoundStateError."""
        self.config.require(by, "release")
        row = self.store.get(MESSAGES, relay_id)
        if row["kind"] != RELEASE or not row["answer"]:
            raise RoundStateError("还没有答复", "there is no answer yet")
        names: list[JSON] = json.loads(row["about"])
        self.trail.note("release.read", {"relay": relay_id, "clue": row["clue_id"], "by": by, "fields": names})
        opened = open_envelope(row["answer"], manifest=self.keys.manifest, recipient=self.keys.recipient)
        return ReleaseAnswer.from_content(opened.content).values

    def sent(self, kind: str) -> list[sa.RowMapping]:
        query = sa.select(MESSAGES).where(MESSAGES.c.kind == kind).order_by(MESSAGES.c.asked_at)
        return list(self.store.select(query))

    def _confirmed(self, clue_id: str) -> Clue:
        clue = self.book.get(clue_id)
        if not clue.confirmed:
            raise RoundStateError("线索尚未确认", "the clue is not confirmed")
        return clue

    def _head(self, kind: RelayKind, receiver: str, *, round_id: str) -> RelayHead:
        return RelayHead(self.random_bytes(16).hex(), kind, self.keys.party.id, receiver, round_id=round_id)

    def _send(
        self,
        head: RelayHead,
        content: Mapping[str, JSON],
        *,
        kind: str,
        clue: Clue,
        about: list[JSON],
        by: str,
        now: datetime,
    ) -> None:
        message = make_relay(head, content, manifest=self.keys.manifest, signing=self.keys.signing)
        facts: dict[str, JSON] = {"relay": head.relay_id, "clue": clue.clue_id, "receiver": head.receiver, "by": by}
        self.trail.note(f"{kind}.sent", facts | {"about": about})
        values = {
            "relay_id": head.relay_id,
            "kind": kind,
            "clue_id": clue.clue_id,
            "round_id": head.round_id,
            "receiver": head.receiver,
            "about": json.dumps(about, ensure_ascii=False),
            "asked_by": by,
            "asked_at": utc_text(now),
            "state": SENT,
            "reason": "",
            "answer": b"",
            "answered_at": "",
        }
        with self.store.engine.begin() as connection:
            connection.execute(MESSAGES.insert().values(values))
            post_relay(connection, head.kind, message.SerializeToString())
