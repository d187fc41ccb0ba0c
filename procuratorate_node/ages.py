"""A person's age on a day, from all rows: its own birth or stated age first, then the births of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Final

from linkage.normalise.person import BirthPrecision
from linkage.normalise.record import normalise
from procuratorate_node.cases.records import Case, Party

OLDEST: Final = 120
SEXES: Final = {"1": "男", "2": "女"}


def age_at(event: date, birth: date) -> int:
    """Return the full years between a birth and an event."""
    return event.year - birth.year - ((event.month, event.day) < (birth.month, birth.day))


def event_of(case: Case) -> date | None:
    """Return the day a case speaks of: when it happened, else when it was accepted."""
    return case.happened or case.accepted


def age_on(rows: Iterable[Party], day: date, *, event: date) -> int | None:
    """Return the age on a day; None unknown. The first row is the one asked about, and its stated age is at `event`."""
    for place, party in enumerate(rows):
        age = _born_age(party, day)
        if age is None and place == 0:
            stated = _stated_age(party.person.age)
            age = None if stated is None else stated + day.year - event.year
        if age is not None:
            return age
    return None


def sex_of(rows: Iterable[Party], *, as_of: date) -> str:
    """Return 男, 女 or "" of the first row that tells: by its valid number, else by its sex cell."""
    for party in rows:
        sex = normalise(party.person, as_of=as_of).sex
        if sex in SEXES:
            return SEXES[sex]
    return ""


def _born_age(party: Party, day: date) -> int | None:
    """Return the age by a birth date known to the day."""
    birth = normalise(party.person, as_of=day).birth
    if birth.precision is not BirthPrecision.DAY:
        return None
    return _possible(lambda: age_at(day, date(birth.year_low, birth.month, birth.day)))


def _stated_age(cell: str) -> int | None:
    return _possible(lambda: int(cell)) if cell.strip() else None


def _possible(age: Callable[[], int]) -> int | None:
    """Return an age that a person can have; None for a date or number that is none."""
    try:
        found = age()
    except ValueError:
        return None
    return found if 0 <= found <= OLDEST else None
