"""What lists of clues filter and sort by and no row holds as a column, so that a list of many clues is one query.

Colour and kind of case stand inside a clue's JSON and are written wherever a clue is. Phase, colour to act on and last
day follow from its state and the office's tables as well: kept.py works them out, and whoever changes what they follow
from blanks them in the same transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import sqlalchemy as sa

from linkage.owner.database import reading
from procuratorate_node.cluework.states import CONFIRMED_STATES
from procuratorate_node.store import CLUES, METADATA
from procuratorate_node.warning.tree import Colour

BLANK: Final = ""
NEVER: Final = date.max.isoformat()
CLUE_MARKS: Final = sa.Table(
    "clue_marks",
    METADATA,
    sa.Column("clue_id", sa.String(16), primary_key=True),
    sa.Column("colour", sa.String(8), nullable=False),  # As the tree decided it.
    sa.Column("weak", sa.Boolean, nullable=False),  # Red counts as orange until a person confirms the clue.
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("phase", sa.String(16), nullable=False, server_default=BLANK),
    sa.Column("shown", sa.String(8), nullable=False, server_default=BLANK),
    sa.Column("due", sa.String(10), nullable=False, server_default=BLANK),  # NEVER where no deadline runs.
    sqlite_with_rowid=False,  # One look-up a clue instead of two.
)
# So that a list reads these columns alone and not the long rows.
sa.Index(
    "clues_listed",
    *(CLUES.c[name] for name in ("clue_id", "status", "model", "case_number", "verdict", "grade", "change")),
)
sa.Index("clues_by_case", CLUES.c.case_number)
sa.Index("clues_by_change", CLUES.c.change)
sa.Index("clue_marks_by_due", *(CLUE_MARKS.c[name] for name in ("due", "shown", "phase")))


def shown_colour(colour: str, *, weak: bool, confirmed: bool) -> str:
    """Return the colour to act on: red is orange while a weak match is not confirmed by a person (domain C3)."""
    return Colour.ORANGE.value if weak and not confirmed and colour == Colour.RED else colour


def colour_shown() -> sa.ColumnElement[str]:
    """Return what `shown_colour` says, for a question that joins clues and their marks."""
    confirmed = CLUES.c.status.in_([s.value for s in CONFIRMED_STATES])
    lowered = CLUE_MARKS.c.weak & ~confirmed & (CLUE_MARKS.c.colour == Colour.RED.value)
    return sa.case((lowered, Colour.ORANGE.value), else_=CLUE_MARKS.c.colour)


def mark(connection: sa.Connection, rows: Iterable[Mapping[str, object]]) -> None:
    """Write the marks of clues as `clue_values` gives them, in place of older ones."""
    values = [_marks(row) for row in rows]
    if values:
        same = CLUE_MARKS.c.clue_id == sa.bindparam("key")
        connection.execute(CLUE_MARKS.delete().where(same), [{"key": v["clue_id"]} for v in values])
        connection.execute(CLUE_MARKS.insert(), values)


def blank(connection: sa.Connection, clue_ids: Iterable[str]) -> None:
    """Have the marks of clues worked out anew before the next look."""
    keys = [{"key": key} for key in clue_ids]
    if keys:
        same = CLUE_MARKS.c.clue_id == sa.bindparam("key")
        connection.execute(CLUE_MARKS.update().where(same).values(due=BLANK), keys)


def _marks(row: Mapping[str, object]) -> dict[str, object]:
    colouring, facts = json.loads(str(row["colouring"])), json.loads(str(row["facts"]))
    return {
        "clue_id": row["clue_id"],
        "colour": str(colouring.get("colour", "")),
        "weak": colouring.get("weak") is True,
        "category": str(facts.get("category", "")),
    }


def mark_older(engine: sa.Engine) -> None:
    """Write the marks of clues that an older program stored without them."""
    known = sa.select(CLUE_MARKS.c.clue_id)
    columns = (CLUES.c.clue_id, CLUES.c.colouring, CLUES.c.facts)
    with reading(engine) as connection:
        older = connection.execute(sa.select(*columns).where(CLUES.c.clue_id.not_in(known))).mappings().all()
    if older:
        with engine.begin() as connection:
            mark(connection, [{str(name): value for name, value in row.items()} for row in older])
