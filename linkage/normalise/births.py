"""Read birth dates and ages as offices write them, and weigh them against the number (domain C1, D4)."""

from __future__ import annotations

import re
from datetime import date, timedelta

from linkage.normalise.characters import clean_cell
from linkage.normalise.numerals import arabic
from linkage.normalise.person import Birth, BirthPrecision, BirthSource

_SERIAL_ZERO = date(1899, 12, 30)
_PLACEHOLDERS = frozenset({date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1)})
_PLAIN = re.compile(r"[0-9]{4}([./-])[0-9]{2}\1[0-9]{2}")
_TIME = re.compile(r"[T ]\d{1,2}:\d{1,2}(:\d{1,2}(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$")
_PARTS = re.compile(r"^(\d{4})\s*[年./\- ](?:\s*(\d{1,2})\s*(?:[月./\- ]\s*(?:(\d{1,2})\s*[日号]?)?|$))?$")
_US_PARTS = re.compile(r"^(\d{1,2})[/\-.](\d{1,2})[/\-.](\d{4})$")
_SHORT_YEAR = re.compile(r"^(\d{2})[年./\-](\d{1,2})[月./\-](\d{1,2})日?$")
_AGE = re.compile(r"(\d{1,3})(?:\.\d+)?(?:周?岁|$|\D)")
_MONTHS_OLD = re.compile(r"^\D*\d{1,2}个?(?:多?月|天|日)大?$")
_OLDEST = 125
_LUNAR_DAYS = (13, 56)  # A lunar date read as a solar one lies this many days before the true date.


def from_date(found: date, source: BirthSource) -> Birth:
    """Return a birth known to the day."""
    return Birth(found.year, found.year, found.month, found.day, BirthPrecision.DAY, source)


def read_birth(cell: str, *, as_of: date, age_on: date | None = None) -> Birth:
    """Read a birth cell: date in any common form, year and month, year, spreadsheet serial, or an age.

    Impossible days keep the month, impossible months the year; dates after as_of and placeholders give NONE.
    A date marked lunar (农历, 阴历) keeps its year only.
    """
    if _PLAIN.fullmatch(cell):
        return _checked(int(cell[:4]), int(cell[5:7]), int(cell[8:]), as_of=as_of)
    text = arabic(clean_cell(cell))
    if not text:
        return Birth()
    if "岁" in text:
        return read_age(text, on=age_on or as_of)
    lunar = "农历" in text or "阴历" in text
    text = _TIME.sub("", re.sub(r"农历|阴历|公历|阳历|出生|生于|[()约]|生$", "", text).strip()).strip()
    year, month, day = _split_date(re.sub(r"\.0+$", "", text), as_of)
    return _checked(year, 0 if lunar else month, 0 if lunar else day, as_of=as_of)


def _split_date(text: str, as_of: date) -> tuple[int, int, int]:
    """Return year, month, day, 0 for parts not written."""
    if text.isascii() and text.isdigit():
        return _split_digits(text, as_of)
    if found := _PARTS.match(text):
        return int(found[1]), int(found[2] or 0), int(found[3] or 0)
    if found := _US_PARTS.match(text):
        first, second = int(found[1]), int(found[2])
        month, day = (second, first) if first > 12 else (first, second)
        return int(found[3]), month, day
    if (found := _SHORT_YEAR.match(text)) and int(found[1]) > as_of.year % 100:
        return 1900 + int(found[1]), int(found[2]), int(found[3])
    return 0, 0, 0


def _split_digits(text: str, as_of: date) -> tuple[int, int, int]:
    if len(text) in (8, 14):
        return int(text[:4]), int(text[4:6]), int(text[6:8])
    if len(text) == 5:
        found = _SERIAL_ZERO + timedelta(days=int(text))
        return found.year, found.month, found.day
    if len(text) == 6 and 1900 <= int(text[:4]) <= as_of.year and int(text[4:]) <= 12:
        return int(text[:4]), int(text[4:]), 0
    if len(text) == 6 and int(text[:2]) > as_of.year % 100:
        return 1900 + int(text[:2]), int(text[2:4]), int(text[4:])
    return (int(text), 0, 0) if len(text) == 4 else (0, 0, 0)


def _checked(year: int, month: int, day: int, *, as_of: date) -> Birth:
    """Keep the parts that can be true."""
    if not 1900 <= year <= as_of.year or (month <= 12 and (year, month) > (as_of.year, as_of.month)):
        return Birth()
    if not 1 <= month <= 12:
        return Birth(year, year, 0, 0, BirthPrecision.YEAR, BirthSource.STATED)
    try:
        found = date(year, month, day)
    except ValueError:
        return Birth(year, year, month, 0, BirthPrecision.MONTH, BirthSource.STATED)
    if found > as_of or found in _PLACEHOLDERS:
        return Birth()
    return from_date(found, BirthSource.STATED)


def read_age(cell: str, *, on: date) -> Birth:
    """Read an age cell into the years of birth it allows, as of the day `on`.

    45周岁 and 虚岁46 both give on.year-46..on.year-45. A plain 45 may be either count: on.year-46..on.year-44. An age
    in months or days gives the last two years; 约 and 左右 add a year on both sides, 余 and 多 nine years before.
    """
    text = arabic(clean_cell(cell)).replace(" ", "")
    if not text or text.startswith("-"):
        return Birth()
    if _MONTHS_OLD.match(text):
        return _range(on.year - 1, on.year)
    found = _AGE.search(text)
    if found is None or not (age := int(found[1])) <= _OLDEST:
        return Birth()
    low, high = on.year - age - 1, on.year - age + 1
    if "虚" in text or "毛岁" in text:
        low += 1
    elif "周" in text or "足" in text:
        high -= 1
    vague = 1 if "约" in text or "左右" in text else 0
    low -= 9 if "余" in text or "多岁" in text else vague
    return _range(low, high + vague)


def _range(low: int, high: int) -> Birth:
    return Birth(low, high, 0, 0, BirthPrecision.RANGE, BirthSource.AGE)


def agrees(stated: Birth, found: date | None) -> bool:
    """Tell whether a date fits a stated birth in every part that is known."""
    if found is None:
        return False
    return stated.precision is BirthPrecision.NONE or (
        stated.year_low <= found.year <= stated.year_high
        and stated.month in (0, found.month)
        and stated.day in (0, found.day)
    )


def is_relatives(own: date, stated: Birth, *, sexes_differ: bool) -> bool:
    """Tell whether a valid number's birth `own` shows that the number is another person's (usually a relative's).

    Against a full stated date: (a) the sexes differ and any part of the date differs; (b) the years are more than two
    apart and month or day differ too; (c) all three parts differ by more than a lunar date explains (13-56 days).
    One wrong part, day and month swapped, or a lunar date is a slip, and the number's date then wins.
    Against a year, or year and month: more than two years apart (and another month), or any difference together with
    another sex. Against an age: more than three years outside the range, or outside at all together with another sex.
    Nothing stated is no evidence; a differing sex alone is a slip.
    """
    if stated.precision is BirthPrecision.NONE or agrees(stated, own):
        return False
    if sexes_differ:
        return True
    if stated.precision is BirthPrecision.RANGE:
        return not stated.year_low - 3 <= own.year <= stated.year_high + 3
    years = abs(own.year - stated.year_low)
    if stated.precision is BirthPrecision.YEAR:
        return years > 2
    if stated.precision is BirthPrecision.MONTH:
        return years > 2 and own.month != stated.month
    day = date(stated.year_low, stated.month, stated.day)
    if years > 2:
        return (own.month, own.day) != (day.month, day.day)
    lunar = _LUNAR_DAYS[0] <= (own - day).days <= _LUNAR_DAYS[1]
    return years > 0 and own.month != day.month and own.day != day.day and not lunar
