"""Working days: holidays and worked weekends count, the first day does not, and the count and its inverse agree."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.errors import ConfigError, InputError
from procuratorate_node.working_days import Calendar, load_calendar, parse_calendar, shipped_calendar

HEAD = '[table]\nid = "t"\nversion = 1\ntitle = "t"\n'
YEAR = '[[years]]\nyear = 2026\nsource = "s"\nholidays = [2026-10-01, 2026-10-02]\nworkdays = [2026-10-10]\n'
CALENDAR = shipped_calendar()
DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2030, 12, 31))


def parsed(text: str) -> Calendar:
    return parse_calendar(text.encode(), name="holidays.toml")


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 11, 2), 5, date(2026, 11, 9)),  # Monday → the next Monday
        (date(2026, 11, 6), 1, date(2026, 11, 9)),  # Friday → Monday
        (date(2026, 9, 30), 5, date(2026, 10, 13)),  # 国庆节 is free, Saturday the 10th is worked
        (date(2026, 2, 13), 2, date(2026, 2, 24)),  # 春节: Saturday the 14th is worked, then nine free days
        (date(2025, 12, 31), 1, date(2026, 1, 4)),  # 元旦: Sunday the 4th is worked
    ],
)
def test_a_period_skips_free_days_and_counts_worked_weekends(start: date, days: int, end: date) -> None:
    assert CALENDAR.after(start, days) == end
    assert CALENDAR.between(start, end) == days


@pytest.mark.parametrize(("year", "working"), [(2024, 251), (2025, 248), (2026, 248)])
def test_the_shipped_years_have_the_working_days_that_are_told(year: int, working: int) -> None:
    assert CALENDAR.between(date(year - 1, 12, 31), date(year, 12, 31)) == working


@given(DAYS, st.integers(1, 120))
def test_a_period_ends_on_a_working_day_and_counts_back_to_its_length(day: date, length: int) -> None:
    end = CALENDAR.after(day, length)

    assert CALENDAR.is_working(end)
    assert CALENDAR.between(day, end) == length
    assert CALENDAR.between(end, day) == -length


@given(DAYS, st.integers(1, 40), st.integers(1, 40))
def test_periods_add_up(day: date, first: int, second: int) -> None:
    assert CALENDAR.after(CALENDAR.after(day, first), second) == CALENDAR.after(day, first + second)


def test_a_year_that_is_not_in_the_table_is_told() -> None:
    assert CALENDAR.is_known(date(2026, 12, 31)) and not CALENDAR.is_known(date(2031, 1, 1))
    assert CALENDAR.is_working(date(2031, 1, 1))


@pytest.mark.parametrize("days", [0, -1, 4000])
def test_a_period_has_a_sensible_length(days: int) -> None:
    with pytest.raises(InputError, match="working days"):
        CALENDAR.after(date(2026, 1, 5), days)


def test_all_faults_of_a_table_are_told_at_once() -> None:
    text = (HEAD + "more = 1\n" + YEAR + YEAR + "[other]\n").replace("2026-10-10", "2026-10-09", 1)
    with pytest.raises(ConfigError) as raised:
        parsed(text)

    for fault in ("unknown key more", "unknown section other", "Saturdays and Sundays"):
        assert fault in raised.value.en


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        (YEAR + YEAR, "a year stands twice"),
        (YEAR.replace("2026-10-02", "2026-10-01"), "a day stands twice"),
        (YEAR.replace("2026-10-02", "2025-10-02"), "outside its year"),
        (YEAR.replace("2026-10-02", '"x"'), "holidays has a wrong type"),
        ("years = 3", "list of tables"),
        ("[[years", "cannot be parsed"),
    ],
)
def test_a_wrong_table_is_refused(changed: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        parsed(changed + "\n" + HEAD if changed.startswith("years") else HEAD + changed)


def test_an_office_may_bring_its_own_table(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(HEAD + YEAR, "utf-8")

    assert load_calendar(file).after(date(2026, 9, 30), 1) == date(2026, 10, 5)
    assert load_calendar(None).digest == CALENDAR.digest
    with pytest.raises(ConfigError, match="cannot read"):
        load_calendar(tmp_path / "none.toml")


def test_counting_is_the_same_as_looking_at_every_day() -> None:
    first = date(2026, 1, 1)
    days = [first + timedelta(n) for n in range(1, 365)]

    assert CALENDAR.between(first, days[-1]) == sum(map(CALENDAR.is_working, days))
