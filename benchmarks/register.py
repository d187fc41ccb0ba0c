"""Rows of an invented register of any size, in constant memory: people as distinct as real ones, cells as uneven.

Names come from the demo county's lists, numbers are new for every row and of prefixes that no county has. A few cells
in a hundred are missing, masked, misspelt or written otherwise, so that no reader sees plain cells only.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

from linkage.demo.county.citizen import check_digit, phone
from linkage.demo.county.naming import NameGiver
from linkage.demo.county.words import towns
from linkage.normalise.person import RawPerson

AS_OF = date(2026, 10, 31)
COUNTY = "湖东省棠州市澄溪县"
PREFIXES = ("367121", "367523", "367822", "417125", "517024")
ODD_CELLS = 0.04  # Of names, numbers, births and addresses each: as many as the demo county has.


class Register:
    """Draw rows from one seed; two registers of one seed are equal."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._names = NameGiver(self._rng)
        self._villages = [
            (town.name, village, town.urban)
            for town in towns()
            for village in town.villages
            for _ in range(town.weight)
        ]
        self._issued = 0

    def rows(self, count: int) -> Iterator[RawPerson]:
        """Yield `count` rows."""
        for _ in range(count):
            yield self._row()

    def chunks(self, count: int, size: int) -> Iterator[list[RawPerson]]:
        """Yield `count` rows in lists of `size`."""
        source = self.rows(count)
        while chunk := list(islice(source, size)):
            yield chunk

    def _row(self) -> RawPerson:
        rng = self._rng
        sex = rng.choice("MF")
        born = date(1935, 1, 1) + timedelta(days=rng.randrange(85 * 365))
        town, village, urban = rng.choice(self._villages)
        name = self._names.surname(village) + self._names.given(sex, born.year)
        return RawPerson(
            name=self._odd_name(name, sex) if rng.random() < ODD_CELLS else name,
            id_number=self._number(born, sex),
            sex="男" if sex == "M" else "女",
            birth=self._birth(born),
            address=self._address(town, village, urban),
            phone=phone(rng) if rng.random() < 0.8 else "",
        )

    def _odd_name(self, name: str, sex: str) -> str:
        rng = self._rng
        odd = (
            self._names.dotted(sex),
            f"{name[0]} {name[1:]}",
            f"{name}（已故）",
            name[0] + "某" * (len(name) - 1),
            name[0] + "?" + name[2:],
            f"{name}(曾用名{name[0]}{self._names.given(sex, 1970)})",
        )
        return rng.choice(odd)

    def _number(self, born: date, sex: str) -> str:
        """Return a number never given before: the order digits and the prefix count up."""
        rng, self._issued = self._rng, self._issued + 1
        prefix = PREFIXES[self._issued // 500 % len(PREFIXES)]
        stem = f"{prefix}{born:%Y%m%d}{rng.randrange(500) * 2 + (sex == 'M'):03d}"
        number = stem + check_digit(stem)
        if rng.random() >= ODD_CELLS:
            return number
        place = rng.randrange(17)
        wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
        return rng.choice(("", wrong, number[:6] + "********" + number[14:], f" {number[:17]}{number[17].lower()}"))

    def _birth(self, born: date) -> str:
        forms = (f"{born:%Y%m%d}", f"{born.year}年{born.month}月{born.day}日", f"{born:%Y-%m}", "")
        return self._rng.choice(forms) if self._rng.random() < ODD_CELLS else f"{born:%Y-%m-%d}"

    def _address(self, town: str, village: str, urban: bool) -> str:
        rng = self._rng
        if urban:
            house = f"{rng.randint(1, 40)}号楼{rng.randint(1, 4)}单元{rng.randint(1, 18)}{rng.randint(1, 4):02d}室"
        else:
            house = f"{rng.randint(1, 20)}组{rng.randint(1, 120)}号"
        if rng.random() >= ODD_CELLS:
            return f"{COUNTY}{town}{village}{house}"
        group, door = f"{town}{village}第{rng.randint(1, 9)}村民小组", f"{COUNTY}人民路{rng.randint(1, 300)}号"
        return rng.choice(("", village, group, door))
