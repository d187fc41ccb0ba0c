"""Number distinct texts that stand inside a column of code points, without making a string of each.

An open-addressing table whose entries hold the whole text: two texts with one hash are told apart by their characters.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from linkage.jit import cached_jit
from linkage.normalise.plain_cells import Points

ABSENT: Final = -1
_OFFSET, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_SPREAD = np.uint64(29)
Ints = npt.NDArray[np.int64]


@cached_jit
def _slot_of(points: Points, start: Any, end: Any, mark: Any, slots: Any, kept: Points, entries: Ints) -> Any:
    """Return the slot that holds the text, or the free one where it belongs."""
    value = (_OFFSET ^ np.uint64(mark)) * _PRIME
    for i in range(start, end):
        value = (value ^ np.uint64(points[i])) * _PRIME
    value ^= value >> _SPREAD
    slot = np.int64(value & np.uint64(len(slots) - 1))
    while slots[slot] >= 0:
        entry = slots[slot]
        place = entries[entry, 0]
        same = entries[entry, 1] == end - start and entries[entry, 2] == mark
        i = 0
        while same and i < end - start:
            same = kept[place + i] == points[start + i]
            i += 1
        if same:
            break
        slot = (slot + 1) & (len(slots) - 1)
    return slot


@cached_jit
def _find(
    points: Points, bounds: Ints, marks: Any, slots: Any, kept: Points, entries: Ints, found: Any
) -> None:  # pragma: no cover - compiled
    for row in range(len(found)):
        if bounds[row, 0] < bounds[row, 1]:
            slot = _slot_of(points, bounds[row, 0], bounds[row, 1], marks[row], slots, kept, entries)
            found[row] = slots[slot]


class TextIndex:
    """Give every text a number from 0 on; a text with another mark is another text. One thread only."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._slots = np.full(1 << 10, ABSENT, np.int32)
        self._entries = np.zeros((1 << 9, 3), np.int64)  # Start and size in kept, mark.
        self._kept = np.zeros(1 << 13, np.uint32)
        self._count = self._used = 0

    def __len__(self) -> int:
        return self._count

    def __repr__(self) -> str:
        return f"TextIndex(texts={self._count})"

    def clear(self) -> None:
        """Forget all texts."""
        self._forget()

    def find(self, points: Points, bounds: Ints, marks: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """Return per row the number of points[bounds[row, 0] : bounds[row, 1]], -1 unknown or empty."""
        found = np.full(len(bounds), ABSENT, np.int32)
        _find(points, bounds, marks, self._slots, self._kept, self._entries, found)
        return found

    def add(self, text: Points, mark: int) -> int:
        """Return the number of one text, a new one if it has none."""
        slot = _slot_of(text, 0, len(text), mark, self._slots, self._kept, self._entries)
        if self._slots[slot] != ABSENT:
            return int(self._slots[slot])
        if self._count == len(self._entries) or self._used + len(text) > len(self._kept):
            self._grow(len(text))
            slot = _slot_of(text, 0, len(text), mark, self._slots, self._kept, self._entries)
        self._kept[self._used : self._used + len(text)] = text
        self._entries[self._count] = self._used, len(text), mark
        self._slots[slot] = self._count
        self._used += len(text)
        self._count += 1
        return self._count - 1

    def _grow(self, more: int) -> None:
        """Double what is full, and place every text anew where the slots grew."""
        if self._used + more > len(self._kept):
            self._kept = np.concatenate((self._kept, np.zeros(len(self._kept) + more, np.uint32)))
        if self._count == len(self._entries):
            self._entries = np.concatenate((self._entries, np.zeros_like(self._entries)))
            self._slots = np.full(2 * len(self._slots), ABSENT, np.int32)
            for number, (start, size, mark) in enumerate(self._entries[: self._count].tolist()):
                text = self._kept[start : start + size]
                slot = _slot_of(text, 0, size, mark, self._slots, self._kept, self._entries)
                self._slots[slot] = number
