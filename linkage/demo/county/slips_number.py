"""Damage a citizen number the way clerks, spreadsheets and readers do. Every draw comes from `rng`."""

from __future__ import annotations

import random

_NEAR_DIGIT = {
    "0": "689",
    "1": "47",
    "2": "7",
    "3": "85",
    "4": "19",
    "5": "36",
    "6": "508",
    "7": "12",
    "8": "306",
    "9": "04",
}
_FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


def fifteen(number: str) -> str:
    """Return the 15-digit form: no century, no check digit."""
    return number[:6] + number[8:17]


def one_wrong(rng: random.Random, number: str) -> str:
    """Return the number with one slip: a digit replaced, two neighbours swapped, one lost or one doubled."""
    draw, place = rng.random(), rng.randrange(len(number) - 1)
    if draw < 0.62:
        return _replaced(rng, number, place)
    if draw < 0.90:
        for _ in range(8):
            if number[place] != number[place + 1]:
                return number[:place] + number[place + 1] + number[place] + number[place + 2 :]
            place = rng.randrange(len(number) - 1)
        return _replaced(rng, number, place)
    if draw < 0.96:
        return number[:place] + number[place + 1 :]
    return number[:place] + number[place] + number[place:]


def several_wrong(rng: random.Random, number: str) -> str:
    """Return the number with two to five digits replaced."""
    for place in rng.sample(range(len(number) - 1), rng.randrange(2, 6)):
        number = _replaced(rng, number, place)
    return number


def _replaced(rng: random.Random, number: str, place: int) -> str:
    right = number[place]
    near = _NEAR_DIGIT.get(right, "0123456789") if rng.random() < 0.55 else "0123456789"
    wrong = rng.choice([digit for digit in near if digit != right])
    return number[:place] + wrong + number[place + 1 :]


def spreadsheet(rng: random.Random, number: str) -> str:
    """Return what a spreadsheet leaves of a number: fifteen digits and zeros, or scientific notation."""
    if rng.random() < 0.6 or not number[:15].isdigit():
        return number[:15] + "0" * (len(number) - 15)
    digits = rng.choice((2, 2, 5))
    return f"{float(number[:15] + '000'):.{digits}E}"


def masked(rng: random.Random, number: str) -> str:
    """Return the number with stars over its birth date or more."""
    draw = rng.random()
    if draw < 0.55:
        first, last = 6, 4
    elif draw < 0.75:
        first, last = 3, 4
    elif draw < 0.9:
        first, last = 10, 4
    else:
        first, last = 14, 0
    hidden = len(number) - first - last
    star = rng.choice("***×")
    return number[:first] + star * hidden + (number[-last:] if last else "")


def other_form(rng: random.Random, number: str) -> str:
    """Return the right number in a wrong form: last letter, full width, spaces, a leading quote, hyphens."""
    if number.endswith("X") and rng.random() < 0.8:
        return number[:-1] + rng.choice(("x", "x", "×", "Х", "*", "х"))
    draw = rng.random()
    if draw < 0.3:
        return number.translate(_FULL_WIDTH)
    if draw < 0.5:
        return f"{number[:6]} {number[6:14]} {number[14:]}"
    if draw < 0.7:
        return "'" + number
    if draw < 0.85:
        return number + rng.choice((" ", "\u3000", "  "))
    if draw < 0.93:
        return f"{number[:6]}-{number[6:14]}-{number[14:]}"
    return "ID:" + number
