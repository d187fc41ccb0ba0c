"""Count working days by an editable table of public holidays and of weekends that are worked instead.

The day an act falls on is not counted; the period ends with the n-th working day after it (民事诉讼法: 期间开始的日
不计算在期间内). In a year the table does not know, weekends alone are free and the answer says that it was assumed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from importlib import resources
from pathlib import Path
from typing import Final

from linkage.errors import ConfigError, InputError
from procuratorate_node.relief.grammar import content_of, parse_table_file, read_record, read_records, unknown_sections

FILE: Final = "holidays.toml"
SECTIONS: Final = ("table", "years")
SATURDAY: Final = 5
MOST_DAYS: Final = 3650
DAY: Final = timedelta(days=1)
CHINA: Final = timezone(timedelta(hours=8))  # One zone, no summer time.


@dataclass(frozen=True, slots=True)
class Head:
    """Name a table."""

    id: str
    version: int
    title: str


@dataclass(frozen=True, slots=True)
class Year:
    """The days of one year that differ from an ordinary week. `source` is the notice that fixed them."""

    year: int
    source: str
    holidays: tuple[date, ...]
    workdays: tuple[date, ...] = ()  # Saturdays and Sundays that are worked (调休).

    def __post_init__(self) -> None:
        days = (*self.holidays, *self.workdays)
        if len(set(days)) != len(days):
            raise InputError("日期重复", "a day stands twice")
        if any(day.year != self.year for day in days):
            raise InputError("日期不在该年内", "a day lies outside its year")
        if any(day.weekday() < SATURDAY for day in self.workdays):
            raise InputError("调休上班日应为周末", "workdays are Saturdays and Sundays")


@dataclass(frozen=True, slots=True)
class Calendar:
    """A parsed table. `digest` is the hex SHA-256 of the file."""

    head: Head
    years: frozenset[int]
    holidays: frozenset[date]
    workdays: frozenset[date]
    digest: str

    def is_known(self, day: date) -> bool:
        """Tell whether the table covers the year; where it does not, only weekends are taken to be free."""
        return day.year in self.years

    def is_working(self, day: date) -> bool:
        return day in self.workdays or (day.weekday() < SATURDAY and day not in self.holidays)

    def after(self, day: date, working_days: int) -> date:
        """Return the last day of a period of so many working days that begins after `day`. Raises InputError."""
        if not 0 < working_days <= MOST_DAYS:
            raise InputError(f"工作日数应为 1 至 {MOST_DAYS}", f"working days are 1 to {MOST_DAYS}")
        while working_days:
            day += DAY
            working_days -= self.is_working(day)
        return day

    def between(self, day: date, until: date) -> int:
        """Return how many working days lie after `day` up to and including `until`; negative where it is earlier."""
        if until < day:
            return -self.between(until, day)
        return sum(self.is_working(day + DAY * n) for n in range(1, (until - day).days + 1))


def local_moment(moment: datetime) -> datetime:
    """Return a moment on the office's wall clock, by whose days periods run."""
    return moment.astimezone(CHINA)


def shipped_calendar() -> Calendar:
    """Read the table that comes with the program."""
    return parse_calendar(shipped_text(), name=FILE)


def shipped_text() -> bytes:
    """Return the shipped file, for an office to copy and edit."""
    return resources.files("procuratorate_node").joinpath(FILE).read_bytes()


def load_calendar(file: Path | None) -> Calendar:
    """Read a table, the shipped one without a file. Raises ConfigError."""
    content, name = content_of(file, shipped_text(), zh="节假日表", en="the table of holidays")
    return parse_calendar(content, name=name)


def parse_calendar(content: bytes, *, name: str) -> Calendar:
    """Parse a table; `name` stands in errors. Raises ConfigError with all faults."""
    data = parse_table_file(content, name=name)
    faults = unknown_sections(data, SECTIONS)
    head = read_record(Head, data.get("table"), "table", faults)
    years = read_records(Year, data.get("years"), "years", faults)
    if len({y.year for y in years}) != len(years):
        faults.append("a year stands twice")
    if head is None or faults:
        text = "; ".join(faults)
        raise ConfigError(f"节假日表 {name} 有误：{text}", f"the table of holidays {name} is wrong: {text}")
    return Calendar(
        head,
        frozenset(y.year for y in years),
        frozenset(day for y in years for day in y.holidays),
        frozenset(day for y in years for day in y.workdays),
        hashlib.sha256(content).hexdigest(),
    )
