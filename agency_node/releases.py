"""Requests for named fields of one row of a confirmed clue: decided by policy or operator, answered sealed.

The answer holds the allowed fields of that one row and nothing else. The row is found through the round's position map
only, so no request can be answered once the round is closed and the map destroyed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from agency_node.datasets import Registers
from agency_node.policy import examine_release
from agency_node.policy_rules import Policy
from agency_node.replies import reply_to
from agency_node.rows import find_row
from agency_node.store import AGENCY, METADATA
from linkage.database.migrating import bring_forward
from linkage.errors import AuditError, LinkageError, NotFoundError, RoundStateError
from linkage.keys.canonical import JSON
from linkage.owner.choice import Refuse, Wait
from linkage.owner.contents import ReleaseAnswer, ReleaseRequest
from linkage.owner.database import reading
from linkage.owner.office import Office, stored_warrant
from linkage.owner.participation import Step, post_relay
from linkage.owner.relays import OpenedRelay
from linkage.warrant import PopulationSpec, utc_text

log = logging.getLogger(__name__)
RELEASES = sa.Table(
    "agency_releases",
    METADATA,
    sa.Column("relay_id", sa.String(32), primary_key=True),
    sa.Column("sender", sa.String(64), nullable=False),
    sa.Column("round_id", sa.String(32), nullable=False),
    sa.Column("request", sa.Text, nullable=False),  # JSON: population, position, fields, clue, who confirmed, purpose.
    sa.Column("state", sa.String(10), nullable=False),  # WAITING, APPROVED, REFUSED, then ANSWERED
    sa.Column("given", sa.Boolean, nullable=False),
    sa.Column("advice", sa.Text, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("received_at", sa.String(20), nullable=False),
    sa.Column("decided_at", sa.String(20), nullable=False),
)


@dataclass(frozen=True, slots=True)
class PendingRelease:
    """One request as stored. Nothing in it says who the row is about."""

    relay_id: str
    sender: str
    round_id: str
    request: ReleaseRequest
    state: str
    given: bool
    advice: str
    decided_by: str
    reason: str = field(repr=False)
    received_at: str
    decided_at: str


class Releases:
    """Keep requests for release; shared by daemon and commands."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        bring_forward(engine, AGENCY)

    def add(self, relay: OpenedRelay, *, at: datetime) -> None:
        """Store a request; the same again changes nothing. Raises InputError for a malformed one."""
        request = ReleaseRequest.from_content(relay.content)
        values = {
            "relay_id": relay.head.relay_id,
            "sender": relay.head.sender,
            "round_id": relay.head.round_id,
            "request": json.dumps(request.to_content(), ensure_ascii=False),
            "state": "WAITING",
            "given": False,
            "advice": "",
            "decided_by": "",
            "reason": "",
            "received_at": utc_text(at),
            "decided_at": "",
        }
        with self._engine.begin() as connection:
            known = connection.execute(RELEASES.select().where(RELEASES.c.relay_id == relay.head.relay_id)).first()
            if known is None:
                connection.execute(RELEASES.insert().values(values))

    def all(self, *states: str) -> tuple[PendingRelease, ...]:
        """Return the requests in these states (all when none is named), oldest first."""
        wanted = RELEASES.select().order_by(RELEASES.c.received_at)
        if states:
            wanted = wanted.where(RELEASES.c.state.in_(states))
        with reading(self._engine) as connection:
            rows = connection.execute(wanted).mappings().all()
        return tuple(_pending(dict(row)) for row in rows)

    def advise(self, relay_id: str, advice: str) -> None:
        """Note why an operator is needed."""
        with self._engine.begin() as connection:
            connection.execute(RELEASES.update().where(RELEASES.c.relay_id == relay_id).values(advice=advice))

    def decide(self, prefix: str, *, approve: bool, by: str, reason: str) -> None:
        """Decide a waiting request as an operator. Raises NotFoundError, RoundStateError."""
        found = [r for r in self.all() if prefix and r.relay_id.startswith(prefix)]
        if len(found) != 1:
            raise NotFoundError("没有这个调取请求", "there is no such release request", hint_zh="agency-node releases")
        still = (RELEASES.c.relay_id == found[0].relay_id, RELEASES.c.state == "WAITING")
        values = {"state": "APPROVED" if approve else "REFUSED", "decided_by": by, "reason": reason}
        with self._engine.begin() as connection:
            if connection.execute(RELEASES.update().where(*still).values(values)).rowcount != 1:
                raise RoundStateError("这个请求已经处理过", "this request is decided already")

    def given_since(self, moment: datetime) -> int:
        """Return how many requests were answered with fields since then."""
        wanted = sa.select(sa.func.count()).where(RELEASES.c.given, RELEASES.c.decided_at >= utc_text(moment))
        with reading(self._engine) as connection:
            return int(connection.execute(wanted).scalar_one())


def _pending(row: dict[str, object]) -> PendingRelease:
    request = ReleaseRequest.from_content(json.loads(str(row["request"])))
    return PendingRelease(**{**row, "request": request})  # type: ignore[arg-type]  # The columns are the fields.


class ReleaseDesk:
    """Answer what is due. One thread only."""

    def __init__(
        self, office: Office, store: Releases, *, policy: Callable[[], Policy], registers: Callable[[], Registers]
    ) -> None:
        self._office = office
        self._store = store
        self._policy = policy
        self._registers = registers

    def work(self) -> None:
        """Answer every request that policy or operator has decided."""
        for pending in self._store.all("WAITING", "APPROVED", "REFUSED"):
            try:
                answer = self._answer(pending)
            except AuditError:
                raise
            except LinkageError as error:
                log.warning("release %s: %s", pending.relay_id, error)
                answer = ReleaseAnswer(False, str(error), pending.decided_by or "policy")
            if answer is not None:
                self._send(pending, answer)

    def _answer(self, pending: PendingRelease) -> ReleaseAnswer | None:
        """Return the answer, None while an operator must decide. Raises why there can be none."""
        if pending.state == "REFUSED":
            return ReleaseAnswer(False, pending.reason, pending.decided_by)
        request = pending.request
        spec = self._own_population(pending)
        found = examine_release(
            self._policy(),
            requester=pending.sender,
            dataset=spec.dataset,
            fields=request.fields,
            now=self._office.clock(),
            given_today=self._store.given_since(self._office.clock() - timedelta(days=1)),
        )
        if isinstance(found.choice, Refuse):
            return ReleaseAnswer(False, found.choice.reason, "policy")
        if isinstance(found.choice, Wait) and pending.state != "APPROVED":
            if pending.advice != found.choice.reason:
                self._store.advise(pending.relay_id, found.choice.reason)
            return None
        place = self._office.place(pending.round_id, request.population)
        reference = place.open_map().ref(request.position)
        row = find_row(self._registers(), reference, dataset=spec.dataset)
        values = {name: row.fields[name] for name in found.fields if name in row.fields}
        left = sorted(set(request.fields) - set(found.fields))
        reason = f"未给出 not given：{'、'.join(left)}" if left else ""
        return ReleaseAnswer(True, reason, pending.decided_by or "policy", values)

    def _own_population(self, pending: PendingRelease) -> PopulationSpec:
        """Return the population asked about. Raises RoundStateError, NotFoundError, WarrantError."""
        known = self._office.book.round(pending.round_id)
        if known is None or known.step is Step.ENDED:
            raise NotFoundError("没有这个轮次，或已经销毁", "there is no such round, or it is erased")
        warrant = stored_warrant(known)
        spec = warrant.population(pending.request.population)
        if warrant.requester != pending.sender or spec.owner != self._office.id or spec.anchor:
            raise NotFoundError("这个轮次里没有这个群体", "there is no such population in this round")
        if known.state != "DELIVERED":
            raise RoundStateError("结果尚未交付，谈不上已确认的线索", "the result is not delivered yet: no clue exists")
        return spec

    def _send(self, pending: PendingRelease, answer: ReleaseAnswer) -> None:
        """Write the audit entry, then store answer and message in one transaction."""
        office, request = self._office, pending.request
        facts: dict[str, JSON] = {
            "relay": pending.relay_id,
            "round": pending.round_id,
            "requester": pending.sender,
            "population": request.population,
            "fields_asked": list(request.fields),
            "fields_given": sorted(answer.values),
            "given": answer.given,
            "clue": request.clue,
            "confirmed_by": list(request.confirmed_by),
            "decided_by": answer.decided_by,
        }
        office.trail.note("release.decided", facts)
        about = {"receiver": pending.sender, "round_id": pending.round_id, "in_reply_to": pending.relay_id}
        message = reply_to(office, "release_answer", answer.to_content(), **about)
        values = {
            "state": "ANSWERED",
            "given": answer.given,
            "decided_by": answer.decided_by,
            "reason": answer.reason,
            "decided_at": utc_text(office.clock()),
        }
        with office.book.engine.begin() as connection:
            connection.execute(RELEASES.update().where(RELEASES.c.relay_id == pending.relay_id).values(values))
            post_relay(connection, "release_answer", message)
        log.info("release %s answered: given=%s", pending.relay_id, answer.given)
