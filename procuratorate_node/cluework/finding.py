"""Find clues by what lists filter and sort by, in the database: one page of a hundred thousand is as quick as of ten.

Deadlines run in working days. The database knows how many have passed up to each day (day_counts.py): a deadline is
that number for the day a clue came into its phase plus the days of its rule, and comparing these numbers compares days,
because a deadline is always a working day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from procuratorate_node.awards.records import AWARDS
from procuratorate_node.cluework.day_counts import DAY, DAY_COUNTS, passed_by
from procuratorate_node.cluework.deadlines import Deadlines
from procuratorate_node.cluework.marks import CLUE_MARKS, colour_shown
from procuratorate_node.cluework.records import CLUE_WORK
from procuratorate_node.cluework.states import OPEN_AWARD, AwardState, Status
from procuratorate_node.referrals.table import REFERRALS
from procuratorate_node.store import CLUES
from procuratorate_node.warning.tree import Colour

NEXT_DAY_FROM: Final = "16"  # At this hour in UTC a new day begins in China.
SORTS: Final = ("due", "colour", "model", "case", "officer", "grade", "phase", "change")
OPEN: Final = "open"  # A filter word for every state but rejected and closed.
NOBODY: Final = "-"
LAST: Final = 10**9


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is filtered by; whatever is left empty lets all through.

    `status` is a phase, a status, "award-…" or OPEN; `officer` NOBODY means no one's; `due_by` a last day.
    """

    model: str = ""
    status: str = ""
    change: str = ""
    colour: str = ""
    grade: str = ""
    verdict: str = ""
    category: str = ""
    officer: str = ""
    due_by: date | None = None
    overdue: bool = False
    watched: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a list: sorted by one of SORTS, `size` None for all."""

    sort: str = "model"
    descending: bool = False
    start: int = 0
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """How many clues pass, and the ids of the part asked for, in order."""

    total: int
    clue_ids: tuple[str, ...]


def find(connection: sa.Connection, wanted: Wanted, part: Part, *, deadlines: Deadlines, today: date) -> Found:
    """Return the clues that pass. Raises KeyError for a sort that is not offered."""
    columns = _Columns(deadlines)
    conditions = list(_conditions(connection, wanted, columns, today))
    counting = sa.select(sa.func.count()).select_from(columns.joined(*conditions)).where(*conditions)
    total = connection.execute(counting).scalar_one()
    order = columns.sorts()[part.sort]
    ids = (
        sa.select(CLUES.c.clue_id)
        .select_from(columns.joined(*conditions, *order))
        .where(*conditions)
        .order_by(
            *(sa.desc(by) if part.descending else by for by in order),
            CLUES.c.clue_id,
        )
        .offset(part.start)
        .limit(part.size)
    )
    return Found(int(total), tuple(connection.execute(ids).scalars()))


class _Columns:
    """The columns that a list needs beyond the stored ones."""

    def __init__(self, deadlines: Deadlines) -> None:
        newest = sa.select(sa.func.max(AWARDS.c.number)).group_by(AWARDS.c.clue_id)
        self.awards = sa.select(AWARDS.c.clue_id, AWARDS.c.state).where(AWARDS.c.number.in_(newest)).subquery("award")
        sent = sa.select(REFERRALS.c.clue_id).where(REFERRALS.c.sent_at != "")
        self.sent = sent.distinct().subquery("sent")
        self.colour = colour_shown()
        self.phase = self._phase()
        self.due = self._due(deadlines)
        self.officer = sa.func.coalesce(sa.func.nullif(CLUE_WORK.c.officer, ""), NOBODY)

    def joined(self, *clauses: sa.ColumnElement[Any]) -> sa.FromClause:
        """Join the tables that the clauses speak of, and no other: every join costs a look-up for each clue."""
        parts = (part for clause in clauses for part in visitors.iterate(clause))
        named = {part.table for part in parts if isinstance(part, sa.ColumnClause)}
        own, since = CLUES.c.clue_id, sa.func.substr(CLUE_WORK.c.since, 1, 10)
        joins: tuple[tuple[sa.FromClause, sa.ColumnElement[bool]], ...] = (
            (CLUE_MARKS, own == CLUE_MARKS.c.clue_id),
            (CLUE_WORK, own == CLUE_WORK.c.clue_id),
            (self.awards, own == self.awards.c.clue_id),
            (self.sent, own == self.sent.c.clue_id),
            (DAY_COUNTS, DAY_COUNTS.c.day == since),
        )
        found: sa.FromClause = CLUES
        for table, same in joins:
            if table in named:
                found = found.outerjoin(table, same)
        return found

    def _phase(self) -> sa.ColumnElement[str]:
        """Say what Standing.phase says."""
        shown = [s.value for s in (*OPEN_AWARD, AwardState.PAID)]
        return sa.case(
            (CLUES.c.status != Status.IDENTIFIED.value, CLUES.c.status),
            (self.awards.c.state.in_(shown), sa.literal("award-") + self.awards.c.state),
            (self.sent.c.clue_id.is_not(None), "referred"),
            else_=CLUES.c.status,
        )

    def _due(self, deadlines: Deadlines) -> sa.ColumnElement[Any]:
        """Return the number of the working day of the deadline, null where none runs."""
        rules = deadlines.rules.values()
        usual = sa.case({r.phase: r.days for r in rules}, value=self.phase)
        urgent = sa.case({r.phase: r.red_days or r.days for r in rules}, value=self.phase)
        days = sa.case((self.colour == Colour.RED.value, urgent), else_=usual)
        late = sa.func.substr(CLUE_WORK.c.since, 12, 2) >= NEXT_DAY_FROM
        return sa.case((late, DAY_COUNTS.c.passed_next), else_=DAY_COUNTS.c.passed) + days

    def sorts(self) -> Mapping[str, tuple[sa.ColumnElement[Any], ...]]:
        ranks = {colour.value: rank for rank, colour in enumerate((Colour.RED, Colour.ORANGE, Colour.YELLOW))}
        rank = sa.case(ranks, value=self.colour, else_=len(ranks))
        return {
            "due": (sa.func.coalesce(self.due, LAST), rank),
            "colour": (rank, sa.func.coalesce(self.due, LAST)),
            "model": (CLUES.c.model, CLUES.c.case_number),
            "case": (CLUES.c.case_number,),
            "officer": (self.officer, sa.func.coalesce(self.due, LAST)),
            "grade": (CLUES.c.grade,),
            "phase": (self.phase,),
            "change": (CLUES.c.change,),
        }


def _conditions(
    connection: sa.Connection, wanted: Wanted, columns: _Columns, today: date
) -> Iterator[sa.ColumnElement[bool]]:
    pairs: tuple[tuple[str, sa.ColumnElement[Any]], ...] = (
        (wanted.model, CLUES.c.model),
        (wanted.change, CLUES.c.change),
        (wanted.grade, CLUES.c.grade),
        (wanted.verdict, CLUES.c.verdict),
        (wanted.category, CLUE_MARKS.c.category),
        (wanted.colour, columns.colour),
        (wanted.officer, columns.officer),
    )
    yield from (column == value for value, column in pairs if value)
    if wanted.status == OPEN:
        yield CLUES.c.status.not_in([Status.REJECTED.value, Status.CLOSED.value])
    elif wanted.status:
        yield sa.or_(columns.phase == wanted.status, CLUES.c.status == wanted.status)
    if wanted.due_by is not None:
        yield columns.due <= passed_by(connection, wanted.due_by)
    if wanted.overdue:
        yield columns.due <= passed_by(connection, today - DAY)
    if wanted.watched:
        yield CLUE_WORK.c.watched
