"""Latin records: nine cells of a person, folded to small letters and digits (normalisation "latin-1").

Accents, case, blanks and punctuation go; letters of other scripts go too, so a cell without Latin letters or digits is
a missing one. Dates written with separators become YYYYMMDD; impossible ones stay, for a typing error is no reason to
drop a date.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

# Letters that do not come apart into a letter and an accent.
LETTERS: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
OTHER: Final = re.compile(r"[^a-z0-9]+")
GAP: Final = "[^A-Za-z0-9]"
YEAR_FIRST: Final = re.compile(rf"{GAP}*([0-9]{{4}}){GAP}+([0-9]{{1,2}}){GAP}+([0-9]{{1,2}}){GAP}*")
YEAR_LAST: Final = re.compile(rf"{GAP}*([0-9]{{1,2}}){GAP}+([0-9]{{1,2}}){GAP}+([0-9]{{4}}){GAP}*")
SOUNDS: Final = {c: d for d, letters in enumerate(("bfpv", "cgjkqsxz", "dt", "l", "mn", "r"), 1) for c in letters}
SOUND_DIGITS: Final = 3


class LatinRow(NamedTuple):
    """Hold one person's cells, "" where absent. A tuple, so that a chunk of rows is turned into columns at once."""

    given_name: str = ""
    surname: str = ""
    birth: str = ""
    address_1: str = ""
    address_2: str = ""
    suburb: str = ""
    postcode: str = ""
    state: str = ""
    street_number: str = ""

    def __repr__(self) -> str:
        return f"LatinRow(fields={[name for name, cell in zip(self._fields, self, strict=True) if cell]})"


DATE: Final = LatinRow._fields.index("birth")


def fold_text(cell: str) -> str:
    """Return the letters a-z and digits of a cell, accents and case folded."""
    if cell.isascii():
        return OTHER.sub("", cell.lower())
    return OTHER.sub("", unicodedata.normalize("NFKD", cell).casefold().translate(LETTERS))


def fold_date(cell: str) -> str:
    """Return YYYYMMDD of a date with separators (year first, or day, month, year); else what fold_text gives."""
    plain = unicodedata.normalize("NFKC", cell)
    if found := YEAR_FIRST.fullmatch(plain):
        year, month, day = found.groups()
    elif found := YEAR_LAST.fullmatch(plain):
        day, month, year = found.groups()
    else:
        return fold_text(cell)
    return f"{year}{month:0>2}{day:0>2}"


def fold_row(row: LatinRow) -> LatinRow:
    """Return the folded row."""
    return LatinRow(*(fold_date(cell) if i == DATE else fold_text(cell) for i, cell in enumerate(row)))


def soundex(folded: str) -> str:
    """Return the American Soundex code of a folded word, a small letter and three digits; "" without letters."""
    letters = [c for c in folded if c.isalpha()]
    if not letters:
        return ""
    code, last = [], SOUNDS.get(letters[0], 0)
    for letter in letters[1:]:
        digit = SOUNDS.get(letter, 0)
        if digit and digit != last:
            code.append(str(digit))
        if letter not in "hw":  # These two do not part equal sounds, vowels do.
            last = digit
    return letters[0] + "".join(code)[:SOUND_DIGITS].ljust(SOUND_DIGITS, "0")
