"""Carry our approved rounds on: propose, wait, fetch, open, make clues, accept; and close them in time.

Every step is stored before the next and may be repeated: after a break the follower takes up what the tables say.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from linkage.errors import AuditError, LinkageError, NotFoundError, RoundStateError, TransportError, unforeseen
from linkage.keys.canonical import JSON
from linkage.keys.files import make_folder
from linkage.keys.store import PartyKeys
from linkage.owner.database import TAKES_NOTHING
from linkage.owner.erasing import end_forgotten
from linkage.owner.participation import Participation
from linkage.owner.spool import open_position_map
from linkage.owner.trail import AuditTrail
from linkage.rpc.client import LinkageClient
from linkage.rpc.fetch import fetch_result_file
from linkage.rpc.result import RoundResult, open_result
from linkage.rpc.upload import UploadStopped
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.schema import load_schema
from linkage.warrant import RoundWarrant, parse_utc, utc_text
from procuratorate_node.anchors import Placed
from procuratorate_node.casework import Casework
from procuratorate_node.clues import ClueBook
from procuratorate_node.colour_table import ColourTable
from procuratorate_node.compile import CompiledRound
from procuratorate_node.config import Config
from procuratorate_node.model import SEARCH
from procuratorate_node.outcome import clue_rows
from procuratorate_node.rounds.anchor_table import drop_anchors, load_anchors
from procuratorate_node.rounds.progress import RoundProgress, note_progress
from procuratorate_node.rounds.requests import Requests, warrant_of
from procuratorate_node.rounds.result import PayloadReader, check_result, findings_of
from procuratorate_node.rounds.taking import clues_and_aside
from procuratorate_node.searching import keep_one
from procuratorate_node.set_aside import SetAside
from procuratorate_node.store import ENDED, REQUESTS, Store

log = logging.getLogger(__name__)
# What else a round's result tells, once its clues are kept.
AfterRound = Callable[[CompiledRound, str, Sequence[Placed], Casework], None]


@dataclass(frozen=True, slots=True)
class Follower:
    """The requester's part in our rounds. One thread only."""

    config: Config = field(repr=False)
    keys: PartyKeys = field(repr=False)
    store: Store = field(repr=False)
    participation: Participation = field(repr=False)
    requests: Requests = field(repr=False)
    book: ClueBook = field(repr=False)
    trail: AuditTrail = field(repr=False)
    casework: Callable[[], Casework] = field(repr=False)
    clock: Callable[[], datetime] = field(repr=False)
    stop: threading.Event = field(repr=False)
    table: Callable[[], ColourTable] = field(repr=False)
    after_round: AfterRound = field(repr=False, default=lambda compiled, round_id, placed, work: None)

    def follow(self, client: LinkageClient) -> bool:
        """Do what is due for every open round; tell whether the coordinator could not be reached."""
        unreachable = False
        for row in self._open():
            try:
                self._carry_on(row, client)
            except TransportError as error:
                unreachable = True
                log.info("round %s: %s", row["round_id"], error.en)
            except (AuditError, UploadStopped, *TAKES_NOTHING):
                raise
            except LinkageError as error:
                self._fault(row, error)
            except Exception as error:  # A bug met by one round must not keep the others waiting.
                self._fault(row, unforeseen(error))
        return unreachable

    def _open(self) -> Sequence[sa.RowMapping]:
        due = sa.or_(REQUESTS.c.wanted, REQUESTS.c.proposed)
        wanted = sa.select(REQUESTS).where(due, REQUESTS.c.state.not_in(ENDED))
        return self.store.select(wanted.order_by(REQUESTS.c.requested_at, REQUESTS.c.round_id))

    def _fault(self, row: sa.RowMapping, error: LinkageError) -> None:
        if row["fault"] != str(error):
            log.error("round %s: %s", row["round_id"], error)
            self.trail.note("round.fault", {"round": row["round_id"], "code": error.code, "reason": error.en[:400]})
            self.store.update(REQUESTS, row["round_id"], fault=str(error))

    def _carry_on(self, row: sa.RowMapping, client: LinkageClient) -> None:
        round_id = str(row["round_id"])
        if row["cancel_reason"]:
            self._cancel(row, client)
        elif not row["proposed"]:
            self._propose(row, client)
        elif row["delivered_at"]:
            self._close_in_time(row)
        else:
            try:
                status = client.get_round(round_id)
            except NotFoundError as error:
                self._forgotten(round_id, error)
                return
            note_progress(self.store, round_id, RoundProgress.of(status, self.clock()))
            state = pb.RoundState.Name(status.state)
            if state != row["state"] or status.reason != row["reason"]:
                self.store.update(REQUESTS, round_id, state=state, reason=status.reason)
            if status.state in (pb.READY, pb.DELIVERED):
                self._deliver(row, status, client)

    def _forgotten(self, round_id: str, error: NotFoundError) -> None:
        end_forgotten(self.participation, self.trail, round_id, error)
        self.store.update(REQUESTS, round_id, state="FAILED", reason=str(error), wanted=False)
        self._result_file(round_id).unlink(missing_ok=True)

    def _propose(self, row: sa.RowMapping, client: LinkageClient) -> None:
        warrant = warrant_of(row)
        request = pb.ProposeRoundRequest(warrant=pb.SignedDocument(envelope=row["envelope"]))
        if not client.is_under_way("ProposeRound", request):
            self.trail.note("round.proposed", {"round": warrant.round_id, "warrant": warrant.digest.hex()})
        try:
            status = client.propose_round(row["envelope"])
        except TransportError:
            raise
        except LinkageError as error:
            # The coordinator will never take this warrant; a new request is needed.
            self.store.update(REQUESTS, warrant.round_id, state="REFUSED", reason=str(error), wanted=False)
            raise
        state = pb.RoundState.Name(status.state)
        self.store.update(REQUESTS, warrant.round_id, proposed=True, state=state, fault="")

    def _cancel(self, row: sa.RowMapping, client: LinkageClient) -> None:
        try:
            status = client.cancel_round(row["round_id"], row["cancel_reason"])
            state = pb.RoundState.Name(status.state)
        except (RoundStateError, NotFoundError):
            state = "CANCELLED"
        self.store.update(REQUESTS, row["round_id"], state=state, wanted=False)

    def _deliver(self, row: sa.RowMapping, status: pb.RoundStatus, client: LinkageClient) -> None:
        """Fetch and open the result, store its clues, then acknowledge it; what is acknowledged is not taken again."""
        warrant = warrant_of(row)
        digest = bytes(status.result_digest)
        accepting = pb.AcceptResultRequest(round_id=warrant.round_id, result_digest=digest)
        if status.state == pb.READY and not client.is_under_way("AcceptResult", accepting):
            self._take(warrant, status, client)
        client.accept_result(warrant.round_id, digest)
        self._result_file(warrant.round_id).unlink(missing_ok=True)  # One that an earlier release left lying.
        delivered = {"state": "DELIVERED", "delivered_at": utc_text(self.clock()), "fault": ""}
        self.store.update(REQUESTS, warrant.round_id, **delivered)

    def _take(self, warrant: RoundWarrant, status: pb.RoundStatus, client: LinkageClient) -> None:
        digest, size, file = bytes(status.result_digest), int(status.result_bytes), self._result_file(warrant.round_id)
        make_folder(file.parent)
        if not file.exists():
            fetch_result_file(client, warrant.round_id, file, result_digest=digest, result_bytes=size, stop=self.stop)
        facts: dict[str, JSON] = {"round": warrant.round_id, "warrant": warrant.digest.hex(), "result": digest.hex()}
        self.trail.note("result.fetched", facts | {"bytes": size})
        counts = self.take_result(warrant, self._opened(file, warrant))
        self.trail.note("result.taken", facts | {"clues": sum(counts.values())})
        self.store.update(REQUESTS, warrant.round_id, counts=json.dumps(counts))
        file.unlink()  # Before the coordinator is told: whoever hears of the delivery finds no result lying about.

    def _result_file(self, round_id: str) -> Path:
        return self.config.state / "results" / f"{round_id}.result"

    def _opened(self, file: Path, warrant: RoundWarrant) -> RoundResult:
        return open_result(file.read_bytes(), self.keys.recipient, warrant_digest=warrant.digest)

    def take_result(self, warrant: RoundWarrant, result: RoundResult) -> dict[str, int]:
        """Turn an opened result into clues and store them; return counts by change. May be repeated."""
        compiled = self.requests.compiled(warrant.round_id)
        anchors = warrant.anchor_population.id
        positions = open_position_map(self.config.state, warrant.round_id, anchors)
        numbers = [int.from_bytes(ref, "big") for ref in positions]
        check_result(result, warrant, anchors=len(numbers))
        payloads = PayloadReader(result, self.keys.recipient, schema_tags=load_schema(warrant.schema_id).tags)
        placed, work, at = load_anchors(self.store, warrant.round_id), self.casework(), utc_text(self.clock())
        rows = clue_rows(compiled, placed, findings_of(result, numbers, payloads))
        found = clues_and_aside(rows, compiled, work, self.config, table=self.table())
        models = [m.model.id for m in compiled.models]
        if any(m.model.use == SEARCH for m in compiled.models):
            return keep_one(self.store, self.book, warrant.round_id, found.clues, facts=work.facts, at=at)
        SetAside(self.store).take_round(warrant.round_id, models, found.aside)
        counts = dict(self.book.take_round(warrant.round_id, models, found.clues, at=at))
        self.after_round(compiled, warrant.round_id, placed, work)
        return counts

    def _close_in_time(self, row: sa.RowMapping) -> None:
        keep = timedelta(days=self.config.keep_days)
        if self.clock() > parse_utc(row["delivered_at"]) + keep:
            self.close(row["round_id"])

    def close(self, round_id: str) -> None:
        """Erase our part of a delivered round; the owner's part then sends the signed statement and others follow.

        Raises RoundStateError before it is delivered.
        """
        if not self.store.get(REQUESTS, round_id)["delivered_at"]:
            raise RoundStateError("轮次还没有交付；可先取消", "the round is not delivered yet; it can be cancelled")
        self.trail.note("round.closing", {"round": round_id})
        self.participation.update(round_id, erase=True)
        drop_anchors(self.store, round_id)
