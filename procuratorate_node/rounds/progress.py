"""How far a round is, as the coordinator last said: stored by the running node, read by command and page alike.

So a page needs no connection of its own, goes on telling what was known while the coordinator or the node is away, and
knows of a past round how many rows each register had.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

import sqlalchemy as sa

from linkage.keys.times import parse_utc
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.warrant import PopulationSpec, utc_text
from procuratorate_node.rounds.requests import warrant_of
from procuratorate_node.store import METADATA, REQUESTS, Store

SIGN_OF_LIFE: Final = timedelta(seconds=15)
ROUND_PROGRESS: Final = sa.Table(
    "screening_progress",
    METADATA,
    sa.Column("round_id", sa.String(32), primary_key=True),
    sa.Column("seen_at", sa.String(20), nullable=False),
    sa.Column("consented", sa.Text, nullable=False),  # JSON list of owners
    sa.Column("uploads", sa.Text, nullable=False),  # JSON list of Upload
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("done", sa.BigInteger, nullable=False),
    sa.Column("total", sa.BigInteger, nullable=False),
    sa.Column("stage_since", sa.String(20), nullable=False),  # When the stage was first seen, "" without one
    sa.Column("done_then", sa.BigInteger, nullable=False),
    sa.Column("refused_by", sa.Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Upload:
    """One population's way to the coordinator. `rows` and `bytes` are 0 before its owner has begun."""

    population: str
    owner: str
    rows: int = 0
    bytes: int = 0
    received: int = 0
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class RoundProgress:
    """What was last seen of a round. `done` of `total` comparisons of the stage; `stage_since` began it."""

    seen_at: str
    consented: tuple[str, ...] = ()
    uploads: tuple[Upload, ...] = ()
    stage: str = ""
    done: int = 0
    total: int = 0
    stage_since: str = ""
    done_then: int = 0
    refused_by: str = ""

    @classmethod
    def of(cls, status: pb.RoundStatus, now: datetime) -> Self:
        """Read what the coordinator says."""
        uploads = tuple(
            Upload(p.population, p.owner, p.rows_expected, p.bytes_expected, p.bytes_received, p.sealed)
            for p in status.populations
        )
        at = utc_text(now)
        since = at if status.stage else ""
        done, total = int(status.done), int(status.total)
        consented = tuple(status.consented)
        return cls(at, consented, uploads, status.stage, done, total, since, done, status.reason_party)

    def after(self, before: RoundProgress | None) -> RoundProgress:
        """Return this with the beginning of its stage, when `before` saw the same one; uploads once told are kept."""
        if before is None:
            return self
        kept = replace(self, uploads=self.uploads or before.uploads, consented=self.consented or before.consented)
        if self.stage and self.stage == before.stage and self.done >= before.done:
            return replace(kept, stage_since=before.stage_since, done_then=before.done_then)
        return kept

    @property
    def rate(self) -> float:
        """Return how many comparisons a second the stage has made; 0 where that is not known yet."""
        if not self.stage_since:
            return 0.0
        seconds = (parse_utc(self.seen_at) - parse_utc(self.stage_since)).total_seconds()
        return (self.done - self.done_then) / seconds if seconds > 0 else 0.0

    @property
    def seconds_left(self) -> int | None:
        """Return how long the stage still takes at this rate; None where that is not known."""
        return round((self.total - self.done) / self.rate) if self.rate > 0 and self.total else None


def note_progress(store: Store, round_id: str, seen: RoundProgress) -> None:
    """Keep what was seen; what has not changed is written a few times a minute only, as a sign of life."""
    before = progress_of(store, round_id)
    found = seen.after(before)
    if before is not None and replace(found, seen_at=before.seen_at) == before and not _is_old(before, found.seen_at):
        return
    values = asdict(found) | {
        "consented": json.dumps(found.consented),
        "uploads": json.dumps([asdict(upload) for upload in found.uploads]),
    }
    with store.engine.begin() as connection:
        connection.execute(ROUND_PROGRESS.delete().where(ROUND_PROGRESS.c.round_id == round_id))
        connection.execute(ROUND_PROGRESS.insert().values(values | {"round_id": round_id}))


def _is_old(before: RoundProgress, at: str) -> bool:
    return parse_utc(at) - parse_utc(before.seen_at) >= SIGN_OF_LIFE


def progress_of(store: Store, round_id: str) -> RoundProgress | None:
    """Return what was last seen of a round; None where nothing was."""
    rows = store.select(sa.select(ROUND_PROGRESS).where(ROUND_PROGRESS.c.round_id == round_id))
    return _progress(rows[0]) if rows else None


def _progress(row: sa.RowMapping) -> RoundProgress:
    values = {name: row[name] for name in RoundProgress.__slots__}
    uploads = tuple(Upload(**upload) for upload in json.loads(row["uploads"]))
    return RoundProgress(**values | {"consented": tuple(json.loads(row["consented"])), "uploads": uploads})


def rows_last_time(store: Store, *, rounds: int = 20) -> Mapping[PopulationSpec, int]:
    """Return how many rows each population, its id left out, had in the newest of the last delivered rounds."""
    joined = sa.select(ROUND_PROGRESS.c.uploads, REQUESTS.c.envelope)
    joined = joined.join(REQUESTS, REQUESTS.c.round_id == ROUND_PROGRESS.c.round_id)
    newest = joined.where(REQUESTS.c.delivered_at != "").order_by(REQUESTS.c.delivered_at.desc()).limit(rounds)
    found: dict[PopulationSpec, int] = {}
    for row in reversed(store.select(newest)):
        warrant = warrant_of(row)
        for upload in json.loads(row["uploads"]):
            if upload["rows"]:
                found[replace(warrant.population(upload["population"]), id="")] = int(upload["rows"])
    return found
