"""Chunks of raw Latin rows to one arena of folded bytes: Python joins columns, compiled code folds them.

Cells that are not plain ASCII, and dates with separators, go to linkage.normalise.latin first.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from linkage.encode.lanes import STEP
from linkage.jit import cached_jit
from linkage.normalise.latin import DATES, SOUND_DIGITS, SOUNDS, LatinRow, fold_date, fold_text

CELLS: Final = len(LatinRow._fields)
GIVEN, SURNAME = LatinRow._fields.index("given_name"), LatinRow._fields.index("surname")
PARTS: Final = (*LatinRow._fields, "given_sound", "surname_sound")
END: Final = "\n"
SOUND_BYTES: Final = 1 + SOUND_DIGITS
Ints = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
_known_date = functools.lru_cache(maxsize=1 << 16)(fold_date)

FOLDED: Final = np.zeros(256, np.uint8)  # By byte of ASCII: the byte kept in its place, 0 for none.
for _char in "abcdefghijklmnopqrstuvwxyz0123456789":
    FOLDED[ord(_char)] = FOLDED[ord(_char.upper())] = ord(_char)
SOUND_OF: Final = np.zeros(256, np.uint8)
for _char, _digit in SOUNDS.items():
    SOUND_OF[ord(_char)] = _digit


@dataclass(frozen=True, slots=True, repr=False)
class Folded:
    """Hold n folded rows: starts, sizes (n, parts) of each part in arena, size 0 = absent."""

    arena: Bytes
    starts: Ints
    sizes: Ints

    def __len__(self) -> int:
        return len(self.starts)

    def __repr__(self) -> str:
        return f"Folded(rows={len(self)})"


def join_columns(rows: Sequence[LatinRow]) -> list[bytes]:
    """Return each column's cells as ASCII, one line each."""
    return [_joined(cells, is_date=i in DATES) for i, cells in enumerate(zip(*rows, strict=True))]


def _joined(cells: Sequence[str], *, is_date: bool) -> bytes:
    text = END.join(cells)
    if is_date and not (text.isascii() and text.replace(END, "").isalnum()):
        text = END.join(map(_known_date, cells))
    elif not text.isascii() or text.count(END) != len(cells) - 1:
        text = END.join(cell if cell.isascii() and END not in cell else fold_text(cell) for cell in cells)
    elif is_date and text.count(END) != len(cells) - 1:
        text = END.join(map(_known_date, cells))
    return text.encode("ascii") + END.encode()


def fold_columns(columns: Sequence[bytes], rows: int) -> Folded:
    """Return the folded cells and sounds of so many rows."""
    cells = sum(map(len, columns))
    arena = np.zeros(cells + 2 * rows * SOUND_BYTES + STEP, np.uint8)
    starts, sizes = np.zeros((rows, len(PARTS)), np.int32), np.zeros((rows, len(PARTS)), np.int32)
    at = 0
    for column, content in enumerate(columns):
        fold_cells(np.frombuffer(content, np.uint8), FOLDED, arena, at, starts, sizes, column)
        at += len(content)
    for sound, column in enumerate((GIVEN, SURNAME)):
        fill_sounds(arena, starts, sizes, column, CELLS + sound, at, SOUND_OF)
        at += rows * SOUND_BYTES
    return Folded(arena, starts, sizes)


@cached_jit
def fold_cells(
    text: Bytes, folded: Bytes, arena: Bytes, at: int, starts: Ints, sizes: Ints, column: int
) -> None:  # pragma: no cover - compiled
    """Fold lines of text into arena from `at` on, and note where each begins and how long it is."""
    row = 0
    start = at
    for i in range(len(text)):
        byte = text[i]
        if byte == 10:
            starts[row, column] = start
            sizes[row, column] = at - start
            row += 1
            start = at
        else:
            kept = folded[byte]
            arena[at] = kept
            at += kept != 0


@cached_jit
def fill_sounds(
    arena: Bytes, starts: Ints, sizes: Ints, column: int, target: int, at: int, sound_of: Bytes
) -> None:  # pragma: no cover - compiled
    """Write the Soundex code of every cell of a column, as linkage.normalise.latin.soundex gives it."""
    for row in range(len(starts)):
        size = 0
        last = np.uint8(0)
        for i in range(starts[row, column], starts[row, column] + sizes[row, column]):
            letter = arena[i]
            if letter < 97:
                continue
            digit = sound_of[letter]
            if size == 0:
                arena[at] = letter
                size = 1
                last = digit
                continue
            if digit != 0 and digit != last and size < SOUND_BYTES:
                arena[at + size] = 48 + digit
                size += 1
            if letter != 104 and letter != 119:  # h and w do not part equal sounds.
                last = digit
        if size:
            while size < SOUND_BYTES:
                arena[at + size] = 48
                size += 1
            starts[row, target] = at
            sizes[row, target] = SOUND_BYTES
            at += SOUND_BYTES
