"""What the office was asked and what it answered: shared by the daemon and the commands, two processes.

The daemon adds rounds and carries decisions out; a command only turns WAITING into APPROVED or REFUSED, with a name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from agency_node.policy import Grant
from agency_node.policy_rules import Definition, PastApproval
from agency_node.risks import Risks
from agency_node.store import AGENCY, METADATA
from linkage.database.migrating import bring_forward
from linkage.errors import NotFoundError, RoundStateError
from linkage.owner.database import reading
from linkage.owner.verifying import VerifiedWarrant
from linkage.warrant import parse_utc, utc_text

DECISIONS = sa.Table(
    "agency_decisions",
    METADATA,
    sa.Column("round_id", sa.String(32), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("requester", sa.String(64), nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("datasets", sa.Text, nullable=False),  # JSON list
    sa.Column("grants", sa.Text, nullable=False),  # JSON: population → {rules, fields, tags}
    sa.Column("preview", sa.Text, nullable=False),
    sa.Column("advice", sa.Text, nullable=False),  # What the policy said.
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("seen_at", sa.String(20), nullable=False),
    sa.Column("decided_at", sa.String(20), nullable=False),
    sa.Column("expires_at", sa.String(20), nullable=False),
)
# What was asked, for budgets and for the overlap between questions; no row is told of.
ASKED = sa.Table(
    "agency_asked",
    METADATA,
    sa.Column("round_id", sa.String(32), primary_key=True),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("definitions", sa.Text, nullable=False),  # JSON list of Definition
)


class DecisionState(StrEnum):
    """WAITING for an operator, or decided."""

    WAITING = "WAITING"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class RoundDecision:
    """One round as the office sees it. `preview` holds counts and names of columns, no value of a row."""

    round_id: str
    digest: str
    requester: str
    purpose: str
    datasets: tuple[str, ...]
    advice: str
    state: DecisionState
    decided_by: str
    reason: str
    seen_at: str
    decided_at: str
    expires_at: str
    reference: str = ""
    definitions: frozenset[Definition] = frozenset()
    preview: str = field(repr=False, default="")
    grants: Mapping[str, Grant] = field(repr=False, default_factory=dict)


class Decisions:
    """Keep the office's decisions."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        bring_forward(engine, AGENCY)
        self.risks = Risks(engine)

    def add(self, decision: RoundDecision) -> None:
        """Store a round's first evaluation; one that is here already stays as it is."""
        values = {
            name: getattr(decision, name)
            for name in RoundDecision.__slots__
            if name not in ("datasets", "grants", "state", "reference", "definitions")
        }
        values["datasets"] = json.dumps(decision.datasets)
        values["grants"] = json.dumps({name: _grant_json(grant) for name, grant in decision.grants.items()})
        with self._engine.begin() as connection:
            known = connection.execute(DECISIONS.select().where(DECISIONS.c.round_id == decision.round_id)).first()
            if known is None:
                connection.execute(DECISIONS.insert().values(values | {"state": str(decision.state)}))
                asked = {"round_id": decision.round_id, "reference": decision.reference}
                asked["definitions"] = json.dumps(sorted(decision.definitions), ensure_ascii=False)
                connection.execute(ASKED.insert().values(asked))

    def find(self, round_id: str) -> RoundDecision | None:
        with reading(self._engine) as connection:
            row = connection.execute(DECISIONS.select().where(DECISIONS.c.round_id == round_id)).mappings().first()
        return None if row is None else _decision(dict(row))

    def named(self, prefix: str) -> RoundDecision:
        """Return the round whose id begins so. Raises NotFoundError when none or several do."""
        wanted = DECISIONS.select().where(DECISIONS.c.round_id.startswith(prefix, autoescape=True))
        with reading(self._engine) as connection:
            rows = connection.execute(wanted).mappings().all()
        if len(rows) != 1 or not prefix:
            raise NotFoundError(
                "没有这个轮次，或编号前几位不止一个轮次",
                "no round begins so, or several do",
                hint_zh="agency-node rounds",
            )
        return _decision(dict(rows[0]))

    def all(self) -> tuple[RoundDecision, ...]:
        """Return every round, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(DECISIONS.select().order_by(DECISIONS.c.seen_at)).mappings().all()
        return tuple(_decision(dict(row)) for row in rows)

    def decide(self, round_id: str, state: DecisionState, *, by: str, reason: str, at: datetime) -> None:
        """Decide a waiting round. Raises RoundStateError when it is decided or has expired."""
        found = self.named(round_id)
        if found.state is not DecisionState.WAITING:
            raise RoundStateError(
                f"这个轮次已经{_said(found.state)}（{found.decided_by}）",
                f"this round is {found.state} by {found.decided_by} already",
            )
        if parse_utc(found.expires_at) <= at:
            raise RoundStateError("委托书已到期", "the warrant has expired")
        values = {"state": str(state), "decided_by": by, "reason": reason, "decided_at": utc_text(at)}
        still = (DECISIONS.c.round_id == found.round_id, DECISIONS.c.state == "WAITING")
        with self._engine.begin() as connection:
            done = connection.execute(DECISIONS.update().where(*still).values(values))
            if done.rowcount != 1:
                raise RoundStateError("刚刚已由他人决定", "somebody else has just decided")

    def past_approvals(self, now: datetime) -> tuple[PastApproval, ...]:
        """Return every approval of this office for the policy's limits; what waits may still become one and counts."""
        known = DECISIONS.outerjoin(ASKED, DECISIONS.c.round_id == ASKED.c.round_id)
        wanted = sa.select(DECISIONS, ASKED.c.reference, ASKED.c.definitions).select_from(known)
        waits = sa.and_(DECISIONS.c.state == "WAITING", DECISIONS.c.expires_at > utc_text(now))
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.where(sa.or_(DECISIONS.c.state == "APPROVED", waits))).all()
        return tuple(
            PastApproval(
                r.requester,
                frozenset(json.loads(r.datasets)),
                parse_utc(r.decided_at or r.seen_at),
                round_id=r.round_id,
                purpose=r.purpose,
                reference=r.reference or "",
                definitions=frozenset(
                    Definition(dataset, tuple(classes), *rest)
                    for dataset, classes, *rest in json.loads(r.definitions or "[]")
                ),
            )
            for r in rows
        )


def first_view(verified: VerifiedWarrant, *, seen_at: str) -> RoundDecision:
    """Return a round that nobody has looked at yet."""
    warrant = verified.warrant
    return RoundDecision(
        round_id=verified.round_id,
        digest=verified.digest.hex(),
        requester=warrant.requester,
        purpose=warrant.purpose,
        datasets=tuple(sorted({spec.dataset for spec in verified.own})),
        advice="",
        state=DecisionState.WAITING,
        decided_by="",
        reason="",
        seen_at=seen_at,
        decided_at="",
        expires_at=warrant.expires_at,
        reference=warrant.reference,
        definitions=frozenset(Definition.of(spec) for spec in verified.own),
    )


def _said(state: DecisionState) -> str:
    return {"APPROVED": "同意", "REFUSED": "拒绝"}.get(str(state), str(state))


def _grant_json(grant: Grant) -> dict[str, object]:
    return {
        "rules": list(grant.rules),
        "fields": sorted(grant.fields),
        "tags": sorted(grant.tags),
        "bucket": grant.bucket,
    }


def _decision(row: dict[str, str]) -> RoundDecision:
    grants = {
        name: Grant(tuple(found["rules"]), frozenset(found["fields"]), frozenset(found["tags"]), found.get("bucket", 0))
        for name, found in json.loads(row["grants"]).items()
    }
    changed = {"grants": grants, "datasets": tuple(json.loads(row["datasets"])), "state": DecisionState(row["state"])}
    return RoundDecision(**{**row, **changed})  # type: ignore[arg-type]  # The columns are the fields.
