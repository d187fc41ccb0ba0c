"""Everything that happened about one person of ours, over all clues: rounds, steps, openings, referrals, payments.

It names nobody: the person is one of a clue's, by number; rows are joined by our own resolution of persons.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from linkage.errors import NotFoundError
from procuratorate_node.awards.records import AWARDS
from procuratorate_node.cases.records import RowRef
from procuratorate_node.casework import Casework
from procuratorate_node.clues import Clue, clue_from_values
from procuratorate_node.cluework.records import CLUE_STEPS
from procuratorate_node.referrals.table import REFERRALS, STEPS
from procuratorate_node.reidentify import people_of
from procuratorate_node.rounds.register import model_ids
from procuratorate_node.store import ANCHORS, CLUES, OPENINGS, REQUESTS, Store


class Subject(StrEnum):
    """What an event belongs to."""

    ROUND = "round"
    CLUE = "clue"
    OPENING = "opening"
    REFERRAL = "referral"
    AWARD = "award"


@dataclass(frozen=True, slots=True)
class Event:
    """One event at a moment (UTC) or on a day. `what` is a code of its subject, `about` what it names, by id."""

    at: str
    subject: Subject
    what: str
    about: str
    by: str = ""
    text: str = ""

    @property
    def place(self) -> tuple[str, str, str]:
        """Return what events are sorted by; one on a day comes after those at a moment of that day."""
        return self.at if "T" in self.at else f"{self.at}T24", self.subject, self.about


@dataclass(frozen=True, slots=True)
class PersonHistory:
    """One person's clues and events, oldest first."""

    cases: tuple[str, ...]
    clues: tuple[Clue, ...]
    events: tuple[Event, ...]


def history_of(store: Store, clue: Clue, number: int, work: Casework) -> PersonHistory:
    """Return the history of a clue's person of that number, from 1. Raises NotFoundError."""
    people = people_of(clue.people, work.facts.person_of)
    if not 0 < number <= len(people):
        raise NotFoundError(f"这条线索没有第 {number} 人", f"this clue has no person number {number}")
    key = work.facts.person_of.get(people[number - 1][0], "")
    rows = frozenset(work.people[key].rows if key in work.people else people[number - 1])
    clues = _clues(store, rows)
    events = [*_rounds(store, key), *_events(store, [c.clue_id for c in clues])]
    cases = tuple(sorted({ref.case for ref in rows}))
    return PersonHistory(cases, clues, tuple(sorted(events, key=lambda e: e.place)))


def _clues(store: Store, rows: frozenset[RowRef]) -> tuple[Clue, ...]:
    wanted = sa.select(CLUES).where(CLUES.c.case_number.in_({ref.case for ref in rows})).order_by(CLUES.c.clue_id)
    found = (clue_from_values(row) for row in store.select(wanted))
    return tuple(clue for clue in found if rows & {*clue.rows, *clue.people})


def _rounds(store: Store, key: str) -> Iterator[Event]:
    """Yield the rounds that asked about the person, for as long as the node keeps who was asked about."""
    if not key:
        return
    asked = sa.select(ANCHORS.c.round_id).where(ANCHORS.c.person == key)
    for row in store.select(sa.select(REQUESTS).where(REQUESTS.c.round_id.in_(asked))):
        models = "、".join(model_ids(row["models"]))
        at = row["delivered_at"] or row["approved_at"] or row["requested_at"]
        yield Event(at, Subject.ROUND, row["state"], row["round_id"], row["requested_by"], models)


def _events(store: Store, clue_ids: Sequence[str]) -> Iterable[Event]:
    steps = sa.select(CLUE_STEPS).where(CLUE_STEPS.c.clue_id.in_(clue_ids))
    for row in store.select(steps):
        yield Event(row["at"], Subject.CLUE, row["action"], row["clue_id"], row["by"], row["reason"])
    for row in store.select(sa.select(OPENINGS).where(OPENINGS.c.clue_id.in_(clue_ids), OPENINGS.c.approved_by != "")):
        yield Event(row["approved_at"], Subject.OPENING, "approved", row["clue_id"], row["approved_by"], row["reason"])
    own = sa.select(REFERRALS.c.referral_id, REFERRALS.c.service).where(REFERRALS.c.clue_id.in_(clue_ids))
    services = {row["referral_id"]: row["service"] for row in store.select(own)}
    for row in store.select(sa.select(STEPS).where(STEPS.c.referral_id.in_(services))):
        service = services[row["referral_id"]]
        yield Event(row["at"], Subject.REFERRAL, row["state"], row["referral_id"][:12], row["by"], service)
    for row in store.select(sa.select(AWARDS).where(AWARDS.c.clue_id.in_(clue_ids))):
        yield Event(
            row["proposed_at"], Subject.AWARD, "proposed", row["award_id"], row["proposed_by"], row["proposed_amount"]
        )
        if row["ended_at"]:
            ended = "refused" if row["refusal"] else "decided"
            yield Event(row["ended_at"], Subject.AWARD, ended, row["award_id"], row["ended_by"], row["amount"])
        if row["paid_on"]:
            yield Event(row["paid_on"], Subject.AWARD, "paid", row["award_id"], row["paid_by"], row["amount"])
