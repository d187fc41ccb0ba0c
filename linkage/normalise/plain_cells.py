"""Compiled readers for the cells that most rows have: plain Chinese names, valid numbers, mobile numbers.

Each reads one column, joined with line feeds into one array of code points, and says of every row whether it took it.
What is not taken goes to the ordinary readers, cell by cell; a plain cell gives the same record in both.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from linkage.jit import cached_jit

HAN_FIRST: Final = 0x4E00
HAN_COUNT: Final = 0xA000 - HAN_FIRST
# What is known of a character, one bit each.
KNOWN, ODD, SURNAME, COMPOUND_FIRST, COMPOUND_SECOND, CLOSING = 1, 2, 4, 8, 16, 32
NAME_CHARS: Final = 3
NUMBER_CHARS: Final = 18
PHONE_CHARS: Final = 11
EMPTY, TAKEN, LEFT = 0, 1, 2
SEPARATOR: Final = "\n"
HOUSE_BYTES: Final = 32
UNIT = (ord("单"), ord("元"))  # A house word of two characters; neither is one alone.
PLACEHOLDER: Final = 19000101  # The day zero of spreadsheets is no birth.

_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], np.int64)
_CHECKS = np.frombuffer(b"10X98765432", np.uint8)
_MONTH_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)
Points = npt.NDArray[np.uint32]
Bytes = npt.NDArray[np.uint8]


def code_points(cells: list[str]) -> Points:
    """Return a column as one array of code points, a line feed after every cell; a line feed inside becomes NUL."""
    text = SEPARATOR.join(cells)
    if text.count(SEPARATOR) != len(cells) - 1:
        text = SEPARATOR.join([cell.replace(SEPARATOR, "\0") for cell in cells])
    return np.frombuffer((text + SEPARATOR).encode("utf-32-le", "surrogatepass"), np.uint32)


@cached_jit
def _cell_size(points: Points, start: int) -> Any:  # pragma: no cover - compiled
    end = start
    while points[end] != 10:
        end += 1
    return end - start


@cached_jit
def unknown_chars(points: Points, marks: Bytes) -> Any:  # pragma: no cover - compiled
    """Return the Chinese characters of a column whose mark is still 0, repeated ones repeated."""
    found = np.empty(len(points), np.uint32)
    count = 0
    for point in points:
        place = np.int64(point) - HAN_FIRST
        if 0 <= place < HAN_COUNT and marks[place] == 0:
            found[count] = point
            count += 1
    return found[:count]


@cached_jit
def _is_among(first: Any, second: Any, pairs: Any) -> bool:  # pragma: no cover - compiled
    found = False
    for pair in pairs:
        found |= pair == np.int64(first) << 16 | np.int64(second)
    return found


@cached_jit
def read_names(points: Points, marks: Bytes, folded: Points, compounds: Any, endings: Any, chars: Points) -> Any:
    """Fill chars (n, 3) with folded characters, 0 behind the last; return per row EMPTY, TAKEN or LEFT.

    Pairs of characters, the first times 65536: compounds are what a plain name, folded, does not start with, endings
    what it does not end in.
    """
    rows = len(chars)
    states = np.empty(rows, np.uint8)
    at = 0
    for row in range(rows):
        start, size = at, _cell_size(points, at)
        at += size + 1
        states[row] = EMPTY if size == 0 else LEFT
        if size < 2 or size > NAME_CHARS:
            continue
        good = True
        last = np.uint8(0)
        for i in range(size):
            place = np.int64(points[start + i]) - HAN_FIRST
            if place < 0 or place >= HAN_COUNT:
                good = False
                break
            mark = marks[place]
            if mark & ODD or (i == 0 and not mark & SURNAME):
                good = False
                break
            chars[row, i] = folded[place]
            if i == 1 and last & COMPOUND_FIRST and mark & COMPOUND_SECOND:
                good &= not _is_among(chars[row, 0], chars[row, 1], compounds)
            last = mark
        if good and last & CLOSING:
            good = not _is_among(points[at - 3], points[at - 2], endings)
        if good:
            states[row] = TAKEN
        else:
            for i in range(NAME_CHARS):
                chars[row, i] = 0
    return states


@cached_jit
def read_numbers(points: Points, provinces: Bytes, as_of: int, digits: Bytes) -> Any:  # pragma: no cover - compiled
    """Fill digits (n, 18) with valid citizen numbers; as_of is YYYYMMDD. Return per row EMPTY, TAKEN or LEFT."""
    rows = len(digits)
    states = np.empty(rows, np.uint8)
    at = 0
    for row in range(rows):
        start, size = at, _cell_size(points, at)
        at += size + 1
        states[row] = EMPTY if size == 0 else LEFT
        if size != NUMBER_CHARS:
            continue
        total = 0
        good = True
        for i in range(17):
            digit = np.int64(points[start + i]) - 48
            good = bool(good and 0 <= digit <= 9)
            total += digit * _WEIGHTS[i]
        if not good or points[start + 17] != _CHECKS[total % 11]:
            continue
        if not provinces[(points[start] - 48) * 10 + points[start + 1] - 48]:
            continue
        born = np.int64(0)
        for i in range(6, 14):
            born = born * 10 + np.int64(points[start + i]) - 48
        if not _is_day(born) or born > as_of:
            continue
        for i in range(NUMBER_CHARS):
            digits[row, i] = points[start + i]
        states[row] = TAKEN
    return states


@cached_jit
def _is_day(day: Any) -> bool:  # pragma: no cover - compiled
    """Tell whether YYYYMMDD is a day from 1900 on."""
    year, month, of_month = day // 10000, day // 100 % 100, day % 100
    if year < 1900 or month < 1 or month > 12 or of_month < 1:
        return False
    leap = month == 2 and (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    return bool(of_month <= _MONTH_DAYS[month - 1] + (1 if leap else 0))


@cached_jit
def read_births(points: Points, as_of: int, births: Any, days: Bytes) -> Any:  # pragma: no cover - compiled
    """Fill births (n, 4) with dates written YYYY-MM-DD, /, . or YYYYMMDD; return per row EMPTY, TAKEN or LEFT."""
    rows = len(days)
    states = np.empty(rows, np.uint8)
    at = 0
    for row in range(rows):
        start, size = at, _cell_size(points, at)
        at += size + 1
        states[row] = EMPTY if size == 0 else LEFT
        gap = 1 if size == 10 else 0
        if size - 2 * gap != 8:
            continue
        mark = points[start + 4]
        if gap and (mark != points[start + 7] or (mark != 45 and mark != 46 and mark != 47)):
            continue
        born = np.int64(0)
        good = True
        for i in range(8):
            digit = np.int64(points[start + i + (gap if i > 3 else 0) + (gap if i > 5 else 0)]) - 48
            good = bool(good and 0 <= digit <= 9)
            born = born * 10 + digit
        if not good or not _is_day(born) or born > as_of or born == PLACEHOLDER:
            continue
        births[row, 0] = births[row, 1] = born // 10000
        births[row, 2] = born // 100 % 100
        births[row, 3] = born % 100
        days[row] = 1
        states[row] = TAKEN
    return states


@cached_jit
def read_phones(points: Points, phones: Bytes) -> Any:  # pragma: no cover - compiled
    """Fill phones (n, 11) with mobile numbers written as eleven digits; return per row EMPTY, TAKEN or LEFT."""
    rows = len(phones)
    states = np.empty(rows, np.uint8)
    at = 0
    for row in range(rows):
        start, size = at, _cell_size(points, at)
        at += size + 1
        states[row] = EMPTY if size == 0 else LEFT
        if size != PHONE_CHARS or points[start] != 49:
            continue
        good = True
        for i in range(PHONE_CHARS):
            good &= 48 <= points[start + i] <= 57
        if good:
            for i in range(PHONE_CHARS):
                phones[row, i] = points[start + i]
            states[row] = TAKEN
    return states


@cached_jit
def _read_house(points: Points, at: int, words: Points, house: Bytes) -> tuple[int, int]:  # pragma: no cover - compiled
    """Write the numbers of a house joined by hyphens, without leading zeros; return where it ends and their size.

    Size 0: something else than digits, hyphens, words and 单元 stood there, or too much.
    """
    size, in_number, good = 0, False, True
    while points[at] != 10:
        point = points[at]
        if 48 <= point <= 57 and size > HOUSE_BYTES - 2:
            good = False
        elif 48 <= point <= 57:
            if not in_number and size:
                house[size] = 45
                size += 1
            if in_number and house[size - 1] == 48 and (size == 1 or house[size - 2] == 45):
                size -= 1  # A leading zero gives way to the next digit.
            house[size] = point
            size += 1
            in_number = True
        else:
            in_number = False
            fits = point == 45
            for word in words:
                fits |= point == word
            if point == UNIT[0] and points[at + 1] == UNIT[1]:
                fits = True
                at += 1
            good &= fits
        at += 1
    return at, size if good else 0


@cached_jit
def read_addresses(points: Points, words: Points, bounds: Any, houses: Bytes, sizes: Bytes) -> None:  # pragma: no cover
    """Split the cells that are Chinese characters and then a house: bounds (n, 2) are start and end of the head.

    The house goes to houses (n, HOUSE_BYTES), its size to sizes (n,); other cells have size 0.
    """
    at = 0
    for row in range(len(bounds)):
        bounds[row, 0] = at
        while HAN_FIRST <= points[at] < HAN_FIRST + HAN_COUNT:
            at += 1
        bounds[row, 1] = at
        split = at > bounds[row, 0] and 48 <= points[at] <= 57
        at, size = _read_house(points, at, words, houses[row])
        sizes[row] = size if split else 0
        at += 1


@cached_jit
def weigh_numbers(digits: Bytes, states: Bytes, births: Any, days: Bytes, sexes: Bytes) -> None:  # pragma: no cover
    """Let valid numbers that agree with what is stated replace birth and sex; mark the others LEFT.

    births (n, 4) int16 are low year, high year, month, day as stated, 0 where unknown; days tells a full date.
    """
    for row in range(len(states)):
        if states[row] != TAKEN:
            continue
        year = month = day = 0
        for i in range(6, 10):
            year = year * 10 + digits[row, i] - 48
        for i in range(10, 12):
            month = month * 10 + digits[row, i] - 48
        for i in range(12, 14):
            day = day * 10 + digits[row, i] - 48
        low, high = births[row, 0], births[row, 1]
        fits = low <= year <= high and births[row, 2] in (0, month) and births[row, 3] in (0, day)
        if low != 0 and not fits:
            states[row] = LEFT
            for i in range(NUMBER_CHARS):
                digits[row, i] = 0
            continue
        births[row, 0] = births[row, 1] = year
        births[row, 2] = month
        births[row, 3] = day
        days[row] = 1
        sexes[row] = 1 if digits[row, 16] % 2 else 2
