"""Find clues by what lists filter and sort by, in the database: one page of a hundred thousand is as quick as of ten.

Deadlines run in working days, which a database cannot count. It is given the number of working days up to each day:
a deadline is then that of the day a clue came into its phase plus the days of its rule, and comparing numbers compares
days (a deadline is always a working day).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sa

from procuratorate_node.awards.records import AWARDS
from procuratorate_node.cluework.deadlines import Deadlines
from procuratorate_node.cluework.marks import CLUE_MARKS
from procuratorate_node.cluework.records import CLUE_WORK
from procuratorate_node.cluework.states import CONFIRMED_STATES, OPEN_AWARD, AwardState, Status
from procuratorate_node.referrals.table import REFERRALS
from procuratorate_node.store import CLUES
from procuratorate_node.warning.tree import Colour
from procuratorate_node.working_days import MOST_DAYS, Calendar

DAY: Final = timedelta(days=1)
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
    officer: str = ""
    verdict: str = ""
    category: str = ""
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


def find(
    connection: sa.Connection, wanted: Wanted, part: Part, *, deadlines: Deadlines, calendar: Calendar, today: date
) -> Found:
    """Return the clues that pass. Raises KeyError for a sort that is not offered."""
    counted = _WorkingDays.upto(connection, calendar, today)
    columns = _Columns(counted.table(), deadlines)
    conditions = _conditions(wanted, columns, counted, today)
    joined = columns.joined()
    counting = sa.select(sa.func.count()).select_from(joined if conditions else CLUES).where(*conditions)
    total = connection.execute(counting).scalar_one()
    order = columns.sorts()[part.sort]
    ids = (
        sa.select(CLUES.c.clue_id)
        .select_from(joined)
        .where(*conditions)
        .order_by(
            *(sa.desc(by) if part.descending else by for by in order),
            CLUES.c.clue_id,
        )
        .offset(part.start)
        .limit(part.size)
    )
    return Found(int(total), tuple(connection.execute(ids).scalars()))


@dataclass(frozen=True, slots=True)
class _WorkingDays:
    """How many working days lie after `first` up to a day."""

    first: date
    counts: Mapping[date, int]
    calendar: Calendar

    @classmethod
    def upto(cls, connection: sa.Connection, calendar: Calendar, today: date) -> _WorkingDays:
        """Count from the oldest day that a clue of the database came into its phase."""
        oldest = connection.execute(sa.select(sa.func.min(CLUE_WORK.c.since)).where(CLUE_WORK.c.since != "")).scalar()
        first = min(today, date.fromisoformat(str(oldest)[:10]) if oldest else today) - DAY
        newest = connection.execute(sa.select(sa.func.max(CLUE_WORK.c.since))).scalar()
        last = max(today, date.fromisoformat(str(newest)[:10]) if newest else today) + DAY
        counts, passed = {first: 0}, 0
        for number in range(1, (last - first).days + 1):
            day = first + DAY * number
            passed += calendar.is_working(day)
            counts[day] = passed
        return cls(first, counts, calendar)

    def count(self, day: date) -> int:
        day = min(max(day, self.first), max(self.counts) + DAY * MOST_DAYS)
        return self.counts[day] if day in self.counts else self.calendar.between(self.first, day)

    def table(self) -> sa.CTE:
        """Return day → its count and that of the day after."""
        rows = [(d.isoformat(), n, self.counts[d + DAY]) for d, n in self.counts.items() if d + DAY in self.counts]
        kinds = (sa.column("day", sa.String), sa.column("own", sa.Integer), sa.column("after", sa.Integer))
        return sa.values(*kinds, name="days", literal_binds=True).data(rows).cte("days")


class _Columns:
    """The columns that a list needs beyond the stored ones."""

    def __init__(self, days: sa.CTE, deadlines: Deadlines) -> None:
        self.days = days
        newest = sa.select(sa.func.max(AWARDS.c.number)).group_by(AWARDS.c.clue_id)
        self.awards = sa.select(AWARDS.c.clue_id, AWARDS.c.state).where(AWARDS.c.number.in_(newest)).subquery("award")
        self.confirmed = CLUES.c.status.in_([s.value for s in CONFIRMED_STATES])
        lowered = CLUE_MARKS.c.weak & ~self.confirmed & (CLUE_MARKS.c.colour == Colour.RED.value)
        self.colour = sa.case((lowered, Colour.ORANGE.value), else_=CLUE_MARKS.c.colour)
        self.phase = self._phase()
        self.due = self._due(deadlines)
        self.officer = sa.func.coalesce(sa.func.nullif(CLUE_WORK.c.officer, ""), NOBODY)

    def joined(self) -> sa.FromClause:
        since = CLUE_WORK.c.since
        return (
            sa.join(CLUES, CLUE_MARKS, CLUES.c.clue_id == CLUE_MARKS.c.clue_id)
            .join(CLUE_WORK, CLUES.c.clue_id == CLUE_WORK.c.clue_id)
            .outerjoin(self.awards, CLUES.c.clue_id == self.awards.c.clue_id)
            .outerjoin(self.days, self.days.c.day == sa.func.substr(since, 1, 10))
        )

    def _phase(self) -> sa.ColumnElement[str]:
        """Say what Standing.phase says."""
        shown = [s.value for s in (*OPEN_AWARD, AwardState.PAID)]
        sent = sa.exists().where(REFERRALS.c.clue_id == CLUES.c.clue_id, REFERRALS.c.sent_at != "")
        return sa.case(
            (CLUES.c.status != Status.IDENTIFIED.value, CLUES.c.status),
            (self.awards.c.state.in_(shown), sa.literal("award-") + self.awards.c.state),
            (sent, "referred"),
            else_=CLUES.c.status,
        )

    def _due(self, deadlines: Deadlines) -> sa.ColumnElement[Any]:
        """Return the number of the working day of the deadline, null where none runs."""
        red = self.colour == Colour.RED.value
        rules = deadlines.rules.values()
        days = sa.case(
            *((sa.and_(self.phase == r.phase, red), r.red_days) for r in rules if r.red_days),
            *((self.phase == r.phase, r.days) for r in rules),
            else_=sa.null(),
        )
        late = sa.func.substr(CLUE_WORK.c.since, 12, 2) >= NEXT_DAY_FROM
        return sa.case((late, self.days.c.after), else_=self.days.c.own) + days

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


def _conditions(wanted: Wanted, columns: _Columns, counted: _WorkingDays, today: date) -> list[sa.ColumnElement[bool]]:
    pairs: tuple[tuple[str, sa.ColumnElement[Any]], ...] = (
        (wanted.model, CLUES.c.model),
        (wanted.change, CLUES.c.change),
        (wanted.grade, CLUES.c.grade),
        (wanted.verdict, CLUES.c.verdict),
        (wanted.category, CLUE_MARKS.c.category),
        (wanted.colour, columns.colour),
        (wanted.officer, columns.officer),
    )
    found: list[sa.ColumnElement[bool]] = [column == value for value, column in pairs if value]
    if wanted.status == OPEN:
        found.append(CLUES.c.status.not_in([Status.REJECTED.value, Status.CLOSED.value]))
    elif wanted.status:
        found.append(sa.or_(columns.phase == wanted.status, CLUES.c.status == wanted.status))
    if wanted.due_by is not None:
        found.append(columns.due <= counted.count(wanted.due_by))
    if wanted.overdue:
        found.append(columns.due <= counted.count(today - DAY))
    if wanted.watched:
        found.append(CLUE_WORK.c.watched)
    return found
