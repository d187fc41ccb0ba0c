"""Days of validity: which of several dated entries holds on the day of the decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import Protocol, TypeVar

OPEN_END = date.max


class Dated(Protocol):
    """What has a first and a last day, both included; no last day means until further notice."""

    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


T = TypeVar("T", bound=Dated)


def valid_on(entries: Iterable[T], day: date) -> T | None:
    """Return the entry that holds on `day`, None where none does. Entries must not overlap."""
    return next((e for e in entries if e.valid_from <= day <= (e.valid_to or OPEN_END)), None)


def overlap(entries: Sequence[Dated]) -> bool:
    """Tell whether two entries hold on one day, or one ends before it begins."""
    spans = sorted((e.valid_from, e.valid_to or OPEN_END) for e in entries)
    reversed_span = any(last < first for first, last in spans)
    return reversed_span or any(later[0] <= earlier[1] for earlier, later in pairwise(spans))


def years_before(day: date, years: int) -> date:
    """Return the same day `years` years earlier; 29 February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
