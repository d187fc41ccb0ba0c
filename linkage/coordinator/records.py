"""Rows of the database as frozen values, and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import sqlalchemy as sa

from linkage.coordinator.round import ENDED, MatchRound, State
from linkage.coordinator.tables import DECISIONS, DELETIONS, ROUNDS, UPLOADS
from linkage.errors import NotFoundError
from linkage.keys.signing import Signed
from linkage.warrant import RoundWarrant, parse_utc

# Built once: every call asks these, and to put a statement together takes longer than to run it.
_HERE: Final[sa.BindParameter[str]] = sa.bindparam("round")
_ROUND: Final = ROUNDS.select().where(ROUNDS.c.id == _HERE)
_DONE: Final = sa.union_all(
    sa.select(sa.literal_column("'approved'"), DECISIONS.c.owner).where(
        DECISIONS.c.round_id == _HERE, DECISIONS.c.decision == "approve"
    ),
    sa.select(sa.literal_column("'sealed'"), UPLOADS.c.population).where(UPLOADS.c.round_id == _HERE, UPLOADS.c.sealed),
    sa.select(sa.literal_column("'deleted'"), DELETIONS.c.party).where(DELETIONS.c.round_id == _HERE),
)
_PROGRESS: Final = (
    UPLOADS.update()
    .where(UPLOADS.c.round_id == _HERE, UPLOADS.c.population == sa.bindparam("of"))
    .values(offset=sa.bindparam("offset"), sealed=sa.bindparam("sealed"))
)
_UPLOADS: Final = UPLOADS.select().where(UPLOADS.c.round_id == _HERE).order_by(UPLOADS.c.population)
_UPLOAD: Final = UPLOADS.select().where(UPLOADS.c.round_id == _HERE, UPLOADS.c.population == sa.bindparam("of"))


@dataclass(frozen=True, slots=True)
class StoredRound:
    """A round with its documents; `changed_ms` is when its state changed last.

    `check_party` stated `check_value` and `golden_digest` first; "" = nobody yet.
    """

    round: MatchRound
    warrant: RoundWarrant
    envelope: bytes
    changed_ms: int
    check_value: bytes = b""
    golden_digest: bytes = b""
    check_party: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """One population's upload; `offset` bytes are held durably."""

    round_id: str
    population: str
    owner: str
    rows: int
    row_bytes: int
    content_digest: bytes
    sealed_upload_key: bytes
    offset: int = 0
    sealed: bool = False

    @property
    def total(self) -> int:
        return self.rows * self.row_bytes


def new_round(warrant: RoundWarrant) -> MatchRound:
    """Return the round a warrant opens."""
    return MatchRound(
        id=warrant.round_id,
        warrant_digest=warrant.digest,
        requester=warrant.requester,
        owners=frozenset(warrant.owners),
        populations=frozenset(p.id for p in warrant.populations),
    )


def add_round(connection: sa.Connection, envelope: bytes, *, now_ms: int) -> StoredRound:
    """Store a proposed round."""
    warrant, opened = opened_by(envelope)
    connection.execute(
        ROUNDS.insert().values(
            id=opened.id,
            requester=opened.requester,
            warrant=envelope,
            warrant_digest=opened.warrant_digest,
            expires_ms=int(parse_utc(warrant.expires_at).timestamp() * 1000),
            proposed_ms=now_ms,
            check_value=b"",
            golden_digest=b"",
            check_party="",
            changed_ms=now_ms,
            **_columns(opened),
        )
    )
    return StoredRound(opened, warrant, envelope, now_ms)


def save_round(connection: sa.Connection, changed: MatchRound, *, now_ms: int) -> None:
    """Store state, reason, result and erasure of a round that is there already."""
    columns = _columns(changed)
    since = sa.case((ROUNDS.c.state == columns["state"], ROUNDS.c.changed_ms), else_=now_ms)
    connection.execute(ROUNDS.update().where(ROUNDS.c.id == changed.id).values(**columns, changed_ms=since))


def _columns(current: MatchRound) -> dict[str, object]:
    return {
        "state": str(current.state),
        "reason": current.reason,
        "reason_party": current.reason_party,
        "result_digest": current.result_digest,
        "result_bytes": current.result_bytes,
        "erased": current.erased,
    }


def find_round(connection: sa.Connection, round_id: str) -> StoredRound | None:
    """Return the round, or None."""
    row = connection.execute(_ROUND, {"round": round_id}).one_or_none()
    if row is None:
        return None
    warrant, opened = opened_by(row.warrant)
    done: dict[str, set[str]] = {"approved": set(), "sealed": set(), "deleted": set()}
    for what, who in connection.execute(_DONE, {"round": round_id}):
        done[what].add(who)
    current = replace(
        opened,
        state=State(row.state),
        approved=frozenset(done["approved"]),
        sealed=frozenset(done["sealed"]),
        deleted=opened.owners & done["deleted"],  # The coordinator's own statement is not an owner's.
        reason=row.reason,
        reason_party=row.reason_party,
        result_digest=row.result_digest,
        result_bytes=row.result_bytes,
        erased=row.erased,
    )
    return StoredRound(
        round=current,
        warrant=warrant,
        envelope=row.warrant,
        changed_ms=row.changed_ms,
        check_value=row.check_value,
        golden_digest=row.golden_digest,
        check_party=row.check_party,
    )


@lru_cache(maxsize=256)
def opened_by(envelope: bytes) -> tuple[RoundWarrant, MatchRound]:
    """Return a verified envelope's warrant and the round it opens; reading one takes longer than a short call."""
    warrant = RoundWarrant.from_bytes(Signed.parse(envelope).body)
    return warrant, new_round(warrant)


def load_round(connection: sa.Connection, round_id: str) -> StoredRound:
    """Return the round. Raises NotFoundError."""
    found = find_round(connection, round_id)
    if found is None:
        raise round_unknown()
    return found


def round_unknown() -> NotFoundError:
    """Return one error for "no such round" and "not yours": a stranger learns nothing from the difference."""
    return NotFoundError("没有这个轮次，或本单位不在其中", "no such round, or the caller is no part of it")


def uploads_of(connection: sa.Connection, round_id: str) -> tuple[Upload, ...]:
    """Return the round's uploads, by population."""
    return tuple(Upload(**row) for row in connection.execute(_UPLOADS, {"round": round_id}).mappings())


def find_upload(connection: sa.Connection, round_id: str, population: str) -> Upload | None:
    """Return one upload, or None."""
    row = connection.execute(_UPLOAD, {"round": round_id, "of": population}).mappings().one_or_none()
    return None if row is None else Upload(**row)


def put_upload(connection: sa.Connection, upload: Upload) -> None:
    """Store an upload in place of any earlier one of the same population."""
    here = (UPLOADS.c.round_id == upload.round_id, UPLOADS.c.population == upload.population)
    connection.execute(UPLOADS.delete().where(*here))
    connection.execute(
        UPLOADS.insert().values({column.name: getattr(upload, column.name) for column in UPLOADS.columns})
    )


def set_progress(connection: sa.Connection, upload: Upload, *, offset: int, sealed: bool = False) -> None:
    """Store how much of an upload is held."""
    here = {"round": upload.round_id, "of": upload.population}
    connection.execute(_PROGRESS, here | {"offset": offset, "sealed": sealed})


def rounds_in(
    connection: sa.Connection, *states: State, where: sa.ColumnElement[bool] | None = None
) -> tuple[str, ...]:
    """Return the ids of the rounds in any of these states, oldest first; with `where`, only those it holds for."""
    wanted = sa.select(ROUNDS.c.id).where(ROUNDS.c.state.in_([str(s) for s in states])).order_by(ROUNDS.c.proposed_ms)
    if where is not None:
        wanted = wanted.where(where)
    return tuple(connection.execute(wanted).scalars())


def rounds_of(connection: sa.Connection, requester: str, *, since_ms: int) -> tuple[int, int]:
    """Return how many rounds of a requester are open, and how many were proposed since a moment."""
    mine = sa.select(sa.func.count()).select_from(ROUNDS).where(ROUNDS.c.requester == requester)
    still_open = mine.where(ROUNDS.c.state.not_in([str(s) for s in ENDED | {State.DELIVERED}]))
    recent = mine.where(ROUNDS.c.proposed_ms >= since_ms)
    return connection.execute(still_open).scalar_one(), connection.execute(recent).scalar_one()
