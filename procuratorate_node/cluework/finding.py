"""Find clues by what lists filter and sort by, in the database: one page of a hundred thousand is as quick as of ten.

Nothing is decided here: phase, colour and last day were worked out before (kept.py), and days as texts sort like days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from procuratorate_node.cluework.marks import CLUE_MARKS
from procuratorate_node.cluework.records import CLUE_WORK
from procuratorate_node.cluework.states import Status
from procuratorate_node.store import CLUES
from procuratorate_node.warning.tree import Colour

OPEN: Final = "open"  # A filter word for every state but rejected and closed.
NOBODY: Final = "-"
_RANKS: Final = {colour.value: rank for rank, colour in enumerate((Colour.RED, Colour.ORANGE, Colour.YELLOW))}
_RANK: Final = sa.case(_RANKS, value=CLUE_MARKS.c.shown, else_=len(_RANKS))
_ORDERS: Final[Mapping[str, tuple[sa.ColumnElement[Any], ...]]] = {
    "due": (CLUE_MARKS.c.due, _RANK),
    "colour": (_RANK, CLUE_MARKS.c.due),
    "model": (CLUES.c.model, CLUES.c.case_number),
    "case": (CLUES.c.case_number,),
    "officer": (CLUE_WORK.c.officer, CLUE_MARKS.c.due),
    "grade": (CLUES.c.grade,),
    "phase": (CLUE_MARKS.c.phase,),
    "change": (CLUES.c.change,),
}
SORTS: Final = tuple(_ORDERS)


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


def find(connection: sa.Connection, wanted: Wanted, part: Part, *, today: date) -> Found:
    """Return the clues that pass. Raises KeyError for a sort that is not offered."""
    conditions = list(_conditions(wanted, today))
    counting = sa.select(sa.func.count()).select_from(_joined(*conditions)).where(*conditions)
    total = connection.execute(counting).scalar_one()
    order = _ORDERS[part.sort]
    ids = (
        sa.select(CLUE_MARKS.c.clue_id)
        .select_from(_joined(*conditions, *order))
        .where(*conditions)
        .order_by(*(sa.desc(by) if part.descending else by for by in order), CLUE_MARKS.c.clue_id)
        .offset(part.start)
        .limit(part.size)
    )
    return Found(int(total), tuple(connection.execute(ids).scalars()))


def _joined(*clauses: sa.ColumnElement[Any]) -> sa.FromClause:
    """Join the tables that the clauses speak of, and no other: every join costs a look-up for each clue."""
    parts = (part for clause in clauses for part in visitors.iterate(clause))
    named = {part.table for part in parts if isinstance(part, sa.ColumnClause)}
    found: sa.FromClause = CLUE_MARKS
    for table in (CLUES, CLUE_WORK):
        if table in named:
            found = found.join(table, table.c.clue_id == CLUE_MARKS.c.clue_id)
    return found


def _conditions(wanted: Wanted, today: date) -> Iterator[sa.ColumnElement[bool]]:
    pairs: tuple[tuple[str, sa.ColumnElement[Any]], ...] = (
        (wanted.model, CLUES.c.model),
        (wanted.change, CLUES.c.change),
        (wanted.grade, CLUES.c.grade),
        (wanted.verdict, CLUES.c.verdict),
        (wanted.category, CLUE_MARKS.c.category),
        (wanted.colour, CLUE_MARKS.c.shown),
    )
    yield from (column == value for value, column in pairs if value)
    if wanted.officer:
        yield CLUE_WORK.c.officer == ("" if wanted.officer == NOBODY else wanted.officer)
    if wanted.status == OPEN:
        yield CLUE_MARKS.c.phase.not_in([Status.REJECTED.value, Status.CLOSED.value])
    elif wanted.status:
        yield sa.or_(CLUE_MARKS.c.phase == wanted.status, CLUES.c.status == wanted.status)
    if wanted.due_by is not None:
        yield CLUE_MARKS.c.due <= wanted.due_by.isoformat()
    if wanted.overdue:
        yield CLUE_MARKS.c.due < today.isoformat()
    if wanted.watched:
        yield CLUE_WORK.c.watched
