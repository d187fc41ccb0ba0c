"""Number the grams of Latin rows densely, and know the filter positions of those met so far.

Every kind of grams of a tag has a section: grams are numbered by arithmetic, so compiled code finds a gram's positions
without a dictionary. What the sections do not cover (a pair met five times in one field, a seventeenth character by
place, a long whole value) makes its row odd, and odd rows go row by row. Sizes are fixed by the schema, so memory does
not grow with the register.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from linkage.encode.filters import gram_messages
from linkage.encode.lanes import STEP, fill_macs
from linkage.encode.latin.reading import PARTS
from linkage.encode.roundkey import RoundKey
from linkage.encode.sha256 import hmac_states
from linkage.jit import cached_jit
from linkage.schema import EncodingSchema, FieldKind

ALPHABET: Final = "_abcdefghijklmnopqrstuvwxyz0123456789"
CHARS: Final = len(ALPHABET)
REPEATS: Final = 4
PLACES: Final = 16
WHOLE_CHARS: Final = 3  # Whole values so long have a number, and numbers of one digit more.
LONG_DIGITS: Final = 10 ** (WHOLE_CHARS + 1)
SOUND_CODES: Final = 26 * 7**3
KINDS: Final = ("bigram", "soundex", "place", "place_from_end", "whole")
BIGRAM, SOUND, PLACE, PLACE_FROM_END, WHOLE = range(5)
SIZES: Final = (CHARS * CHARS * REPEATS, SOUND_CODES, PLACES * CHARS, PLACES * CHARS, CHARS**WHOLE_CHARS + LONG_DIGITS)
FEWEST: Final = (2, 0, 1, 1, 1)  # Grams of each kind in a cell of one character.
Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


def gram_text(kind: int, number: int) -> str:
    """Return the gram of a number, as linkage.encode.latin.grams writes it."""
    if kind == BIGRAM:
        pair, repeat = divmod(number, REPEATS)
        text = ALPHABET[pair // CHARS] + ALPHABET[pair % CHARS]
        return f"{text}#{repeat + 1}" if repeat else text
    if kind == SOUND:
        return f"~{chr(97 + number // 343)}{number // 49 % 7}{number // 7 % 7}{number % 7}"
    if kind in (PLACE, PLACE_FROM_END):
        sign = "-" if kind == PLACE_FROM_END else ""
        return f"{sign}{number // CHARS}={ALPHABET[number % CHARS]}"
    if number >= CHARS**WHOLE_CHARS:
        return f"={number - CHARS**WHOLE_CHARS:0{WHOLE_CHARS + 1}d}"
    text = ""
    while number:
        number, char = divmod(number, CHARS)
        text = ALPHABET[char] + text
    return f"={text}"


class GramTable:
    """Hold the positions of grams by number, learnt when first met. Safe for threads.

    fields (f, 4): part, hashes, first and last section · sections (s, 4): kind, first number, first cell in `cells`,
    stride · cells: positions as places in a turned tile (mixing.py) · known: by number.
    """

    def __init__(self, schema: EncodingSchema, round_key: RoundKey) -> None:
        self._key = hmac_states(round_key.derive("filter"))
        self._width = schema.filter_bits // 64
        self._lock = threading.Lock()
        shared: dict[tuple[str, int], int] = {}
        for kind, section, stride in _wanted(schema.fields):
            shared[kind.tag, section] = max(stride, shared.get((kind.tag, section), 1))
        rows, self._tags, number, cell = [], [], 0, 0
        for (tag, section), stride in shared.items():
            rows.append((section, number, cell, stride))
            self._tags.append(tag)
            number, cell = number + SIZES[section], cell + SIZES[section] * stride
        place = {key: i for i, key in enumerate(shared)}
        order = [(kind.tag, KINDS.index(gram)) for kind in schema.fields for gram in kind.grams]
        self.sections = np.array([rows[place[key]] for key in order], np.int64)
        self._distinct = np.array(rows, np.int64)
        ends = list(itertools.accumulate(len(kind.grams) for kind in schema.fields))
        self.fields = np.array(
            [(PARTS.index(k.id), k.hashes, e - len(k.grams), e) for k, e in zip(schema.fields, ends, strict=True)],
            np.int64,
        )
        self.known = np.zeros(number, np.uint8)
        self.cells = np.zeros(cell, np.uint16)

    def __repr__(self) -> str:
        return f"GramTable(known={int(self.known.sum())})"

    def learn(self, numbers: Ints) -> None:
        """Hash the grams of these distinct numbers, unless another thread just did."""
        with self._lock:
            fresh = numbers[self.known[numbers] == 0]
            sections = np.searchsorted(self._distinct[:, 1], fresh, side="right") - 1
            for index in np.unique(sections).tolist():
                self._learn(index, fresh[sections == index])

    def _learn(self, index: int, numbers: Ints) -> None:
        """Hash grams of one section: as FilterEncoder.positions, but all in one call."""
        kind, first, cell, stride = (int(x) for x in self._distinct[index])
        tag = self._tags[index]
        messages = [m for n in numbers.tolist() for m in gram_messages(tag, gram_text(kind, n - first), stride)]
        sizes = np.fromiter(map(len, messages), np.int64, len(messages))
        arena = np.frombuffer(b"".join(messages) + bytes(STEP), np.uint8)
        macs = np.zeros((len(messages), 32), np.uint8)
        fill_macs(arena, np.cumsum(sizes) - sizes, sizes, self._key, macs)
        found = macs.reshape(len(numbers), -1).view("<u2")[:, :stride].astype(np.int64) % (self._width * 64)
        rows = self.cells[cell : cell + SIZES[kind] * stride].reshape(-1, stride)
        rows[numbers - first] = found % 64 * self._width + found // 64
        self.known[numbers] = 1


def _wanted(fields: Sequence[FieldKind]) -> Iterator[tuple[FieldKind, int, int]]:
    """Yield (field, kind of grams, the most positions one of them can get)."""
    for field in fields:
        kinds = [KINDS.index(gram) for gram in field.grams]
        fewest = max(1, sum(FEWEST[kind] for kind in kinds))
        yield from ((field, kind, -(-field.hashes // fewest)) for kind in kinds)


@cached_jit
def _code(byte: Any) -> Any:  # pragma: no cover - compiled
    """Return a folded character's place in ALPHABET."""
    return np.int64(byte) - 96 if byte >= 97 else np.int64(byte) - 21


@cached_jit
def _bigrams(
    arena: Bytes, start: int, size: int, stamps: Any, stamp: int, numbers: Any
) -> int:  # pragma: no cover - compiled
    """Number the pairs of neighbours; -1 when one is repeated too often.

    stamps (pairs,): what is at least `stamp` was met in this cell, so many times as it is above; the next cell's stamp
    is higher.
    """
    last, most = 0, 0
    for i in range(size):
        char = _code(arena[start + i])
        pair = last * CHARS + char
        repeat = max(stamps[pair] - stamp, 0)
        stamps[pair] = stamp + min(repeat + 1, REPEATS)
        most = max(most, repeat)
        numbers[i] = pair * REPEATS + repeat
        last = char
    numbers[size] = last * CHARS * REPEATS  # The edge comes at the end once.
    return size + 1 if most < REPEATS else -1


@cached_jit
def _whole(arena: Bytes, start: int, size: int) -> int:  # pragma: no cover - compiled
    """Number a whole value; -1 when it is too long."""
    if size > WHOLE_CHARS + 1:
        return -1
    number = 0
    if size <= WHOLE_CHARS:
        for i in range(start, start + size):
            number = number * CHARS + _code(arena[i])
        return number
    for i in range(start, start + size):
        if arena[i] >= 97:
            return -1
        number = number * 10 + arena[i] - 48
    return CHARS**WHOLE_CHARS + number


@cached_jit
def _section(
    kind: int, arena: Bytes, start: int, size: int, stamps: Any, stamp: int, numbers: Any
) -> int:  # pragma: no cover - compiled
    """Number the grams of one kind of one cell; return how many there are, -1 when they have no number."""
    if kind == BIGRAM:
        return int(_bigrams(arena, start, size, stamps, stamp, numbers))
    if kind == WHOLE:
        numbers[0] = _whole(arena, start, size)
        return 1 if numbers[0] >= 0 else -1
    if size > PLACES:
        return -1
    for i in range(size):
        at = start + i if kind == PLACE else start + size - 1 - i
        numbers[i] = i * CHARS + _code(arena[at])
    return size


@cached_jit
def list_grams(
    folded: Any, rows: Any, table: Any, listed: Any, counts: Any, odd: Bytes, missing: Any
) -> int:  # pragma: no cover - compiled
    """List where the positions of the grams of some rows begin; return how many are unknown, they are in `missing`.

    folded: arena, starts, sizes, and the part that holds the sound of each part · rows: first and last · listed
    (room,): row by row, field by field · counts (n, fields) · odd (n,): set where a gram has no number.
    """
    arena, starts, sizes, sounds = folded
    fields, sections, known = table
    numbers, stamps = np.zeros(sizes.max() + 1, np.int64), np.zeros(CHARS * CHARS, np.int64)
    stamp = 1
    at = lost = 0
    for row in range(rows[0], rows[1]):
        for f in range(len(fields)):
            part, begun = fields[f, 0], at
            size = sizes[row, part]
            if size == 0:
                continue
            for s in range(fields[f, 2], fields[f, 3]):
                kind, first, cell, stride = sections[s, 0], sections[s, 1], sections[s, 2], sections[s, 3]
                if kind == SOUND:
                    sound = sounds[part]
                    count = 0
                    if sizes[row, sound]:
                        start = starts[row, sound]
                        number = np.int64(arena[start]) - 97
                        for i in range(1, 4):
                            number = number * 7 + np.int64(arena[start + i]) - 48
                        numbers[0] = number
                        count = 1
                else:
                    count = _section(kind, arena, starts[row, part], size, stamps, stamp, numbers)
                    stamp += REPEATS + 1
                if count < 0:
                    odd[row] = 1
                    count = 0
                unknown = 0
                for i in range(count):
                    listed[at + i] = cell + numbers[i] * stride
                    unknown += known[first + numbers[i]] ^ 1
                at += count
                for i in range(count if unknown else 0):
                    if not known[first + numbers[i]] and lost < len(missing):
                        missing[lost] = first + numbers[i]
                        lost += 1
            counts[row, f] = at - begun
    return lost
