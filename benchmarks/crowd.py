"""Two invented registers of any size and who is who in them: the same people, written down twice by different offices.

A person is a number: everything about it follows from the seed and that number, so a register needs constant memory and
every row can be drawn alone. Identity numbers are of prefixes that no county has, and no two people share one. Places
grow with the crowd: about 2,000 people to a village, 25 villages to a town. Names come from the demo county's lists,
and a third of a village bears one of its two leading surnames.

What an office writes down differs: one row in twenty has no usable number, and names, births, addresses, sexes and
phones are misheard, misread, misspelt, abbreviated, outdated or missing a few times in a hundred, each side by itself.
"""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from linkage.demo.county import slips_name
from linkage.demo.county.words import names

AS_OF: Final = date(2026, 10, 31)
FIELDS: Final = ("name", "id_number", "sex", "birth", "address", "phone")
CHUNK: Final = 16384
FIRST_DAY: Final = date(1935, 1, 1)
DAYS: Final = 85 * 365
ORDERS: Final = 1000
SHARED: Final = 0.5  # Of the left rows: people who stand in the right register too.
NO_NUMBER: Final = 0.05
SLIPS: Final = {"name": 0.05, "birth": 0.04, "address": 0.08, "sex": 0.01, "phone": 0.15, "no_phone": 0.2}
PLACE_WORDS: Final = (
    "大小上下东西南北前后石龙凤金银白青红黄长高平安永新太和福兴双三五柳杨松竹梅桃李荷沙泉溪河湖山岭坪坝湾塘桥井庙寨岗店铺"
)
PREFIXES: Final = tuple(f"36{city}{county}" for city in range(70, 90) for county in range(21, 31))
WEIGHTS: Final = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
CHECKS: Final = np.array(list("10X98765432"))
Ints = npt.NDArray[np.int64]
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Crowd:
    """`left` and `right` rows of which `shared` are of the same people; equal values give equal registers."""

    left: int
    right: int
    seed: int = 1
    share: float = SHARED

    @property
    def shared(self) -> int:
        """Return how many people stand in both: persons 0 .. shared - 1."""
        return min(self.right, int(self.left * self.share))

    @property
    def people(self) -> int:
        return self.left + self.right - self.shared

    def persons(self, side: str, first: int, last: int) -> Ints:
        """Return the persons of rows first .. last - 1 of "left" or "right", in scattered order."""
        count = self.left if side == "left" else self.right
        at = _scatter(np.arange(first, last), count, f"{self.seed}/{side}")
        return at if side == "left" else np.where(at < self.shared, at, at + self.left - self.shared)

    def truth(self) -> Iterator[tuple[Ints, Ints]]:
        """Yield (left rows, right rows) of the same people, part by part."""
        row_of = np.empty(self.shared, np.int64)
        for side in ("right", "left"):
            count = self.left if side == "left" else self.right
            for first in range(0, count, 1 << 20):
                rows = np.arange(first, min(count, first + (1 << 20)))
                person = self.persons(side, first, int(rows[-1]) + 1)
                both = person < self.shared
                if side == "right":
                    row_of[person[both]] = rows[both]
                else:
                    yield rows[both], row_of[person[both]]

    def rows(self, side: str, first: int = 0, last: int = -1) -> Iterator[Row]:
        """Yield rows first .. last - 1 of a side as FIELDS; `first` must be a multiple of CHUNK."""
        for chunk in self.chunks(side, first, last):
            yield from chunk

    def chunks(self, side: str, first: int = 0, last: int = -1) -> Iterator[list[Row]]:
        """Yield the same rows in lists of up to CHUNK."""
        writer = _Writer(self, side)
        end = (self.left if side == "left" else self.right) if last < 0 else last
        for start in range(first, end, CHUNK):
            yield writer.chunk(start, min(end, start + CHUNK))


def _scatter(values: Ints, count: int, salt: str) -> Ints:
    """Return i · a + b mod count with a prime to count: a permutation without a table."""
    rng = random.Random(salt)
    step = max(1, int(count * (0.55 + rng.random() / 10)))
    while math.gcd(step, count) != 1:
        step += 1
    scattered: Ints = (values * step + rng.randrange(count)) % count
    return scattered


def _draws(persons: Ints, salt: int) -> npt.NDArray[np.float64]:
    """Return a number in 0..1 per person and salt: SplitMix64 of both."""
    x = persons.astype(np.uint64) + np.uint64((salt * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
    x ^= x >> np.uint64(31)
    return (x >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def _texts(values: Sequence[str]) -> npt.NDArray[np.object_]:
    out = np.empty(len(values), object)
    out[:] = list(values)
    return out


class _Writer:
    """Write the rows of one side, chunk by chunk; holds tables only."""

    def __init__(self, crowd: Crowd, side: str) -> None:
        self.crowd, self.side = crowd, side
        self.seed = crowd.seed * 1000
        rng = random.Random(f"{crowd.seed}/places")
        self.villages = max(30, crowd.people // 2000)
        towns = max(3, self.villages // 25)
        self.prefixes = min(len(PREFIXES), max(2, crowd.people // 500_000))
        town_names = _two_words(rng, towns)
        self.towns = [n + rng.choice(("镇", "镇", "乡", "街道")) for n in town_names]
        words = _two_words(rng, min(self.villages, 2000))
        self.places = _texts([
            f"湖东省棠州市澄溪县{self.towns[v % towns]}{words[v % len(words)]}{'社区' if v % 5 == 0 else '村'}"
            for v in range(self.villages)
        ])  # fmt: skip
        known = names()
        self.surnames = _texts([*known.surnames, *known.compound])
        weights = np.array([*known.weights, *[sum(known.weights) * 0.01 / len(known.compound)] * len(known.compound)])
        self.surname_ends = np.cumsum(weights) / weights.sum()
        leading = np.random.default_rng(crowd.seed).random((self.villages, 2))
        self.leading = np.searchsorted(self.surname_ends, leading)
        self.rare = _texts(sorted(known.rare))
        days = [FIRST_DAY + timedelta(days=d) for d in range(DAYS)]
        self.births = _texts([d.isoformat() for d in days])
        self.stamps = np.array([int(f"{d:%Y%m%d}") for d in days])
        self.years = np.array([d.year for d in days])
        self.cohorts = [(c.sex == "M", c.first, c.last, _texts(list(c.characters))) for c in known.cohorts]

    def chunk(self, first: int, last: int) -> list[Row]:
        persons = self.crowd.persons(self.side, first, last)
        rng = random.Random(f"{self.crowd.seed}/{self.side}/{first}")
        identity = _scatter(persons, self.prefixes * DAYS * ORDERS, f"{self.crowd.seed}/numbers")
        order, day = identity % ORDERS, identity // ORDERS % DAYS
        male = order % 2 == 1
        village = (self._draw(persons, 1) * self.villages).astype(np.int64)
        name = self._names(persons, male, self.years[day], village)
        cells = [
            name.tolist(),
            self._numbers(PREFIXES, identity // ORDERS // DAYS, self.stamps[day], order),
            _texts(["女", "男"])[male.astype(np.int64)].tolist(),
            self.births[day].tolist(),
            self._addresses(persons, village),
            [f"1410{n:07d}" for n in (self._draw(persons, 9) * 10_000_000).astype(np.int64).tolist()],
        ]
        self._slip(cells, rng)
        return list(zip(*cells, strict=True))

    def _draw(self, persons: Ints, salt: int) -> npt.NDArray[np.float64]:
        return _draws(persons, self.seed + salt)

    def _names(
        self, persons: Ints, male: npt.NDArray[np.bool_], year: Ints, village: Ints
    ) -> npt.NDArray[np.object_]:
        surname = np.searchsorted(self.surname_ends, self._draw(persons, 2))
        pick = self._draw(persons, 3)
        leads = pick < 0.33
        surname[leads] = self.leading[village[leads], (pick[leads] * 100 % 2).astype(np.int64)]
        one, two = np.empty(len(persons), object), np.empty(len(persons), object)
        at = self._draw(persons, 4) ** 1.7, self._draw(persons, 5) ** 1.7
        for is_male, low, high, characters in self.cohorts:
            mine = (male == is_male) & (year >= low) & (year <= high)
            one[mine] = characters[(at[0][mine] * len(characters)).astype(np.int64)]
            two[mine] = characters[(at[1][mine] * len(characters)).astype(np.int64)]
        form = self._draw(persons, 6)
        two[form < 0.17] = ""
        odd = form > 0.965
        one[odd] = self.rare[(self._draw(persons[odd], 7) * len(self.rare)).astype(np.int64)]
        whole: npt.NDArray[np.object_] = self.surnames[surname] + one + two
        return whole

    @staticmethod
    def _numbers(prefixes: Sequence[str], prefix: Ints, stamp: Ints, order: Ints) -> list[str]:
        head = np.array([int(p) for p in prefixes])[prefix]
        stem = (head * 10**8 + stamp) * 1000 + order
        total = np.zeros(len(stem), np.int64)
        left = stem.copy()
        for weight in WEIGHTS[::-1]:
            total += left % 10 * weight
            left //= 10
        return [f"{s}{c}" for s, c in zip(stem.tolist(), CHECKS[total % 11].tolist(), strict=True)]

    def _addresses(self, persons: Ints, village: Ints) -> list[str]:
        house = (self._draw(persons, 8) * 2400).astype(np.int64)
        return [
            f"{place}{h // 120 + 1}组{h % 120 + 1}号"
            for place, h in zip(self.places[village].tolist(), house.tolist(), strict=True)
        ]

    def _slip(self, cells: list[list[str]], rng: random.Random) -> None:
        """Write down what an office writes down: damage a few cells of each column in place."""
        name, number, sex, birth, address, phone = cells
        for column, share, damage in (
            (name, SLIPS["name"], _name_slip),
            (number, NO_NUMBER, _number_slip),
            (sex, SLIPS["sex"], _sex_slip),
            (birth, SLIPS["birth"], _birth_slip),
            (address, SLIPS["address"], self._address_slip),
            (phone, SLIPS["phone"], _phone_slip),
            (phone, SLIPS["no_phone"], _nothing),
        ):
            for at in _some(rng, len(column), share):
                column[at] = damage(rng, column[at])

    def _address_slip(self, rng: random.Random, address: str) -> str:
        village = self.places[rng.randrange(self.villages)]
        moved = f"{village}{rng.randrange(1, 21)}组{rng.randrange(1, 121)}号"
        short = address.removeprefix("湖东省棠州市澄溪县")
        cut = max(short.find("村"), short.find("社区") + 1) + 1
        return rng.choice((moved, moved, "", short, short[:cut], f"{short[:cut]}{rng.randrange(1, 21)}组"))


def _two_words(rng: random.Random, count: int) -> list[str]:
    pairs = [a + b for a in PLACE_WORDS for b in PLACE_WORDS if a != b]
    rng.shuffle(pairs)
    return [pairs[i % len(pairs)] for i in range(count)]


def _some(rng: random.Random, count: int, share: float) -> Iterator[int]:
    """Yield about count · share positions, ascending."""
    at = -1
    while True:
        at += 1 + int(math.log(1 - rng.random()) / math.log(1 - share))
        if at >= count:
            return
        yield at


def _nothing(_rng: random.Random, _cell: str) -> str:
    return ""


def _phone_slip(rng: random.Random, _cell: str) -> str:
    return f"1410{rng.randrange(10**7):07d}"


def _sex_slip(rng: random.Random, sex: str) -> str:
    return rng.choice(("", "", "男" if sex == "女" else "女"))


def _name_slip(rng: random.Random, name: str) -> str:
    draw = rng.random()
    if draw < 0.3:
        return slips_name.homophone(rng, name)
    if draw < 0.45:
        return slips_name.shape(rng, name)
    if draw < 0.55:
        return slips_name.variant(rng, name)
    if draw < 0.65:
        return slips_name.rare(rng, name)
    if draw < 0.75:
        return slips_name.drop(rng, name)
    if draw < 0.8:
        return slips_name.masked(rng, name)
    if draw < 0.9:
        return f"{name[0]} {name[1:]}"
    return f"{name}（曾用名{name[0]}{rng.choice('伟芳娜敏静丽强磊')}）"


def _number_slip(rng: random.Random, number: str) -> str:
    """Return what stands where no usable number does: nothing, a masked one, one wrong digit, fifteen digits."""
    place = rng.randrange(17)
    wrong = number[:place] + str((int(number[place]) + rng.randrange(1, 10)) % 10) + number[place + 1 :]
    masked = number[:6] + "********" + number[14:]
    return rng.choice(("", "", "", masked, number[:14] + "****", wrong, wrong, number[:15] + "000"))


def _birth_slip(rng: random.Random, birth: str) -> str:
    born = date.fromisoformat(birth)
    near = born + timedelta(days=rng.choice((-30, -29, -10, -1, 1, 10, 29, 30)))
    swapped = f"{born.year}-{born.day:02d}-{born.month:02d}" if born.day <= 12 else near.isoformat()
    spoken = f"{born.year}年{born.month}月{born.day}日"
    return rng.choice((f"{born:%Y%m%d}", spoken, f"{born:%Y-%m}", f"{born.year}", "", near.isoformat(), swapped))


def export(crowd: Crowd, folder: Path) -> None:
    """Write left.csv, right.csv (row and FIELDS) and truth.csv (left, right), UTF-8."""
    folder.mkdir(parents=True, exist_ok=True)
    for side in ("left", "right"):
        with (folder / f"{side}.csv").open("w", encoding="utf-8", newline="") as target:
            target.write(",".join(("row", *FIELDS)) + "\n")
            at = 0
            for chunk in crowd.chunks(side):  # No cell has a comma, a quotation mark or a line break.
                target.writelines(f"{at + k},{','.join(row)}\n" for k, row in enumerate(chunk))
                at += len(chunk)
    with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(("left", "right"))
        for left, right in crowd.truth():
            writer.writerows(zip(left.tolist(), right.tolist(), strict=True))
