"""Test citizen numbers: check digit, date, province digits (domain C1 D4, B2; GB 11643-1999, ISO 7064 MOD 11-2)."""

from __future__ import annotations

from datetime import date
from operator import mul

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ZEROS = 48 * sum(_WEIGHTS)  # The ASCII code of "0" in every place.
_CHECKS = "10X98765432"
_EARLIEST = date(1900, 1, 1)
# Provinces, Taiwan as 71, residents of Hong Kong, Macao and Taiwan 81-83, foreigners 9x. County digits are not tested:
# codes change and are reused, and a table of them rejects genuine numbers.
_PROVINCES = frozenset(
    str(code)
    for span in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83), (90, 99))
    for code in range(span[0], span[1] + 1)
)


def check_character(first17: str) -> str:
    """Return the 18th character for 17 digits."""
    return _CHECKS[(sum(map(mul, first17.encode(), _WEIGHTS)) - _ZEROS) % 11]


def has_form(number: str) -> bool:
    """Tell whether a text is 17 ASCII digits followed by a digit or X."""
    return (
        len(number) == 18 and number.isascii() and number[:17].isdigit() and (number[17].isdigit() or number[17] == "X")
    )


def has_check(number: str) -> bool:
    """Tell whether an 18-character number carries its own check character."""
    return has_form(number) and check_character(number[:17]) == number[17]


def real_date(yyyymmdd: str, as_of: date) -> date | None:
    """Return the date of eight digits if it exists and lies in 1900-01-01..as_of, else None."""
    if len(yyyymmdd) != 8 or not (yyyymmdd.isascii() and yyyymmdd.isdigit()):
        return None
    try:
        found = date(int(yyyymmdd[:4]), int(yyyymmdd[4:6]), int(yyyymmdd[6:]))
    except ValueError:
        return None
    return found if _EARLIEST <= found <= as_of else None


def has_province(number: str) -> bool:
    """Tell whether the first two digits name a province or a class of residents."""
    return number[:2] in _PROVINCES


def is_valid(number: str, as_of: date) -> bool:
    """Tell whether an 18-character number passes form, province, date and check (D4)."""
    return has_check(number) and has_province(number) and real_date(number[6:14], as_of) is not None


def upgrade(fifteen: str) -> str:
    """Return the 18-character form of a 15-digit number: century 19, check added (D5). Wrong for births before 1900."""
    first17 = f"{fifteen[:6]}19{fifteen[6:]}"
    return first17 + check_character(first17)


def birth_of(number: str, as_of: date) -> date | None:
    """Return the birth date inside an 18-character number, or None."""
    return real_date(number[6:14], as_of)


def sex_of(digits: str) -> str:
    """Return "1" or "2" from the 17th character of an 18-character number, "" if it is unknown."""
    if len(digits) != 18 or not digits[16].isdigit():
        return ""
    return "1" if int(digits[16]) % 2 else "2"
