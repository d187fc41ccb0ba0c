"""Requests for screening: one officer asks, another approves and thereby signs; then a round may run."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa

from linkage.errors import ConfigError, PermissionRefused, RoundStateError
from linkage.keys.canonical import JSON
from linkage.keys.signing import Signed
from linkage.keys.store import PartyKeys
from linkage.normalise.references import fold_reference
from linkage.owner.trail import AuditTrail
from linkage.schema import load_schema
from linkage.warrant import LABEL_WARRANT, RoundWarrant, utc_text
from procuratorate_node.anchors import Placed, place_anchors
from procuratorate_node.casework import Casework
from procuratorate_node.compile import CompiledRound, compile_round
from procuratorate_node.config import Config
from procuratorate_node.model import SEARCH, ScreeningModel, choose_models
from procuratorate_node.persons import OwnPerson
from procuratorate_node.rounds.asked import AskedBook, load_overlap_key, narrowed, scopes_of
from procuratorate_node.rounds.drafting import SCHEMA_ID, draft_warrant
from procuratorate_node.rounds.overlap import Scopes
from procuratorate_node.store import ENDED, REQUESTS, Store

REQUESTED = "REQUESTED"
APPROVED = "APPROVED"


def compile_for(keys: PartyKeys, models: tuple[ScreeningModel, ...]) -> CompiledRound:
    """Compile models with the manifest's owners. Raises NotFoundError for a dataset nobody owns."""
    return compile_round(models, requester=keys.party.id, owner_of=lambda dataset: keys.manifest.owner_of(dataset).id)


@dataclass(frozen=True, slots=True)
class Draft:
    """A warrant nobody signed yet, whom it would ask about, and how many people wait for a later round."""

    warrant: RoundWarrant
    people: Scopes = field(repr=False)
    held_back: int


@dataclass(frozen=True, slots=True)
class Requests:
    """Keep the requests; writing an audit entry comes before every step."""

    store: Store = field(repr=False)
    trail: AuditTrail = field(repr=False)
    keys: PartyKeys = field(repr=False)
    config: Config = field(repr=False)
    models: Callable[[], tuple[ScreeningModel, ...]] = field(repr=False)
    casework: Callable[[], Casework] = field(repr=False)

    @property
    def asked(self) -> AskedBook:
        return AskedBook(self.store, self.config.screening.min_asked, self.config.screening.overlap_days)

    def ask(self, ids: list[str], *, reference: str, by: str, round_id: str, now: datetime) -> CompiledRound:
        """Ask for a round of models. Raises PermissionRefused, NotFoundError, ConfigError."""
        self.config.require(by, "request")
        chosen = choose_models(self.models(), ids)
        if any(m.use == SEARCH for m in chosen):
            raise ConfigError("单人检索请用 search 命令", "a search of one person is asked for with `search`")
        compiled = compile_for(self.keys, chosen)
        names: list[JSON] = [m.id for m in chosen]
        self.trail.note("screening.requested", {"round": round_id, "models": names, "by": by, "reference": reference})
        self.store.insert(REQUESTS, new_request(chosen, round_id=round_id, reference=reference, by=by, now=now))
        return compiled

    def approve(self, round_id: str, *, by: str, now: datetime) -> RoundWarrant:
        """Approve as a second person and sign the warrant; reads the case files, so checks come before and after.

        Raises PermissionRefused, RoundStateError, ConfigError.
        """
        self.verify_approvable(round_id, by=by)
        row = self.store.get(REQUESTS, round_id)
        approved_by = (str(row["requested_by"]), by)
        draft = self.draft(
            self.chosen(round_id), round_id, reference=str(row["reference"]), approved_by=approved_by, now=now
        )
        self.verify_approvable(round_id, by=by)
        envelope, facts = self._signed(draft, now=now)
        self.trail.note("screening.approved", facts | {"by": by, "requested_by": str(row["requested_by"])})
        approved = {"approved_by": by, "approved_at": utc_text(now), "envelope": envelope, "state": APPROVED}
        still = (REQUESTS.c.round_id == round_id, REQUESTS.c.state == REQUESTED)
        with self.store.engine.begin() as connection:
            if connection.execute(REQUESTS.update().where(*still).values(approved)).rowcount != 1:
                raise _not_waiting()
        return draft.warrant

    def verify_approvable(self, round_id: str, *, by: str) -> None:
        """Raise PermissionRefused, RoundStateError or NotFoundError for who may not approve, or not this request."""
        self.config.require(by, "approve")
        row = self.store.get(REQUESTS, round_id)
        if row["state"] != REQUESTED:
            raise _not_waiting()
        if row["requested_by"] == by:
            raise PermissionRefused("申请人与批准人必须是两个人", "who asks and who approves are two people")

    def place_approved(
        self,
        chosen: tuple[ScreeningModel, ...],
        *,
        round_id: str,
        reference: str,
        approved_by: tuple[str, str],
        now: datetime,
        along: Callable[[sa.Connection], object],
    ) -> RoundWarrant:
        """Sign and start a round that two officers approved beforehand; `along` writes in the same transaction."""
        draft = self.draft(chosen, round_id, reference=reference, approved_by=approved_by, now=now)
        envelope, _ = self._signed(draft, now=now)
        row = new_request(chosen, round_id=round_id, reference=reference, by=approved_by[0], now=now)
        approved = {"approved_by": approved_by[1], "approved_at": utc_text(now), "state": APPROVED}
        with self.store.engine.begin() as connection:
            connection.execute(REQUESTS.insert().values(row | approved | {"envelope": envelope, "wanted": True}))
            along(connection)
        return draft.warrant

    def outline(
        self,
        chosen: tuple[ScreeningModel, ...],
        round_id: str,
        *,
        reference: str,
        approved_by: tuple[str, str],
        now: datetime,
    ) -> RoundWarrant:
        """Return a warrant as far as models and manifest tell it: without whom it asks about. Reads no case file.

        Raises NotFoundError, ConfigError.
        """
        bounds = self.config.screening
        if any(m.use == SEARCH for m in chosen):
            bounds = replace(bounds, min_anchor_rows=max(bounds.min_anchor_rows, bounds.search_min_people))
        return draft_warrant(
            compile_for(self.keys, chosen),
            self.keys,
            load_schema(SCHEMA_ID),
            round_id=round_id,
            reference=reference,
            approved_by=approved_by,
            bounds=bounds,
            now=now,
        )

    def draft(
        self,
        chosen: tuple[ScreeningModel, ...],
        round_id: str,
        *,
        reference: str,
        approved_by: tuple[str, str],
        now: datetime,
    ) -> Draft:
        """Return the warrant that would be signed now, over the people it may ask about; nothing is stored.

        Reads the case files. Raises RoundStateError where too few people could be asked about, as `outline` otherwise.
        """
        outline = self.outline(chosen, round_id, reference=reference, approved_by=approved_by, now=now)
        placed, people, key = self._placed(compile_for(self.keys, chosen))
        scopes = scopes_of(placed, people, key)
        warrant, kept = self.asked.state(outline, scopes, now=now)
        return Draft(warrant, kept, held_back=len(scopes) - len(kept))

    def _signed(self, draft: Draft, *, now: datetime) -> tuple[bytes, dict[str, JSON]]:
        """Sign a draft and keep whom it asks about; return its envelope, and what the audit log says of both."""
        warrant = draft.warrant
        envelope = Signed.create(LABEL_WARRANT, warrant.to_bytes(), signer=self.keys.party.id, key=self.keys.signing)
        self.asked.forget(now=now)
        self.asked.save(warrant.round_id, draft.people)
        facts: dict[str, JSON] = {"round": warrant.round_id, "warrant": warrant.digest.hex()}
        facts |= {"people": len(draft.people), "held_back": draft.held_back, "asked": warrant.overlap.commitment}
        return envelope.to_json(), facts

    def _placed(self, compiled: CompiledRound) -> tuple[tuple[Placed, ...], Mapping[str, OwnPerson], bytes]:
        work = self.casework()
        placed = place_anchors(compiled.sets, work.facts, fold_reference=fold_reference)
        return placed, work.people, load_overlap_key(self.config.state, os.urandom)

    def anchors(self, round_id: str) -> tuple[tuple[Placed, ...], Mapping[str, OwnPerson]]:
        """Return the anchors that the approved warrant covers, as the case files show them now, and our people."""
        compiled = self.compiled(round_id)
        placed, people, key = self._placed(compiled)
        approved = self.asked.scopes(round_id)
        return narrowed(placed, people, key, approved=approved, sets=tuple(compiled.sets)), people

    def chosen(self, round_id: str) -> tuple[ScreeningModel, ...]:
        """Return a request's models as they were asked for. Raises RoundStateError when a file has changed since."""
        listed = json.loads(self.store.get(REQUESTS, round_id)["models"])
        chosen = choose_models(self.models(), [model_id for model_id, _ in listed])
        if [m.digest for m in chosen] != [digest for _, digest in listed]:
            raise RoundStateError(
                "申请之后模型文件有改动，请重新申请", "a model file has changed since the request; ask again"
            )
        return chosen

    def compiled(self, round_id: str) -> CompiledRound:
        return compile_for(self.keys, self.chosen(round_id))

    def want(self, round_id: str) -> None:
        """Say that an approved round shall run."""
        if not self.store.get(REQUESTS, round_id)["envelope"]:
            raise RoundStateError("申请还没有批准", "the request is not approved yet")
        self.store.update(REQUESTS, round_id, wanted=True)

    def cancel(self, round_id: str, *, by: str, reason: str) -> None:
        """Withdraw a request, or ask the coordinator to cancel its round."""
        self.config.require(by, "request")
        row = self.store.get(REQUESTS, round_id)
        if row["state"] in ENDED:
            raise RoundStateError("轮次已经结束", "the round has ended already")
        self.trail.note("screening.cancelled", {"round": round_id, "by": by, "reason": reason})
        state = row["state"] if row["proposed"] else "CANCELLED"
        self.store.update(REQUESTS, round_id, cancel_reason=reason or "-", wanted=False, state=state)


def _not_waiting() -> RoundStateError:
    return RoundStateError("这个申请已经批准或已结束", "this request is approved or ended already")


def new_request(
    chosen: tuple[ScreeningModel, ...], *, round_id: str, reference: str, by: str, now: datetime
) -> dict[str, object]:
    """Return the row of a request that nobody has approved yet."""
    return {
        "round_id": round_id,
        "models": json.dumps([[m.id, m.digest] for m in chosen]),
        "reference": reference,
        "requested_by": by,
        "requested_at": utc_text(now),
        "approved_by": "",
        "approved_at": "",
        "envelope": b"",
        "wanted": False,
        "proposed": False,
        "cancel_reason": "",
        "state": REQUESTED,
        "reason": "",
        "counts": "{}",
        "delivered_at": "",
        "fault": "",
    }


def warrant_of(row: sa.RowMapping) -> RoundWarrant:
    """Return an approved request's warrant."""
    return RoundWarrant.from_bytes(Signed.parse(row["envelope"]).body)
