"""Referrals as stored in node.db. No column holds a name, a number, a telephone or an address of anybody referred."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeAlias

import sqlalchemy as sa

from linkage.database.migrating import bring_forward
from linkage.errors import NotFoundError, RoundStateError
from linkage.owner.database import reading
from linkage.owner.referrals import Answer, Expected
from procuratorate_node.cluework.marks import blank
from procuratorate_node.referrals.states import State, is_overdue, require_step
from procuratorate_node.store import METADATA, PROCURATORATE

REFERRALS: Final = sa.Table(
    "referrals",
    METADATA,
    sa.Column("referral_id", sa.String(24), primary_key=True),
    sa.Column("clue_id", sa.String(16), nullable=False),
    sa.Column("person", sa.Integer, nullable=False),  # Which of the clue's persons, from 1.
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("party", sa.Text, nullable=False),  # The unit's id in the consortium; "" = letters by hand.
    sa.Column("service", sa.Text, nullable=False),
    sa.Column("need", sa.Text, nullable=False),
    sa.Column("fields", sa.Text, nullable=False),  # JSON list of field names; never a value.
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # Their values and the note, sealed to ourselves.
    sa.Column("cautions", sa.Text, nullable=False),  # JSON list
    sa.Column("basis", sa.Text, nullable=False),
    sa.Column("days", sa.Integer, nullable=False),
    sa.Column("expected", sa.Text, nullable=False),  # JSON: items, dated, bands; the due day once it is sent.
    sa.Column("outcome_tags", sa.Text, nullable=False),  # JSON list of tags that would prove the outcome.
    sa.Column("tags_before", sa.Text, nullable=False),  # JSON list of the tags the person had when it was drafted.
    sa.Column("catalogue", sa.String(64), nullable=False),  # Digest of the catalogue.
    sa.Column("letter", sa.Text, nullable=False),  # Which template.
    sa.Column("letter_year", sa.Integer, nullable=False),
    sa.Column("letter_number", sa.Integer, nullable=False),  # 0 before approval.
    sa.Column("letter_digest", sa.String(64), nullable=False),  # SHA-256 of the letter that was sent.
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("drafted_by", sa.Text, nullable=False),
    sa.Column("approved_by", sa.Text, nullable=False),
    sa.Column("relay_id", sa.String(32), nullable=False),
    sa.Column("sent_at", sa.String(20), nullable=False),
    sa.Column("due", sa.String(10), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),  # Why it was refused or closed.
    sa.Column("item", sa.Text, nullable=False),
    sa.Column("done_on", sa.String(10), nullable=False),
    sa.Column("band", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),  # What verified it: "round:<id> <tags>", or an officer's words.
)
STEPS: Final = sa.Table(
    "referral_steps",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("referral_id", sa.String(24), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("at", sa.String(20), nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)
# A referral's first step is its draft: the numbers of these steps tell the order of the referrals.
DRAFTS: Final = (
    sa.select(STEPS.c.referral_id, sa.func.min(STEPS.c.number).label("number")).group_by(STEPS.c.referral_id).subquery()
)
Values: TypeAlias = Mapping[str, object]
LISTS: Final = ("fields", "cautions", "outcome_tags", "tags_before")


@dataclass(frozen=True, slots=True)
class StoredReferral:
    """One referral. `sealed` opens with our own key; everything else says nothing of who is referred."""

    referral_id: str
    clue_id: str
    person: int
    unit: str
    party: str
    service: str
    need: str
    fields: tuple[str, ...]
    sealed: bytes = field(repr=False)
    cautions: tuple[str, ...]
    basis: str
    days: int
    items: tuple[str, ...]
    dated: bool
    bands: tuple[str, ...]
    outcome_tags: tuple[str, ...]
    tags_before: tuple[str, ...]
    catalogue: str
    letter: str
    drafted_by: str
    letter_year: int = 0
    letter_number: int = 0
    letter_digest: str = ""
    state: State = State.DRAFT
    approved_by: str = ""
    relay_id: str = ""
    sent_at: str = ""
    due: str = ""
    reason: str = ""
    item: str = ""
    done_on: str = ""
    band: str = ""
    evidence: str = ""

    def is_overdue(self, today: date) -> bool:
        return is_overdue(self.state, date.fromisoformat(self.due) if self.due else None, today)

    def expected(self, due: str) -> Expected:
        return Expected(self.items, due, self.dated, self.bands)

    @property
    def answer(self) -> Answer:
        return Answer(self.item, self.done_on, self.band)


@dataclass(frozen=True, slots=True)
class Taken:
    """One step that was taken."""

    state: State
    at: str
    by: str
    reason: str


class ReferralTable:
    """Keep referrals and their steps; every method is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        bring_forward(engine, PROCURATORATE)

    def add(self, found: StoredReferral, *, at: str) -> None:
        """Store a draft."""
        with self.engine.begin() as connection:
            connection.execute(REFERRALS.insert().values(_values(found)))
            _note(connection, found.referral_id, found.state, at=at, by=found.drafted_by, reason="")

    def named(self, prefix: str) -> StoredReferral:
        """Return the referral whose id begins so. Raises NotFoundError."""
        wanted = REFERRALS.select().where(REFERRALS.c.referral_id.startswith(prefix, autoescape=True))
        found = self._read(wanted) if prefix else []
        if len(found) != 1:
            raise NotFoundError(
                "没有这件转介，或编号前几位不唯一",
                "there is no such referral, or its beginning is not unique",
                hint_zh="procuratorate-node referral list",
                hint_en="`procuratorate-node referral list` shows them",
            )
        return found[0]

    def of_relay(self, relay_id: str) -> StoredReferral | None:
        """Return the referral that was sent as this relay."""
        found = self._read(REFERRALS.select().where(REFERRALS.c.relay_id == relay_id)) if relay_id else []
        return found[0] if found else None

    def all(self, *states: State, clue_id: str = "") -> list[StoredReferral]:
        """Return referrals in these states (all without), of one clue or of all, in the order they were drafted."""
        drafted = DRAFTS.c.referral_id == REFERRALS.c.referral_id
        wanted = sa.select(REFERRALS).join(DRAFTS, drafted).order_by(DRAFTS.c.number)
        if states:
            wanted = wanted.where(REFERRALS.c.state.in_(states))
        if clue_id:
            wanted = wanted.where(REFERRALS.c.clue_id == clue_id)
        return self._read(wanted)

    def steps(self, referral_id: str) -> list[Taken]:
        """Return the steps taken, oldest first."""
        wanted = STEPS.select().where(STEPS.c.referral_id == referral_id).order_by(STEPS.c.number)
        with reading(self.engine) as connection:
            rows = connection.execute(wanted).mappings().all()
        return [Taken(State(r["state"]), r["at"], r["by"], r["reason"]) for r in rows]

    def step(
        self, found: StoredReferral, state: State, *, by: str, at: str, reason: str = "", values: Values | None = None
    ) -> None:
        """Take one step. Raises RoundStateError where it is not allowed, or somebody took one meanwhile."""
        with self.engine.begin() as connection:
            self.step_in(connection, found, state, by=by, at=at, reason=reason, values=values)

    def step_in(
        self,
        connection: sa.Connection,
        found: StoredReferral,
        state: State,
        *,
        by: str,
        at: str,
        reason: str = "",
        values: Values | None = None,
    ) -> None:
        """Take one step inside a transaction that does more."""
        require_step(found.state, state)
        still = (REFERRALS.c.referral_id == found.referral_id, REFERRALS.c.state == found.state)
        changed = REFERRALS.update().where(*still).values(state=state.value, reason=reason, **(values or {}))
        if connection.execute(changed).rowcount != 1:
            raise RoundStateError("这件转介刚被他人处理", "somebody else has just dealt with this referral")
        _note(connection, found.referral_id, state, at=at, by=by, reason=reason)
        blank(connection, [found.clue_id])

    def next_number(self, connection: sa.Connection, letter: str, year: int) -> int:
        """Return the next number of a kind of letter in a year, from 1."""
        same = (REFERRALS.c.letter == letter, REFERRALS.c.letter_year == year)
        last = connection.execute(sa.select(sa.func.max(REFERRALS.c.letter_number)).where(*same)).scalar()
        return int(last or 0) + 1

    def _read(self, wanted: sa.Select[tuple[object, ...]]) -> list[StoredReferral]:
        with reading(self.engine) as connection:
            rows = connection.execute(wanted).mappings().all()
        return [_referral({str(name): value for name, value in row.items()}) for row in rows]


def _note(connection: sa.Connection, referral_id: str, state: State, *, at: str, by: str, reason: str) -> None:
    values = {"referral_id": referral_id, "state": state.value, "at": at, "by": by, "reason": reason}
    connection.execute(STEPS.insert().values(values))


def _values(found: StoredReferral) -> dict[str, object]:
    columns = {c.name for c in REFERRALS.columns} - {"expected"}
    values = {name: getattr(found, name) for name in columns}
    values |= {name: json.dumps(values[name], ensure_ascii=False) for name in LISTS}
    expected = {"items": found.items, "dated": found.dated, "bands": found.bands}
    return values | {"state": found.state.value, "expected": json.dumps(expected, ensure_ascii=False)}


def _referral(row: dict[str, object]) -> StoredReferral:
    expected = json.loads(str(row.pop("expected")))
    lists = {name: tuple(json.loads(str(row[name]))) for name in LISTS}
    answers = {"items": tuple(expected["items"]), "dated": expected["dated"], "bands": tuple(expected["bands"])}
    values = row | lists | answers | {"state": State(str(row["state"]))}
    return StoredReferral(**values)  # type: ignore[arg-type]  # The columns are the fields.
