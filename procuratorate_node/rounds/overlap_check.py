"""Recompute every statement of overlap from the node's own records, for an auditor (decision 0050)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from linkage.keys.signing import Signed
from linkage.warrant import RoundWarrant, parse_utc, utc_text
from procuratorate_node.rounds.asked import AskedBook
from procuratorate_node.rounds.overlap import EarlierRound, asked_of, commitment, fading, questions_of, state_overlap
from procuratorate_node.store import REQUESTS, Store


@dataclass(frozen=True, slots=True)
class Checked:
    """One signed round: `faults` in Chinese and English, none when its statement holds. Kept: its people still are."""

    round_id: str
    kept: bool
    people: int
    faults: tuple[tuple[str, str], ...] = ()


def check_statements(store: Store, book: AskedBook) -> Iterator[Checked]:
    """Yield every signed round, oldest first."""
    wanted = sa.select(REQUESTS).where(REQUESTS.c.approved_at != "").order_by(REQUESTS.c.approved_at)
    rows = store.select(wanted)
    for row in rows:
        warrant = _warrant(row)
        people = book.scopes(warrant.round_id)
        faults = tuple(_faults(row, warrant, rows, book)) if people else ()
        yield Checked(warrant.round_id, bool(people), len(people), faults)


def _faults(
    row: sa.RowMapping, warrant: RoundWarrant, rows: Sequence[sa.RowMapping], book: AskedBook
) -> Iterator[tuple[str, str]]:
    said, people, signed_at = warrant.overlap, book.scopes(warrant.round_id), str(row["approved_at"])
    if not said.least:
        yield "没有声明", "no statement"
        return
    if commitment(people) != said.commitment:
        yield "所问的人与承诺值不符", "the people are not those committed to"
    first = utc_text(parse_utc(signed_at) - timedelta(days=said.days))
    others = [r for r in rows if r["approved_at"] <= signed_at and r["round_id"] != warrant.round_id]
    before = [r for r in others if max(r["approved_at"], r["delivered_at"]) >= first]
    missing = {r["round_id"] for r in before if r["approved_at"] < signed_at} - set(said.rounds)
    if missing:
        yield f"漏列 {len(missing)} 个先前的轮次", f"{len(missing)} earlier rounds are left out"
    forgotten = utc_text(parse_utc(warrant.expires_at) - timedelta(days=said.days))
    earlier = [_as_it_was(r, signed_at, forgotten, book) for r in before]
    questions = questions_of(warrant.models, warrant.populations, warrant.anchor_sets)
    counted = state_overlap(questions, people, earlier, least=said.least, days=said.days)
    for stated, found in zip(said.asked, counted.asked, strict=True):
        if stated != found:
            yield (
                f"群体 {stated.population}：声明 {stated.people} 人、新 {stated.new}，实为 {found.people}、{found.new}",
                f"{stated.population}: {stated.people} people, {stated.new} new; found {found.people}, {found.new}",
            )


def _as_it_was(row: sa.RowMapping, moment: str, forgotten: str, book: AskedBook) -> EarlierRound:
    warrant = _warrant(row)
    questions = questions_of(warrant.models, warrant.populations, warrant.anchor_sets)
    answered = bool(row["delivered_at"]) and row["delivered_at"] <= moment
    last = max(str(row["approved_at"]), str(row["delivered_at"]))
    fate = fading("answered", last=last, forgotten=forgotten) if answered else "open"
    return EarlierRound(warrant.round_id, asked_of(questions, book.scopes(warrant.round_id)), fate)


def _warrant(row: sa.RowMapping) -> RoundWarrant:
    return RoundWarrant.from_bytes(Signed.parse(row["envelope"]).body)
