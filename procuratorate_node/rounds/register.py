"""The rounds of this office as frozen data: what commands print and pages show."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa

from linkage.errors import NotFoundError
from linkage.owner.database import reading
from procuratorate_node.rounds.requests import APPROVED, REQUESTED
from procuratorate_node.store import ENDED, REQUESTS, Store

SHOWN: Final = tuple(column for column in REQUESTS.columns if column is not REQUESTS.c.envelope)
GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "waiting": (REQUESTED, APPROVED),
    "running": ("PROPOSED", "CONSENTED", "COLLECTING", "MATCHING", "READY"),
    "done": ("DELIVERED", "CLOSED"),
    "failed": ("REFUSED", "EXPIRED", "FAILED", "CANCELLED"),
}


@dataclass(frozen=True, slots=True)
class ScreeningRound:
    """One request for screening and what became of it. `counts` are clues by change, once there is a result."""

    round_id: str
    state: str
    models: tuple[str, ...]
    reference: str
    requested_by: str
    requested_at: str
    approved_by: str
    approved_at: str
    delivered_at: str
    wanted: bool
    proposed: bool
    cancel_reason: str
    reason: str
    fault: str
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def under_way(self) -> bool:
        """Tell whether somebody said run and no result is here yet."""
        return (self.wanted or self.proposed) and not self.ended and not self.delivered_at


@dataclass(frozen=True, slots=True)
class RoundRegister:
    """Read rounds, newest first, without their warrants."""

    store: Store = field(repr=False)

    def get(self, round_id: str) -> ScreeningRound:
        """Return one round. Raises NotFoundError."""
        return _round(self.store.get(REQUESTS, round_id))

    def beginning(self, start: str) -> ScreeningRound:
        """Return the one round whose id begins so. Raises NotFoundError."""
        same = sa.select(*SHOWN).where(REQUESTS.c.round_id.startswith(start, autoescape=True))
        found = self.store.select(same.limit(2))
        if len(found) != 1:
            raise NotFoundError(f"没有唯一以 {start} 开头的轮次", f"no single round begins with {start}")
        return _round(found[0])

    def part(self, *, group: str = "", start: int = 0, size: int) -> Sequence[ScreeningRound]:
        """Return so many rounds of a group of GROUPS, all groups where none is named."""
        newest = sa.select(*SHOWN).order_by(REQUESTS.c.requested_at.desc(), REQUESTS.c.round_id)
        return [_round(row) for row in self.store.select(newest.where(_of(group)).offset(start).limit(size))]

    def count(self, *, group: str = "") -> int:
        counted = sa.select(sa.func.count()).select_from(REQUESTS).where(_of(group))
        with reading(self.store.engine) as connection:
            return int(connection.execute(counted).scalar_one())


def _of(group: str) -> sa.ColumnElement[bool]:
    return REQUESTS.c.state.in_(GROUPS[group]) if group in GROUPS else sa.true()


def model_ids(stored: str) -> tuple[str, ...]:
    """Return the ids of a request's models from what its row holds: pairs of id and digest."""
    return tuple(str(model_id) for model_id, _ in json.loads(stored))


def _round(row: sa.RowMapping) -> ScreeningRound:
    values = {name: row[name] for name in ScreeningRound.__slots__}
    return ScreeningRound(**values | {"models": model_ids(row["models"]), "counts": json.loads(row["counts"])})
