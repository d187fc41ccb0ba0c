"""Approve standing orders and start their rounds: each a fresh warrant, signed anew, that every owner consents to.

Two officers approve an order once, with its last day and its greatest number of rounds. The daemon then starts a round
when one is due; never for an order whose text or models have changed, whose officers are no longer listed, or while its
last round is under way. The round and the note that it was started are stored together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from linkage.errors import AuditError, LinkageError, NotFoundError, PermissionRefused, RoundStateError
from linkage.keys.canonical import JSON
from linkage.owner.trail import AuditTrail
from linkage.warrant import parse_utc, utc_text
from procuratorate_node.config import Config
from procuratorate_node.model import ScreeningModel, choose_models
from procuratorate_node.rounds.requests import Requests
from procuratorate_node.standing.order import StandingOrder, digest_of
from procuratorate_node.standing.stages import Reached, note_stages, stages_seen
from procuratorate_node.store import ENDED, REQUESTS, STANDING, STANDING_RUNS, Store

DONE = ("DELIVERED", *ENDED)


@dataclass(frozen=True, slots=True)
class StandingBook:
    """Keep standing orders. `random_bytes` gives round ids; `stages` reads which cases stand at a stage that calls."""

    store: Store = field(repr=False)
    trail: AuditTrail = field(repr=False)
    config: Config = field(repr=False)
    requests: Requests = field(repr=False)
    random_bytes: Callable[[int], bytes] = field(repr=False)
    stages: Callable[[], Reached] = field(repr=False)

    def order(self, order_id: str) -> StandingOrder:
        """Return a configured order. Raises NotFoundError."""
        for order in self.config.standing:
            if order.id == order_id:
                return order
        raise NotFoundError(f"配置里没有常态筛查 {order_id}", f"no standing order {order_id} is configured")

    def digest(self, order: StandingOrder) -> str:
        """Return the digest of the order as it is now. Raises NotFoundError for a model that is gone."""
        return digest_of(order.body(self._models(order)))

    def ask(self, order_id: str, *, by: str, now: datetime) -> str:
        """Ask for an order to be approved; return its digest. Raises PermissionRefused, RoundStateError."""
        self.config.require(by, "request")
        order = self.order(order_id)
        if order.ended(now):
            raise RoundStateError("常态筛查的截止日已过", "the last day of this standing order is over")
        body = order.body(self._models(order))
        digest = digest_of(body)
        if self.row(digest) is not None:
            raise RoundStateError("这份常态筛查已经申请过", "this standing order was asked for already")
        models: list[JSON] = list(order.models)
        self.trail.note("standing.requested", {"order": order.id, "digest": digest, "models": models, "by": by})
        self.store.insert(
            STANDING,
            {
                "digest": digest,
                "order_id": order.id,
                "body": body.decode(),
                "requested_by": by,
                "requested_at": utc_text(now),
                "approved_by": "",
                "approved_at": "",
                "ended_by": "",
                "ended_at": "",
                "refusal": "",
                "looked_at": "",
            },
        )
        return digest

    def approve(self, order_id: str, *, by: str, now: datetime) -> str:
        """Approve an order as a second person; return its digest. Raises PermissionRefused, RoundStateError."""
        self.config.require(by, "approve")
        row = self._asked(order_id)
        if row["approved_by"]:
            raise RoundStateError("这份常态筛查已经批准", "this standing order is approved already")
        if row["requested_by"] == by:
            raise PermissionRefused("申请人与批准人必须是两个人", "who asks and who approves are two people")
        digest = str(row["digest"])
        facts: dict[str, JSON] = {"order": order_id, "digest": digest, "by": by}
        self.trail.note("standing.approved", facts | {"requested_by": str(row["requested_by"])})
        self.store.update(STANDING, digest, approved_by=by, approved_at=utc_text(now))
        return digest

    def end(self, order_id: str, *, by: str, now: datetime) -> None:
        """End an order before its time; a round under way goes on. Raises PermissionRefused, NotFoundError."""
        self.config.require(by, "request")
        rows = [r for r in self.rows(order_id) if not r["ended_at"]]
        if not rows:
            raise NotFoundError("没有可停止的常态筛查", "there is no standing order to end")
        for row in rows:
            self.trail.note("standing.ended", {"order": order_id, "digest": str(row["digest"]), "by": by})
            self.store.update(STANDING, str(row["digest"]), ended_by=by, ended_at=utc_text(now))

    def work(self, now: datetime) -> list[str]:
        """Start every round that is due; return their ids. A refusal is noted once and told by `standing list`."""
        started: list[str] = []
        for order in self.config.standing:
            row = self.in_force(order)
            due = None if row is None else order.due(now, after=self._after(row))
            if row is None or due is None or self._under_way(row):
                continue
            try:
                self._may_start(order, row)
                fresh = self._moved_on(order, row)
                if order.every == "stage" and not fresh:
                    self.store.update(STANDING, str(row["digest"]), looked_at=utc_text(due))
                else:
                    started.append(self._start(order, row, fresh, due=due, now=now))
            except AuditError:
                raise
            except LinkageError as error:
                self._refused(row, error)
        return started

    def in_force(self, order: StandingOrder) -> sa.RowMapping | None:
        """Return the approval of exactly this order with exactly these models; None without one."""
        try:
            row = self.row(self.digest(order))
        except LinkageError:
            return None
        return row if row is not None and row["approved_by"] and not row["ended_at"] else None

    def row(self, digest: str) -> sa.RowMapping | None:
        rows = self.store.select(sa.select(STANDING).where(STANDING.c.digest == digest))
        return rows[0] if rows else None

    def rows(self, order_id: str) -> Sequence[sa.RowMapping]:
        query = sa.select(STANDING).where(STANDING.c.order_id == order_id).order_by(STANDING.c.requested_at)
        return self.store.select(query)

    def runs(self, digest: str) -> Sequence[sa.RowMapping]:
        """Return the rounds started for an approval, oldest first, with their states and counts."""
        query = (
            sa.select(STANDING_RUNS, REQUESTS.c.state, REQUESTS.c.counts, REQUESTS.c.reason)
            .join(REQUESTS, REQUESTS.c.round_id == STANDING_RUNS.c.round_id)
            .where(STANDING_RUNS.c.digest == digest)
            .order_by(STANDING_RUNS.c.due)
        )
        return self.store.select(query)

    def _models(self, order: StandingOrder) -> tuple[ScreeningModel, ...]:
        return choose_models(self.requests.models(), list(order.models))

    def _asked(self, order_id: str) -> sa.RowMapping:
        row = self.row(self.digest(self.order(order_id)))
        if row is None or row["ended_at"]:
            raise RoundStateError(
                "配置或模型与申请时不同，或者尚未申请",
                "the configuration or a model differs from what was asked for, or nothing was asked for",
                hint_zh="先运行 standing request",
                hint_en="run `standing request` first",
            )
        return row

    def _after(self, row: sa.RowMapping) -> datetime:
        """Return the last moment that is dealt with: the last due one, or the approval."""
        runs = self.runs(str(row["digest"]))
        return parse_utc(max(str(runs[-1]["due"] if runs else row["approved_at"]), str(row["looked_at"])))

    def _moved_on(self, order: StandingOrder, row: sa.RowMapping) -> Reached:
        """Return the cases that reached a stage since the order's last round; none for a plain schedule."""
        if order.every != "stage":
            return frozenset()
        return self.stages() - stages_seen(self.store, str(row["digest"]))

    def _under_way(self, row: sa.RowMapping) -> bool:
        runs = self.runs(str(row["digest"]))
        return bool(runs) and runs[-1]["state"] not in DONE

    def _may_start(self, order: StandingOrder, row: sa.RowMapping) -> None:
        self.config.require(str(row["requested_by"]), "request")
        self.config.require(str(row["approved_by"]), "approve")
        if len(self.runs(str(row["digest"]))) >= order.max_rounds:
            raise RoundStateError("已达到批准的轮次上限", "the approved number of rounds is used up")

    def _start(self, order: StandingOrder, row: sa.RowMapping, fresh: Reached, *, due: datetime, now: datetime) -> str:
        digest, round_id = str(row["digest"]), self.random_bytes(16).hex()
        number = len(self.runs(digest)) + 1
        facts: dict[str, JSON] = {"order": order.id, "digest": digest, "due": utc_text(due), "number": number}
        self.trail.note("standing.started", facts | {"round": round_id, "cases": len(fresh)})
        run = {"digest": digest, "due": utc_text(due), "round_id": round_id, "started_at": utc_text(now)}

        def along(connection: sa.Connection) -> None:
            connection.execute(STANDING_RUNS.insert().values(run))
            note_stages(connection, digest, fresh)

        self.requests.place_approved(
            self._models(order),
            round_id=round_id,
            reference=order.reference,
            approved_by=(str(row["requested_by"]), str(row["approved_by"])),
            now=now,
            along=along,
        )
        self.store.update(STANDING, digest, refusal="")
        return round_id

    def _refused(self, row: sa.RowMapping, error: LinkageError) -> None:
        if row["refusal"] != str(error):
            facts: dict[str, JSON] = {"digest": str(row["digest"]), "order": str(row["order_id"])}
            self.trail.note("standing.refused", facts | {"code": error.code, "reason": error.en})
            self.store.update(STANDING, str(row["digest"]), refusal=str(error))
