"""What waits for an officer, each kind by SQL and bounded: requests, openings, awards, letters; and the clue work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import sqlalchemy as sa

from linkage.owner.database import reading
from procuratorate_node.awards.records import AWARDS
from procuratorate_node.cluework.board import Board, Task, tasks
from procuratorate_node.cluework.finding import NOBODY, OPEN, Part, Wanted
from procuratorate_node.cluework.states import AwardState
from procuratorate_node.referrals.states import WITH_THE_UNIT, State
from procuratorate_node.referrals.table import REFERRALS
from procuratorate_node.rounds.requests import APPROVED, REQUESTED
from procuratorate_node.rule_book import PROPOSED
from procuratorate_node.store import OPENINGS, REQUESTS, RULE_FILES, STANDING, Store

Rows = sa.Select[tuple[object, ...]]
MOST: Final = 20  # Of each kind that are listed; all are counted.
LOOKED_AT: Final = 60  # Of the clues due soonest; those that are deferred have no task yet.


@dataclass(frozen=True, slots=True)
class Pending:
    """One thing that waits: its key, what it is about, who asked, since when. `about` names no person."""

    key: str
    about: str
    by: str
    since: str


@dataclass(frozen=True, slots=True)
class PendingKind:
    """All that waits for one action of the table of rights; `count` may be more than are listed."""

    action: str
    count: int
    items: tuple[Pending, ...]


def _columns(table: sa.Table, key: str, about: str, *, by: str, since: str) -> Rows:
    named = (table.c[column].label(label) for label, column in zip(LABELS, (key, about, by, since), strict=True))
    return sa.select(*named).order_by(table.c[since])


LABELS: Final = ("key", "about", "by", "since")


def _rounds(today: date) -> Rows:
    asked = _columns(REQUESTS, "round_id", "reference", by="requested_by", since="requested_at")
    return asked.where(REQUESTS.c.state == REQUESTED)


def _signed(today: date) -> Rows:
    signed = _columns(REQUESTS, "round_id", "reference", by="approved_by", since="approved_at")
    return signed.where(REQUESTS.c.state == APPROVED, ~REQUESTS.c.wanted)


def _openings(today: date) -> Rows:
    return _columns(OPENINGS, "clue_id", "reason", by="requested_by", since="requested_at").where(
        OPENINGS.c.approved_by == ""
    )


def _standing(today: date) -> Rows:
    asked = _columns(STANDING, "order_id", "order_id", by="requested_by", since="requested_at")
    return asked.where(STANDING.c.approved_by == "", STANDING.c.ended_at == "")


def _rules(today: date) -> Rows:
    asked = _columns(RULE_FILES, "change_id", "rule_key", by="requested_by", since="requested_at")
    return asked.where(RULE_FILES.c.state == PROPOSED)


def _proposals(today: date) -> Rows:
    made = _columns(AWARDS, "clue_id", "case_number", by="proposed_by", since="proposed_at")
    return made.where(AWARDS.c.state == AwardState.PROPOSED)


def _to_pay(today: date) -> Rows:
    decided = _columns(AWARDS, "clue_id", "case_number", by="ended_by", since="ended_at")
    return decided.where(AWARDS.c.state == AwardState.DECIDED)


def _letters(state: State) -> Callable[[date], Rows]:
    def found(today: date) -> Rows:
        drafted = _columns(REFERRALS, "clue_id", "service", by="drafted_by", since="due")
        return drafted.where(REFERRALS.c.state == state)

    return found


def _overdue(today: date) -> Rows:
    sent = _columns(REFERRALS, "clue_id", "service", by="drafted_by", since="due")
    late = REFERRALS.c.due < today.isoformat()
    return sent.where(REFERRALS.c.state.in_(WITH_THE_UNIT), REFERRALS.c.due != "", late)


KINDS: Final[Mapping[str, Callable[[date], Rows]]] = {
    "screening.approve": _rounds,
    "people.approve": _openings,
    "award.decide": _proposals,
    "referrals.approve": _letters(State.DRAFT),
    "rules.approve": _rules,
    "standing.approve": _standing,
    "referrals.record": _overdue,
    "screening.start": _signed,
    "award.pay": _to_pay,
    "referrals.send": _letters(State.APPROVED),
}


def pending_for(store: Store, may: Callable[[str], bool], *, today: date) -> tuple[PendingKind, ...]:
    """Return what waits for the actions somebody may do; kinds of which nothing waits are left out."""
    found = []
    with reading(store.engine) as connection:
        for action, rows_of in KINDS.items():
            if not may(action):
                continue
            rows = rows_of(today)
            count = connection.execute(sa.select(sa.func.count()).select_from(rows.order_by(None).subquery()))
            if number := int(count.scalar_one()):
                listed = connection.execute(rows.limit(MOST)).mappings()
                items = tuple(Pending(**{label: str(row[label]) for label in LABELS}) for row in listed)
                found.append(PendingKind(action, number, items))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class ClueDay:
    """An officer's clues: the most pressing tasks, how many clues are open, how many nobody has."""

    tasks: tuple[Task, ...]
    open: int
    unassigned: int


def clue_day(board: Board, officer: str, *, today: date) -> ClueDay:
    """Return the day's clue work of an officer, "" for what nobody has: the soonest due, found in the database."""
    mine, soonest = Wanted(status=OPEN, officer=officer or NOBODY), Part(sort="due", size=LOOKED_AT)
    total, items = board.find(mine, soonest, today=today)
    nobody = Wanted(status=OPEN, officer=NOBODY)
    free = board.find(nobody, Part(size=0), today=today)[0] if officer else total
    return ClueDay(tasks(items, board.deadlines, today=today)[:MOST], total, free)
