"""Work out every clue's phase, colour to act on and last day once, and keep them: lists then sort by plain columns.

Working days and the rules of deadlines are known here only, not to the database. What is blank is worked out before
the next look; when the table of deadlines or of holidays has changed, everything is.
"""

from __future__ import annotations

import hashlib
from datetime import date
from functools import cache
from typing import Final

import sqlalchemy as sa

from linkage.owner.database import reading
from procuratorate_node.cluework.deadlines import Deadlines, day_of
from procuratorate_node.cluework.marks import BLANK, CLUE_MARKS, NEVER, shown_colour
from procuratorate_node.cluework.moves import IN_ONE, standings
from procuratorate_node.cluework.records import CLUE_WORK
from procuratorate_node.cluework.states import CONFIRMED_STATES
from procuratorate_node.store import METADATA
from procuratorate_node.warning.tree import Colour
from procuratorate_node.working_days import Calendar

RULES: Final = "linkage/v1/clue-marks"  # Another number when another release works them out in another way.
MARKED_BY: Final = sa.Table(
    "clues_marked_by",
    METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),  # Of the tables that all marks follow from; one row.
)


def keep_marks(engine: sa.Engine, deadlines: Deadlines, calendar: Calendar) -> None:
    """Work out the marks that are blank, or all of them by other tables than before."""
    digest = hashlib.sha256(f"{RULES} {deadlines.digest} {calendar.digest}".encode()).hexdigest()
    blank = CLUE_MARKS.c.due == BLANK
    with reading(engine) as connection:
        known = connection.execute(sa.select(MARKED_BY.c.digest)).scalar()
        lacking = connection.execute(sa.select(CLUE_MARKS.c.clue_id).where(blank).limit(1)).first()
    if known == digest and lacking is None:
        return
    with engine.begin() as connection:
        if known != digest:
            connection.execute(MARKED_BY.delete())
            connection.execute(MARKED_BY.insert().values(digest=digest))
        _work_out(connection, blank if known == digest else sa.true(), deadlines, calendar)


def _work_out(
    connection: sa.Connection, which: sa.ColumnElement[bool], deadlines: Deadlines, calendar: Calendar
) -> None:
    @cache  # A hundred thousand clues came into their phases on a few hundred days.
    def due(phase: str, red: bool, since: date | None) -> str:
        found = deadlines.due(phase, red=red, since=since, calendar=calendar)
        return NEVER if found is None else found.day.isoformat()

    wanted = sa.select(CLUE_MARKS.c.clue_id, CLUE_MARKS.c.colour, CLUE_MARKS.c.weak, CLUE_WORK.c.since)
    same = CLUE_WORK.c.clue_id == CLUE_MARKS.c.clue_id
    rows = connection.execute(wanted.outerjoin(CLUE_WORK, same).where(which)).all()
    standing = standings(connection, *([row[0] for row in rows] if len(rows) <= IN_ONE else ()))
    values = []
    for key, colour, weak, since in rows:
        stands = standing[key]
        shown = shown_colour(colour, weak=weak, confirmed=stands.status in CONFIRMED_STATES)
        last = due(stands.phase, shown == Colour.RED, day_of(since or ""))
        values.append({"key": key, "phase": stands.phase, "shown": shown, "due": last})
    if values:
        connection.execute(CLUE_MARKS.update().where(CLUE_MARKS.c.clue_id == sa.bindparam("key")), values)
