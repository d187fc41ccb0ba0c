"""Chunks of raw Latin rows to one arena of folded bytes: Python joins the cells, compiled code folds them.

Cells that are not plain ASCII go to linkage.normalise.latin first. The compiled functions state its rules once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
import numpy.typing as npt

from linkage.encode.lanes import STEP
from linkage.jit import cached_jit
from linkage.normalise.latin import DATE, SOUND_DIGITS, SOUNDS, LatinRow, fold_row

CELLS: Final = len(LatinRow._fields)
GIVEN, SURNAME = LatinRow._fields.index("given_name"), LatinRow._fields.index("surname")
PARTS: Final = (*LatinRow._fields, "given_sound", "surname_sound")
GAP: Final = "\t"
GAP_BYTE: Final = ord(GAP)
SOUND_BYTES: Final = 1 + SOUND_DIGITS
Ints = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]

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


def join_cells(rows: Sequence[LatinRow]) -> bytes:
    """Return all cells as ASCII, a gap after each."""
    text = GAP.join(chain.from_iterable(rows))
    if not (text.isascii() and text.count(GAP) == len(rows) * CELLS - 1):
        text = GAP.join(chain.from_iterable(map(_plain, rows)))
    return text.encode("ascii") + GAP.encode()


def _plain(row: LatinRow) -> LatinRow:
    """Return a row of ASCII cells without gaps in them, which folds to the same cells."""
    line = GAP.join(row)
    return row if line.isascii() and line.count(GAP) == CELLS - 1 else fold_row(row)


def fold_cells(text: bytes, rows: int) -> Folded:
    """Return the folded cells and sounds of so many rows; `text` as join_cells gives it."""
    arena = np.zeros(len(text) + 2 * rows * SOUND_BYTES + STEP, np.uint8)
    starts, sizes = np.zeros((rows, len(PARTS)), np.int32), np.zeros((rows, len(PARTS)), np.int32)
    if rows:
        end = fill_cells(np.frombuffer(text, np.uint8), FOLDED, arena, starts, sizes)
        for sound, column in enumerate((GIVEN, SURNAME)):
            end = fill_sounds(arena, starts, sizes, column, CELLS + sound, end, SOUND_OF)
    return Folded(arena, starts, sizes)


@cached_jit
def fill_cells(
    text: Bytes, folded: Bytes, arena: Bytes, starts: Ints, sizes: Ints
) -> int:  # pragma: no cover - compiled
    """Fold the cells of text into arena, and note where each begins and how long it is; return where the last ends."""
    at = place = 0
    for row in range(len(starts)):
        for column in range(CELLS):
            starts[row, column] = at
            first = place
            byte = text[place]
            while byte != GAP_BYTE:
                kept = folded[byte]
                arena[at] = kept
                at += kept != 0
                place += 1
                byte = text[place]
            if column == DATE and place - first > at - starts[row, column]:
                at = write_date(text[first:place], folded, arena, starts[row, column], at)
            sizes[row, column] = at - starts[row, column]
            place += 1
    return at


@cached_jit
def write_date(text: Bytes, folded: Bytes, arena: Bytes, start: int, end: int) -> int:  # pragma: no cover - compiled
    """Write YYYYMMDD over the folded cell if the cell is a date with gaps, which make room; return where it ends."""
    firsts, lengths = np.zeros(4, np.int64), np.zeros(4, np.int64)
    runs = 0
    inside = False
    for i in range(len(text)):
        kept = folded[text[i]]
        if kept == 0:
            inside = False
            continue
        if kept >= 97 or (runs == 3 and not inside):  # A letter, or a fourth number.
            return end
        if not inside:
            firsts[runs] = i
            runs += 1
        inside = True
        lengths[runs - 1] += 1
    short = max(lengths[1], min(lengths[0], lengths[2]))
    if runs != 3 or short > 2 or max(lengths[0], lengths[2]) != 4:
        return end
    for i in range(3):
        run = i if lengths[0] == 4 else 2 - i
        if lengths[run] == 1:
            arena[start] = 48
            start += 1
        for j in range(lengths[run]):
            arena[start] = text[firsts[run] + j]
            start += 1
    return start


@cached_jit
def fill_sounds(
    arena: Bytes, starts: Ints, sizes: Ints, column: int, target: int, at: int, sound_of: Bytes
) -> int:  # pragma: no cover - compiled
    """Write the Soundex code of every cell of a column, as linkage.normalise.latin has it; return the end."""
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
    return at
