"""What the compiled hashing of a chunk needs, as arrays: bytes of parts, numbers of grams, flags.

The compiled functions state the rules of parts.py once more, column by column, for rows whose name is ordinary; other
names come with parts and grams that parts.py itself listed (vocabulary.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from linkage.encode.parts import MAX_YEARS
from linkage.jit import cached_jit
from linkage.normalise.plain_cells import HOUSE_BYTES

PARTS: Final = (
    "number", "name", "sound", "surname", "birth", "year_1", "year_2", "year_3", "sex", "village", "house", "phone",
    "last4", "digits14", "unrounded", "context",
)  # fmt: skip
NUMBER, NAME, SOUND, SURNAME, BIRTH, YEAR, SEX, VILLAGE, HOUSE, PHONE, LAST4, DIGITS14, UNROUNDED, CONTEXT = (
    0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15,
)  # fmt: skip
FLAGS: Final = ("name", "birth_day", "birth_year", "number", "number_part", "sex", "village", "house", "phone")

# Columns of the table of characters: numbers of grams (-1 none), and where folded syllables lie in the arena.
GIVEN, TONE, SHAPE, SAID, SAID_SIZE = 0, 1, 2, 3, 4
AS_SURNAME, SURNAME_TONE, SURNAME_SAID, SURNAME_SAID_SIZE = 5, 6, 7, 8
MOST_READINGS: Final = 2  # Of a character, by the tables of readings.
SURNAME_SOUND, SOUND_2, SOUND_3, CHAR_COLUMNS = 9, 11, 13, 15

# A row's columns of grams: five for each character of a name, then those of the other fields.
CHAR_GRAMS: Final = 3 + MOST_READINGS
NAME_GRAMS, YEAR_GRAM, NEAR_GRAMS, MONTH_GRAM, DAY_GRAM, DIGIT_GRAMS = 0, 15, 16, 20, 21, 22
REGION_GRAM, SEX_GRAM, VILLAGE_GRAM, TOWN_GRAM, GRAMS = 26, 27, 28, 29, 30

# A row's own bytes, one after the other; a folded syllable with its blank has at most eight.
AT_DIGITS, AT_NAME, AT_SOUND, AT_BIRTH, AT_YEARS, AT_SEX, AT_PHONE, AT_HOUSE = 0, 18, 27, 51, 59, 71, 72, 83
ROW_BYTES: Final = AT_HOUSE + HOUSE_BYTES
MOST_SOUND_BYTES: Final = 8
YEAR_ZERO: Final = 200  # Ages reach back before a date's first year.
YEARS: Final = YEAR_ZERO + 10_000
UNKNOWN_DIGIT, X_DIGIT = 63, 88
Ints = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, repr=False)
class Listed:
    """Names that are not ordinary, by index: parts (k, 6) start and size of name, sound, surname · whole (k,) ·
    gram_ends (k + 1,) in grams · bigram_ends (k + 1,) in bigrams (b, 2): start and size.
    """

    parts: Ints
    whole: Bytes
    gram_ends: Ints
    grams: Ints
    bigram_ends: Ints
    bigrams: Ints


@dataclass(frozen=True, slots=True, repr=False)
class Material:
    """n rows ready to be hashed.

    starts, sizes (n, parts): each part's bytes in arena, size 0 = absent · grams (n, GRAMS): rows of `table`, -1 none ·
    names (n,): index in `listed`, -1 for ordinary names · flags (n, 9) in the order of FLAGS.
    """

    arena: Bytes
    starts: Ints
    sizes: Ints
    grams: Ints
    names: Ints
    listed: Listed
    flags: npt.NDArray[np.bool_]
    table: npt.NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"Material(rows={len(self)})"


@cached_jit
def _put(arena: Bytes, at: Any, value: Any, width: Any) -> None:  # pragma: no cover - compiled
    """Write a number as decimal digits, with leading zeros."""
    for i in range(width - 1, -1, -1):
        arena[at + i] = 48 + value % 10
        value //= 10


@cached_jit
def fill_births(
    births: Any, days: Bytes, base: int, years: Ints, near_years: Ints, arena: Bytes, starts: Ints, sizes: Ints,
    grams: Ints,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """Write birth and years; number year and neighbours, or a range of years. births (n, 4), 0 = unknown."""
    for row in range(len(births)):
        low, high = np.int64(births[row, 0]), np.int64(births[row, 1])
        own = base + row * ROW_BYTES
        if days[row]:
            _put(arena, own + AT_BIRTH, low * 10000 + births[row, 2] * 100 + births[row, 3], 8)
            starts[row, BIRTH] = own + AT_BIRTH
            sizes[row, BIRTH] = 8
        if low == 0:
            continue
        if high - low < MAX_YEARS:
            for i in range(high - low + 1):
                _put(arena, own + AT_YEARS + 4 * i, low + i, 4)
                starts[row, YEAR + i] = own + AT_YEARS + 4 * i
                sizes[row, YEAR + i] = 4
        if low == high:
            grams[row, YEAR_GRAM] = years[low + YEAR_ZERO]
            low, high = low - 1, low + 1
        for i in range(min(high, low + 3) - low + 1):
            grams[row, NEAR_GRAMS + i] = near_years[low + i + YEAR_ZERO]


@cached_jit
def fill_numbers(
    digits: Bytes, exact: Any, base: int, last_digits: Ints, arena: Bytes, starts: Ints, sizes: Ints, grams: Ints
) -> None:  # pragma: no cover - compiled
    """Write number, its parts and unrounded; number the last four digits. last_digits (4, 11): place, value, 10 = X."""
    for row in range(len(digits)):
        if digits[row, 0] == 0:
            continue
        own = base + row * ROW_BYTES + AT_DIGITS
        first = last = True
        rounded = digits[row, 15] == 48 and digits[row, 16] == 48 and digits[row, 17] == 48
        for i in range(18):
            digit = np.int64(digits[row, i])
            arena[own + i] = digit
            if i < 14:
                first &= digit != UNKNOWN_DIGIT
            elif digit == UNKNOWN_DIGIT:
                last = False
            else:
                grams[row, DIGIT_GRAMS + i - 14] = last_digits[i - 14, 10 if digit == X_DIGIT else digit - 48]
        for part, there, start, size in (
            (NUMBER, exact[row], 0, 18), (LAST4, last, 14, 4), (DIGITS14, first, 0, 14),
            (UNROUNDED, exact[row] and not rounded, 0, 18),
        ):  # fmt: skip
            if there:
                starts[row, part] = own + start
                sizes[row, part] = size


@cached_jit
def fill_names(
    chars: Any, names: Ints, table: Ints, listed: Ints, base: int, arena: Bytes, starts: Ints, sizes: Ints, grams: Ints
) -> None:  # pragma: no cover - compiled
    """Write name, sound and surname; number surname, given characters, sounds by place, tones and shapes."""
    for row in range(len(names)):
        if names[row] >= 0:
            for i in range(3):
                starts[row, NAME + i] = listed[names[row], 2 * i]
                sizes[row, NAME + i] = listed[names[row], 2 * i + 1]
            continue
        own = base + row * ROW_BYTES
        name, said = own + AT_NAME, own + AT_SOUND
        heard = True
        for i in range(3):
            point = np.int64(chars[row, i])
            if point == 0:
                break
            arena[name] = 0xE0 | point >> 12
            arena[name + 1] = 0x80 | (point >> 6 & 0x3F)
            arena[name + 2] = 0x80 | (point & 0x3F)
            name += 3
            place = point - 0x4E00
            role = AS_SURNAME if i == 0 else GIVEN
            column = NAME_GRAMS + i * CHAR_GRAMS
            grams[row, column] = table[place, role]
            grams[row, column + 1] = table[place, SURNAME_TONE if i == 0 else TONE]
            grams[row, column + 2] = table[place, SHAPE]
            for j in range(MOST_READINGS):
                grams[row, column + 3 + j] = table[place, SURNAME_SOUND + i * MOST_READINGS + j]
            start = table[place, SURNAME_SAID if i == 0 else SAID]
            size = table[place, SURNAME_SAID_SIZE if i == 0 else SAID_SIZE]
            heard &= size > 0
            for j in range(size):
                arena[said + j] = arena[start + j]
            said += size
        starts[row, NAME] = starts[row, SURNAME] = own + AT_NAME
        sizes[row, NAME] = name - own - AT_NAME
        sizes[row, SURNAME] = 3
        if heard:
            starts[row, SOUND] = own + AT_SOUND
            sizes[row, SOUND] = said - own - AT_SOUND


@cached_jit
def fill_small(
    sexes: Bytes, phones: Bytes, village: Ints, house: Ints, houses: Bytes, house_sizes: Bytes, texts: Ints, base: int,
    arena: Bytes, starts: Ints, sizes: Ints,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """Write sex, phone, village and house; texts (k, 2) are starts and sizes."""
    for row in range(len(sexes)):
        own = base + row * ROW_BYTES
        if sexes[row]:
            arena[own + AT_SEX] = 48 + sexes[row]
            starts[row, SEX] = own + AT_SEX
            sizes[row, SEX] = 1
        if phones[row, 0]:
            for i in range(11):
                arena[own + AT_PHONE + i] = phones[row, i]
            starts[row, PHONE] = own + AT_PHONE
            sizes[row, PHONE] = 11
        starts[row, VILLAGE], starts[row, HOUSE] = texts[village[row], 0], texts[house[row], 0]
        sizes[row, VILLAGE], sizes[row, HOUSE] = texts[village[row], 1], texts[house[row], 1]
        if house_sizes[row]:
            for i in range(house_sizes[row]):
                arena[own + AT_HOUSE + i] = houses[row, i]
            starts[row, HOUSE] = own + AT_HOUSE
            sizes[row, HOUSE] = house_sizes[row]
