"""How many working days have passed up to each day, kept in the database: deadlines are then sums, and sort there.

The table is made from the office's calendar and made anew when that changes.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import sqlalchemy as sa

from linkage.owner.database import reading
from procuratorate_node.store import METADATA
from procuratorate_node.working_days import Calendar

FIRST: Final = date(2015, 1, 1)
LAST: Final = date(2049, 12, 31)
DAY: Final = timedelta(days=1)
DAY_COUNTS: Final = sa.Table(
    "day_counts",
    METADATA,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("passed", sa.Integer, nullable=False),  # Working days after FIRST, this day included.
    sa.Column("passed_next", sa.Integer, nullable=False),  # The same, the day after included.
    sa.Column("calendar", sa.String(64), nullable=False),  # The digest of the calendar.
    sqlite_with_rowid=False,
)


def keep_day_counts(engine: sa.Engine, calendar: Calendar) -> None:
    """Make the table where it is not that of the calendar."""
    with reading(engine) as connection:
        known = connection.execute(sa.select(DAY_COUNTS.c.calendar).limit(1)).scalar()
    if known != calendar.digest:
        with engine.begin() as connection:
            connection.execute(DAY_COUNTS.delete())
            connection.execute(DAY_COUNTS.insert(), _rows(calendar))


def _rows(calendar: Calendar) -> list[dict[str, object]]:
    rows, passed = [], 0
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + DAY * number
        passed += number > 0 and calendar.is_working(day)
        following = passed + calendar.is_working(day + DAY)
        rows.append({"day": day.isoformat(), "passed": passed, "passed_next": following, "calendar": calendar.digest})
    return rows


def passed_by(connection: sa.Connection, day: date) -> int:
    """Return how many working days have passed up to a day; one outside the table counts as its end."""
    kept = min(max(day, FIRST), LAST).isoformat()
    return int(connection.execute(sa.select(DAY_COUNTS.c.passed).where(DAY_COUNTS.c.day == kept)).scalar_one())
