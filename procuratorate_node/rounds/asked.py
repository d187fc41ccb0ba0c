"""The people our signed rounds ask about, as keyed fingerprints in node.db, kept while overlap is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from linkage.errors import RoundStateError
from linkage.keys.files import PRIVATE, read_private, write_file
from linkage.keys.signing import Signed
from linkage.warrant import RoundWarrant, parse_utc, utc_text
from procuratorate_node.anchors import Placed
from procuratorate_node.persons import OwnPerson
from procuratorate_node.rounds.overlap import (
    EarlierRound,
    Fate,
    Scopes,
    asked_of,
    fading,
    fingerprint,
    hold_back,
    questions_of,
    state_overlap,
)
from procuratorate_node.store import ASKED_PEOPLE, ENDED, REQUESTS, Store

KEY_FILE: Final = "overlap.key"
KEY_BYTES: Final = 32


def load_overlap_key(state: Path, random_bytes: Callable[[int], bytes]) -> bytes:
    """Return the 32 bytes that fingerprints are keyed with, made at first use; mode 0600, never leaves the node."""
    file = state / KEY_FILE
    if not file.exists():
        write_file(file, random_bytes(KEY_BYTES), mode=PRIVATE)
    return read_private(file)


def fate_of(row: sa.RowMapping) -> Fate:
    """Return what became of a signed request, as far as overlap is concerned."""
    if row["delivered_at"]:
        return "answered"
    if row["state"] == "REFUSED" or (row["state"] == "CANCELLED" and not row["proposed"]):
        return "void"
    return "ended" if row["state"] in ENDED else "open"


def scopes_of(placed: Sequence[Placed], people: Mapping[str, OwnPerson], key: bytes) -> Scopes:
    """Return every person's fingerprint with the sets he or she is in, over all rows."""
    scopes: Scopes = {}
    for anchor in placed:
        mark = fingerprint(key, people[anchor.person].person)
        scopes[mark] = scopes.get(mark, 0) | anchor.scope
    return scopes


def narrowed(
    placed: Sequence[Placed], people: Mapping[str, OwnPerson], key: bytes, *, approved: Scopes, sets: Sequence[str]
) -> tuple[Placed, ...]:
    """Return the anchors an approved warrant covers: whoever came later waits for the next round."""
    found = []
    for anchor in placed:
        scope = anchor.scope & approved.get(fingerprint(key, people[anchor.person].person), 0)
        if scope:
            found.append(anchor.within(scope, sets))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class AskedBook:
    """Keep whom each signed round asks about."""

    store: Store = field(repr=False)
    least: int
    days: int

    def state(self, warrant: RoundWarrant, scopes: Scopes, *, now: datetime) -> tuple[RoundWarrant, Scopes]:
        """Return the warrant with its statement and the people it may ask about. Raises RoundStateError for nobody."""
        questions = questions_of(warrant.models, warrant.populations, warrant.anchor_sets)
        earlier = self.earlier(now=now, until=parse_utc(warrant.expires_at), but=warrant.round_id)
        kept = hold_back(questions, scopes, earlier, least=self.least)
        if not kept:
            raise RoundStateError(
                f"不足 {self.least} 人可一并查询：人数过少的查询等于查个人",
                f"fewer than {self.least} people could be asked about together: that would be a question about persons",
                hint_zh="等新的当事人积累到这个数目，或与其他模型一并申请",
                hint_en="wait until there are as many new people, or ask with other models",
            )
        said = state_overlap(questions, kept, earlier, least=self.least, days=self.days)
        return replace(warrant, overlap=said), kept

    def save(self, round_id: str, scopes: Scopes) -> None:
        """Store whom a round asks about, in place of an earlier attempt's."""
        self.store.delete(ASKED_PEOPLE, ASKED_PEOPLE.c.round_id == round_id)
        rows = [{"round_id": round_id, "fingerprint": mark, "scope": scope} for mark, scope in scopes.items()]
        self.store.insert(ASKED_PEOPLE, rows)

    def scopes(self, round_id: str) -> Scopes:
        rows = self.store.select(sa.select(ASKED_PEOPLE).where(ASKED_PEOPLE.c.round_id == round_id))
        return {row["fingerprint"]: row["scope"] for row in rows}

    def earlier(self, *, now: datetime, until: datetime, but: str) -> tuple[EarlierRound, ...]:
        """Return the rounds signed or answered within the days, without the one named, oldest first.

        `until` is when the new round ends at the latest: those that lie too far back by then are fading.
        """
        first, forgotten = (utc_text(moment - timedelta(days=self.days)) for moment in (now, until))
        recent = sa.or_(REQUESTS.c.approved_at >= first, REQUESTS.c.delivered_at >= first)
        wanted = sa.select(REQUESTS).where(REQUESTS.c.approved_at != "", recent, REQUESTS.c.round_id != but)
        rows = self.store.select(wanted.order_by(REQUESTS.c.approved_at, REQUESTS.c.round_id))
        return tuple(self._earlier(row, forgotten) for row in rows)

    def _earlier(self, row: sa.RowMapping, forgotten: str) -> EarlierRound:
        warrant = RoundWarrant.from_bytes(Signed.parse(row["envelope"]).body)
        questions = questions_of(warrant.models, warrant.populations, warrant.anchor_sets)
        people = self.scopes(str(row["round_id"]))
        last = max(str(row["approved_at"]), str(row["delivered_at"]))
        fate = fading(fate_of(row), last=last, forgotten=forgotten)
        return EarlierRound(str(row["round_id"]), asked_of(questions, people), fate)

    def forget(self, *, now: datetime) -> None:
        """Drop the fingerprints of rounds that lie further back than overlap is looked at."""
        first = utc_text(now - timedelta(days=self.days))
        past = sa.and_(REQUESTS.c.approved_at < first, REQUESTS.c.delivered_at < first)
        old = sa.select(REQUESTS.c.round_id).where(past, REQUESTS.c.approved_at != "")
        self.store.delete(ASKED_PEOPLE, ASKED_PEOPLE.c.round_id.in_(old))
