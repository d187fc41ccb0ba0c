"""Birth dates and ages in every form, and the rule for a relative's number."""

from __future__ import annotations

from datetime import date

import pytest

from linkage.normalise import Birth, BirthPrecision
from linkage.normalise.births import is_relatives, read_age, read_birth
from linkage.normalise.numerals import arabic

AS_OF = date(2026, 10, 31)


@pytest.mark.parametrize(
    "cell",
    [
        "1990-01-05",
        "19900105",
        "1990.1.5",
        "1990/1/5",
        "1990/01/05",
        "1990年1月5日",
        "1990年01月05日生",
        "1990-01-05 00:00:00",
        "1990-01-05T00:00:00",
        "19900105000000",
        "１９９０－０１－０５",
        "一九九〇年一月五日",
        "32878",
        "32878.0",
        "900105",
        "90.1.5",
        "1/5/1990",
        " 1990-1-5\u3000",
        "公历1990年1月5日",
    ],
)
def test_every_way_of_writing_a_day(cell: str) -> None:
    assert read_birth(cell, as_of=AS_OF).compact() == "19900105"


@pytest.mark.parametrize(
    ("cell", "parts", "precision"),
    [
        ("1990-07", (1990, 7), BirthPrecision.MONTH),
        ("1990年7月", (1990, 7), BirthPrecision.MONTH),
        ("199007", (1990, 7), BirthPrecision.MONTH),
        ("1990.7", (1990, 7), BirthPrecision.MONTH),
        ("1990-02-30", (1990, 2), BirthPrecision.MONTH),
        ("1990-07-00", (1990, 7), BirthPrecision.MONTH),
        ("1990", (1990, 0), BirthPrecision.YEAR),
        ("1990年", (1990, 0), BirthPrecision.YEAR),
        ("1990-13-05", (1990, 0), BirthPrecision.YEAR),
        ("农历1950年3月5日", (1950, 0), BirthPrecision.YEAR),
    ],
)
def test_less_than_a_day_keeps_what_is_sure(cell: str, parts: tuple[int, int], precision: BirthPrecision) -> None:
    found = read_birth(cell, as_of=AS_OF)
    assert (found.year_low, found.month, found.day, found.precision) == (*parts, 0, precision)
    assert found.compact() == ""


@pytest.mark.parametrize(
    "cell",
    ["", "不详", "1900-01-01", "2027-01-01", "2026-11-01", "0", "99999999", "05.1.5", "1899-12-30", "/", "1234567"],
)
def test_impossible_or_ambiguous_births_give_nothing(cell: str) -> None:
    assert read_birth(cell, as_of=AS_OF) == Birth()


@pytest.mark.parametrize(
    ("cell", "years"),
    [
        ("45周岁", (1980, 1981)),
        ("虚岁46", (1980, 1981)),
        ("45", (1980, 1982)),
        ("45岁", (1980, 1982)),
        ("45.0", (1980, 1982)),
        ("四十五岁", (1980, 1982)),
        ("年仅6岁", (2019, 2021)),
        ("约40岁", (1984, 1988)),
        ("40余岁", (1976, 1987)),
        ("8个月", (2025, 2026)),
        ("0", (2025, 2027)),
    ],
)
def test_an_age_gives_a_range_of_years(cell: str, years: tuple[int, int]) -> None:
    found = read_age(cell, on=AS_OF)
    assert (found.year_low, found.year_high, found.precision) == (*years, BirthPrecision.RANGE)


@pytest.mark.parametrize("cell", ["", "-5", "200", "不详", "abc"])
def test_what_is_no_age_gives_nothing(cell: str) -> None:
    assert read_age(cell, on=AS_OF) == Birth()


def test_an_age_in_the_birth_cell_counts_from_its_own_day() -> None:
    found = read_birth("20岁", as_of=AS_OF, age_on=date(2020, 5, 1))
    assert (found.year_low, found.year_high) == (1999, 2001)


@pytest.mark.parametrize(
    ("own", "stated", "sexes_differ", "expected"),
    [
        ("1980-05-07", "1980-05-07", False, False),
        ("1980-05-07", "1980-05-07", True, False),  # A sex typed wrong.
        ("1980-05-07", "", True, False),
        ("1980-05-07", "1980-05-17", False, False),  # One part wrong.
        ("1980-05-07", "1990-05-07", False, False),
        ("1980-05-07", "1980-07-05", False, False),  # Day and month swapped.
        ("1980-02-10", "1979-12-24", False, False),  # A lunar date.
        ("1980-05-07", "1980-05-17", True, True),
        ("1980-05-07", "2004-11-20", False, True),
        ("1980-05-07", "1981-11-20", False, True),  # A brother's, all three parts differ.
        ("1980-05-07", "1990", False, True),
        ("1980-05-07", "1982", False, False),
        ("1980-05-07", "1990-05", False, False),
        ("1980-05-07", "1990-06", False, True),
        ("1980-05-07", "45岁", False, False),
        ("1980-05-07", "43岁", False, False),
        ("1980-05-07", "40岁", False, True),
        ("1980-05-07", "20岁", False, True),
        ("1980-05-07", "44周岁", True, True),
    ],
)
def test_a_number_is_a_relatives_only_on_strong_evidence(
    own: str, stated: str, sexes_differ: bool, expected: bool
) -> None:
    told = read_birth(stated, as_of=AS_OF)
    assert is_relatives(date.fromisoformat(own), told, sexes_differ=sexes_differ) is expected


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("一九九〇", "1990"),
        ("四十五", "45"),
        ("十", "10"),
        ("廿三", "23"),
        ("一百零五", "105"),
        ("十四组", "14组"),
        ("14", "14"),
    ],
)
def test_chinese_numerals_become_digits(text: str, digits: str) -> None:
    assert arabic(text) == digits
