"""Where every standing order stands: what `standing list`, `standing show` and the pages show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from linkage.errors import LinkageError
from procuratorate_node.standing.book import StandingBook
from procuratorate_node.standing.order import StandingOrder


@dataclass(frozen=True, slots=True)
class OrderRun:
    """One round that an order started; `counts` are clues by change."""

    due: str
    round_id: str
    state: str
    counts: Mapping[str, int]
    reason: str


@dataclass(frozen=True, slots=True)
class OrderApproval:
    """One time the order was asked for, with the rounds it started; `approved_by` is "" while it waits."""

    digest: str
    requested_by: str
    requested_at: str
    approved_by: str
    approved_at: str
    ended_by: str
    refusal: str
    runs: tuple[OrderRun, ...]


@dataclass(frozen=True, slots=True)
class OrderStanding:
    """An order as it stands now: `state` is new (not asked for, or changed since), waiting, running, ended."""

    order: StandingOrder
    state: str
    approvals: tuple[OrderApproval, ...]

    @property
    def current(self) -> OrderApproval | None:
        """Return the newest approval that waits or is in force."""
        return self.approvals[-1] if self.state in ("waiting", "running") else None


def standing_of(book: StandingBook, order: StandingOrder) -> OrderStanding:
    """Return one order with its whole history, oldest first."""
    approvals = tuple(_approval(book, row) for row in book.rows(order.id))
    try:
        row = book.row(book.digest(order))
    except LinkageError:  # A model of the order is gone: it is not what was approved.
        row = None
    if row is None:
        return OrderStanding(order, "new", approvals)
    if row["ended_at"]:
        return OrderStanding(order, "ended", approvals)
    return OrderStanding(order, "running" if row["approved_by"] else "waiting", approvals)


def _approval(book: StandingBook, row: sa.RowMapping) -> OrderApproval:
    names = ("digest", "requested_by", "requested_at", "approved_by", "approved_at", "ended_by", "refusal")
    runs = tuple(
        OrderRun(str(r["due"]), str(r["round_id"]), str(r["state"]), json.loads(r["counts"]), str(r["reason"]))
        for r in book.runs(str(row["digest"]))
    )
    return OrderApproval(**{name: str(row[name]) for name in names}, runs=runs)
