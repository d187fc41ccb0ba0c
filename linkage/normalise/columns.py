"""Normalise a chunk of rows column by column: plain cells by compiled readers, others once per distinct value.

Gives exactly what `normalise` gives row by row, as far as encoding needs it (names, numbers, births, sexes, places,
phones; no repairs). Distinct values are remembered up to a bound, so memory does not grow with the register.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from linkage.normalise import names, places, plain_cells
from linkage.normalise.characters import fold_char
from linkage.normalise.checkdigit import has_province
from linkage.normalise.growing import Growing
from linkage.normalise.names import Name
from linkage.normalise.numbers import read_digits
from linkage.normalise.person import USABLE_NAMES, USABLE_NUMBERS, Birth, BirthPrecision, IdState, RawPerson
from linkage.normalise.plain_cells import (
    CLOSING,
    COMPOUND_FIRST,
    COMPOUND_SECOND,
    HAN_COUNT,
    HAN_FIRST,
    HOUSE_BYTES,
    KNOWN,
    LEFT,
    NAME_CHARS,
    NUMBER_CHARS,
    ODD,
    PHONE_CHARS,
    SURNAME,
    TAKEN,
    Points,
    code_points,
)
from linkage.normalise.record import read_phone, read_sex, stated_birth, weigh
from linkage.normalise.remarks import ENDINGS, LAST_ENDING, STRANGE, compound_surnames, surnames
from linkage.normalise.text_index import TextIndex

MAX_VALUES: Final = 1 << 16  # Distinct values remembered of one kind: some ten megabytes.
NOT_REMEMBERED: Final = -1
_HOUSE_CHARS = np.array([ord(char) for char in "组号楼栋幢座室户层"], np.uint32)
SEX_TEXTS: Final = ("", "1", "2")
Ints = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
K = TypeVar("K")
V = TypeVar("V")


class Memo(dict[K, V], Generic[K, V]):
    """Remember a function's results by argument; `trim` forgets all of them once there are too many."""

    def __init__(self, function: Callable[[K], V]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, key: K) -> V:
        value = self[key] = self._function(key)
        return value

    def __repr__(self) -> str:
        return f"Memo(values={len(self)})"

    def trim(self) -> None:
        if len(self) > MAX_VALUES:
            self.clear()


@dataclass(frozen=True, slots=True, repr=False)
class PersonColumns:
    """Hold n normalised persons as columns.

    name_chars (n, 3): the folded characters of an ordinary name, 0 where there is none · name (n,): else its index in
    `names`, -1 for ordinary ones · digits (n, 18): ASCII, "?" unknown, 0 absent or a relative's · exact (n,): the
    number is usable · births (n, 4): low and high year, month, day, 0 unknown · days (n,): the day is known · sexes
    (n,): 0, 1, 2 · town, village, house (n,): index in `texts`, 0 is "" · houses (n, 32): UTF-8, in place of `house`
    where house_sizes (n,) is not 0 · phones (n, 11): ASCII, 0 absent · known (n,): name or number says who this is.
    `names` and `texts` grow from chunk to chunk until `generation` changes.
    """

    name_chars: npt.NDArray[np.uint32]
    name: Ints
    digits: Bytes
    exact: npt.NDArray[np.bool_]
    births: npt.NDArray[np.int16]
    days: Bytes
    sexes: Bytes
    town: Ints
    village: Ints
    house: Ints
    houses: Bytes
    house_sizes: Bytes
    phones: Bytes
    known: npt.NDArray[np.bool_]
    names: Sequence[Name]
    texts: Sequence[str]
    generation: int

    def __len__(self) -> int:
        return len(self.name)

    def __repr__(self) -> str:
        return f"PersonColumns(rows={len(self)})"


class ColumnReader:
    """Read chunks of raw persons; `as_of` bounds dates and stands in for a missing `age_on`. One thread only."""

    def __init__(self, *, as_of: date) -> None:
        self._as_of = as_of
        self._marks = np.zeros(HAN_COUNT, np.uint8)
        self._folded = np.zeros(HAN_COUNT, np.uint32)
        self._compounds, self._endings = _pairs(compound_surnames()), _pairs(ENDINGS)
        self._provinces = np.array([has_province(f"{i:02d}") for i in range(100)], np.uint8)
        self.generation = 0
        self._day = as_of.year * 10000 + as_of.month * 100 + as_of.day
        self._sexes: Memo[str, int] = Memo(lambda cell: SEX_TEXTS.index(read_sex(cell)))
        self._births: Memo[tuple[str, str, date | None], Birth] = Memo(self._read_stated)
        self._wholes: Memo[tuple[str, int], tuple[int, int, str]] = Memo(self._read_whole)
        self._columns: Memo[tuple[str, str], int] = Memo(self._read_columns)
        self._heads = TextIndex()
        self._forget()

    def __repr__(self) -> str:
        return f"ColumnReader(texts={len(self._texts)})"

    @property
    def remembered(self) -> int:
        """Return how many distinct values are held."""
        memos = (self._heads, self._wholes, self._columns, self._sexes, self._births)
        return len(self._texts) + len(self._names) + sum(len(memo) for memo in memos)

    def _forget(self) -> None:
        self.generation += 1
        self._texts: list[str] = [""]
        self._text_index: dict[str, int] = {"": 0}
        self._names: list[Name] = []
        self._name_index: dict[str, int] = {}
        for memo in (self._heads, self._wholes, self._columns):
            memo.clear()
        self._head_places, self._column_places = Growing(3), Growing(3)

    def _trim(self) -> None:
        for memo in (self._wholes, self._sexes, self._births):
            memo.trim()
        if max(len(self._texts), len(self._names), len(self._heads), len(self._columns)) > MAX_VALUES:
            self._forget()

    def read(self, rows: Sequence[RawPerson]) -> PersonColumns:
        """Return the columns of one chunk."""
        self._trim()
        name, chars, known = self._read_names([row.name for row in rows])
        births, days = self._read_births(rows)
        sexes = np.array([self._sexes[row.sex] for row in rows], np.uint8)
        digits, exact = self._read_numbers(rows, births, days, sexes)
        town, village, house, houses, house_sizes = self._read_places(rows)
        return PersonColumns(
            name_chars=chars,
            name=name,
            digits=digits,
            exact=exact,
            births=births,
            days=days,
            sexes=sexes,
            town=town,
            village=village,
            house=house,
            houses=houses,
            house_sizes=house_sizes,
            phones=_read_phones([row.phone for row in rows]),
            known=known | exact,
            names=self._names,
            texts=self._texts,
            generation=self.generation,
        )

    def _read_names(self, cells: list[str]) -> tuple[Ints, npt.NDArray[np.uint32], npt.NDArray[np.bool_]]:
        points = code_points(cells)
        for point in set(plain_cells.unknown_chars(points, self._marks).tolist()):
            self._learn(point)
        chars = np.zeros((len(cells), NAME_CHARS), np.uint32)
        states = plain_cells.read_names(points, self._marks, self._folded, self._compounds, self._endings, chars)
        index = np.full(len(cells), NOT_REMEMBERED, np.int32)
        known = states == TAKEN
        for row in np.flatnonzero(~known).tolist():
            place = self._name_index.get(cells[row])
            if place is None:
                place = self._name_index[cells[row]] = len(self._names)
                self._names.append(names.read_name.__wrapped__(cells[row]))
            index[row] = place
            known[row] = self._names[place].state in USABLE_NAMES
        return index, chars, known

    def _learn(self, point: int) -> None:
        """Look one character up in the tables of the ordinary reader."""
        char = chr(point)
        folded = fold_char(char)
        place = ord(folded) - HAN_FIRST
        mark = KNOWN
        if char in STRANGE or char == LAST_ENDING or not 0 <= place < HAN_COUNT:
            mark |= ODD
        if char in surnames() or folded in surnames():
            mark |= SURNAME
        if any(ending[1] == char for ending in ENDINGS):
            mark |= CLOSING
        if any(name[0] == folded for name in compound_surnames()):
            mark |= COMPOUND_FIRST
        if any(name[1] == folded for name in compound_surnames()):
            mark |= COMPOUND_SECOND
        self._marks[point - HAN_FIRST] = mark
        self._folded[point - HAN_FIRST] = ord(folded)

    def _read_births(self, rows: Sequence[RawPerson]) -> tuple[npt.NDArray[np.int16], Bytes]:
        """Return the births as stated (n, 4), and whether the day is known."""
        births, days = np.zeros((len(rows), 4), np.int16), np.zeros(len(rows), np.uint8)
        states = plain_cells.read_births(code_points([row.birth for row in rows]), self._day, births, days)
        for row in np.flatnonzero(states != TAKEN).tolist():
            births[row], days[row] = _birth_row(self._stated(rows[row]))
        return births, days

    def _stated(self, row: RawPerson) -> Birth:
        return self._births[row.birth, row.age, row.age_on]

    def _read_numbers(
        self, rows: Sequence[RawPerson], births: npt.NDArray[np.int16], days: Bytes, sexes: Bytes
    ) -> tuple[Bytes, npt.NDArray[np.bool_]]:
        """Return the digits and which numbers are usable; births, days and sexes take what the numbers say."""
        digits = np.zeros((len(rows), NUMBER_CHARS), np.uint8)
        cells = [row.id_number for row in rows]
        states = plain_cells.read_numbers(code_points(cells), self._provinces, self._day, digits)
        plain_cells.weigh_numbers(digits, states, births, days, sexes)
        exact: npt.NDArray[np.bool_] = states == TAKEN
        for row in np.flatnonzero(states == LEFT).tolist():
            stated = self._stated(rows[row])
            number = read_digits(cells[row], as_of=self._as_of, stated=stated)
            evidence = weigh(number, stated, SEX_TEXTS[sexes[row]], self._as_of)
            if evidence.state is not IdState.CONFLICT and number.digits:
                digits[row] = np.frombuffer(number.digits.encode(), np.uint8)
            exact[row] = evidence.state in USABLE_NUMBERS
            births[row], days[row] = _birth_row(evidence.birth)
            sexes[row] = SEX_TEXTS.index(evidence.sex)
        return digits, exact

    def _text(self, text: str) -> int:
        place = self._text_index.get(text)
        if place is None:
            place = self._text_index[text] = len(self._texts)
            self._texts.append(text)
        return place

    def _read_places(self, rows: Sequence[RawPerson]) -> tuple[Ints, Ints, Ints, Bytes, Bytes]:
        """Return the indexes of town, village and house, as places.read_place weighs them, and houses with sizes."""
        addresses = [row.address for row in rows]
        keys = [self._columns[row.town, row.village] for row in rows]
        columns = self._column_places.view[np.array(keys, np.int32)]
        houses, sizes = np.zeros((len(rows), HOUSE_BYTES), np.uint8), np.zeros(len(rows), np.uint8)
        written = self._read_split(addresses, columns[:, 0], houses, sizes)
        for row in np.flatnonzero(written[:, 0] < 0).tolist():
            own_town, own_village, text = self._wholes[addresses[row], int(columns[row, 0])]
            written[row] = own_town, own_village, self._house(text, houses[row], sizes[row : row + 1])
        # The columns of town and village win over the address, the address's house over what a column holds of one.
        found = np.where(columns, columns, written)
        found[:, 2] = np.where(written[:, 2], written[:, 2], columns[:, 2])
        town, village, house = (np.ascontiguousarray(found[:, i]) for i in range(3))
        return town, village, house, houses, sizes

    def _house(self, text: str, house: Bytes, size: Bytes) -> int:
        """Put a house among the chunk's, or, when it is too long, return its index among the texts."""
        content = text.encode()
        is_long = len(content) > HOUSE_BYTES
        size[0] = 0 if is_long else len(content)
        house[: size[0]] = np.frombuffer(content[: size[0]], np.uint8)
        return self._text(text) if is_long else 0

    def _read_split(self, addresses: list[str], towns: Ints, houses: Bytes, sizes: Bytes) -> Ints:
        """Return (n, 3) town, village and house of the addresses whose head tells them, -1 for the others.

        The house is 0 where `sizes` is not: then it stands in `houses`.
        """
        points, bounds = code_points(addresses), np.empty((len(towns), 2), np.int64)
        written = np.full((len(towns), 3), -1, np.int32)
        plain_cells.read_addresses(points, _HOUSE_CHARS, bounds, houses, sizes)
        split = np.flatnonzero(sizes)
        heads = self._heads.find(points, bounds[split], towns[split])
        for i in np.flatnonzero(heads < 0).tolist():
            row = split[i]
            heads[i] = self._add_head(points[bounds[row, 0] : bounds[row, 1]], int(towns[row]))
        read = self._head_places.view[heads]
        written[split, :2] = read[:, :2]
        written[split, 2] = 0
        for i in np.flatnonzero(read[:, 2]).tolist():
            row, (start, end) = split[i], bounds[split[i]]
            text = self._texts[read[i, 2]] + addresses[row][end - start :]
            written[row, 2] = self._house(places.fold_house(text), houses[row], sizes[row : row + 1])
        sizes[split[read[:, 0] < 0]] = 0
        return written

    def _add_head(self, head: Points, town: int) -> int:
        number = self._heads.add(head, town)
        if number == len(self._head_places):
            found = places.read_head("".join(map(chr, head.tolist())), self._texts[town])
            self._head_places.extend([self._text(part) for part in found] if found else [-1, -1, 0])
        return number

    def _read_columns(self, key: tuple[str, str]) -> int:
        """Return the index of town, village and house as the columns say; the town is known to the address, too."""
        own_town, column = places.read_columns(*key)
        texts = (own_town or column.town, column.village, column.house)
        self._column_places.extend([self._text(text) for text in texts])
        return len(self._column_places) - 1

    def _read_whole(self, key: tuple[str, int]) -> tuple[int, int, str]:
        found = places.read_written(key[0], self._texts[key[1]])
        return self._text(found.town), self._text(found.village), found.house

    def _read_stated(self, key: tuple[str, str, date | None]) -> Birth:
        birth, age, age_on = key
        return stated_birth(RawPerson(birth=birth, age=age, age_on=age_on), self._as_of)


def _pairs(texts: Collection[str]) -> npt.NDArray[np.int64]:
    """Return texts of two characters as numbers, the first times 65536."""
    return np.array([ord(text[0]) << 16 | ord(text[1]) for text in sorted(texts)], np.int64)


def _birth_row(birth: Birth) -> tuple[tuple[int, int, int, int], bool]:
    return (birth.year_low, birth.year_high, birth.month, birth.day), birth.precision is BirthPrecision.DAY


def _read_phones(cells: list[str]) -> Bytes:
    phones = np.zeros((len(cells), PHONE_CHARS), np.uint8)
    states = plain_cells.read_phones(code_points(cells), phones)
    for row in np.flatnonzero(states == LEFT).tolist():
        if found := read_phone(cells[row]):
            phones[row] = np.frombuffer(found.encode(), np.uint8)
    return phones
