"""Make citizen numbers, certificate numbers and telephone numbers that belong to nobody.

City digits of a prefix are 70 to 89, which no county has; the telephone segment 1410 is not given to people.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_PROVINCES = (
    "11",
    "13",
    "14",
    "21",
    "32",
    "33",
    "34",
    "35",
    "37",
    "41",
    "42",
    "43",
    "44",
    "45",
    "51",
    "52",
    "53",
    "61",
)
_NEAR = ("36",) * 12

EARLY_PREFIX = "367121"
PRESENT_PREFIX = "367523"
LOST_PREFIX = "367822"


def check_digit(first17: str) -> str:
    """Return the check digit of 17 digits (ISO 7064 MOD 11-2, as GB 11643 uses it)."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True)) % 11]


def is_local(prefix: str, born: date) -> bool:
    """Tell whether a prefix was this county's when somebody born then was registered."""
    return prefix in (EARLY_PREFIX, PRESENT_PREFIX) or (prefix == LOST_PREFIX and born.year < 1981)


@dataclass(slots=True)
class NumberOffice:
    """Give each person a number not given before; draws from `rng`."""

    rng: random.Random
    given: set[str] = field(default_factory=set)

    def issue(self, prefix: str, born: date, male: bool) -> str:
        """Return an 18-character number: prefix, birth date, order digits whose last tells the sex, check digit."""
        while True:
            order = self.rng.randrange(0, 500) * 2 + int(male)
            stem = f"{prefix}{born:%Y%m%d}{order:03d}"
            number = stem + check_digit(stem)
            if number not in self.given:
                self.given.add(number)
                return number

    def local_prefix(self, born: date) -> str:
        """Return the county's prefix valid when the number was first issued, not at birth."""
        draw = self.rng.random()
        if born.year >= 1993:
            return PRESENT_PREFIX
        if born.year < 1963 and draw < 0.02:
            return LOST_PREFIX
        late = 0.16 if born.year >= 1976 else 0.03
        return PRESENT_PREFIX if draw > 1 - late else EARLY_PREFIX

    def other_prefix(self, born: date) -> str:
        """Return the prefix of another place; a few got this county's old prefix after it was reassigned."""
        draw = self.rng.random()
        if born.year >= 1990 and draw < 0.01:
            return LOST_PREFIX
        if draw > 0.996:
            return self.rng.choice(("810000", "820000", "830000"))
        while True:
            province = self.rng.choice(_NEAR + _PROVINCES)
            prefix = f"{province}{self.rng.randrange(70, 90)}{self.rng.randrange(21, 31)}"
            if prefix not in (EARLY_PREFIX, PRESENT_PREFIX, LOST_PREFIX):
                return prefix

    def western_prefix(self) -> str:
        """Return a prefix for bearers of dotted names."""
        return f"65{self.rng.randrange(70, 90)}{self.rng.randrange(21, 31)}"


def phone(rng: random.Random) -> str:
    """Return an 11-digit number of a segment not given to people."""
    return f"1410{rng.randrange(10_000_000):07d}"


def certificate(number: str, category: int, grade: int) -> str:
    """Return the 20-digit disability certificate number: citizen number, category digit, grade digit."""
    return f"{number}{category}{grade}"


def foreign_resident(rng: random.Random, born: date, male: bool) -> str:
    """Return an 18-character number of a permanent foreign resident, which starts with 9."""
    stem = (
        f"9{rng.randrange(11, 66):02d}{rng.randrange(100, 900)}{born:%Y%m%d}{rng.randrange(0, 500) * 2 + int(male):03d}"
    )
    return stem + check_digit(stem)
