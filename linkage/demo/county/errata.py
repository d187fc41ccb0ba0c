"""Show a person as a clerk wrote them down: draw the errors of one source and label each one.

Rates are per cent of records by source (domain D4), scaled by the profile and by the record's quality class
(domain D3): good 85 % x0.5, fair 12 % x2.2, bad 3 % x10; no rate passes 60 %.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache

from linkage.demo.county import slips_name, slips_number
from linkage.demo.county.citizen import certificate, check_digit
from linkage.demo.county.naming import NameGiver
from linkage.demo.county.people import COUNTY, COUNTY_SHORT, Person, Population
from linkage.demo.county.words import names, table
from linkage.errors import ConfigError

PROFILES = {"clean": 0.2, "normal": 1.0, "harsh": 3.0}
_CEILING = 0.60
_ROLES = {
    "typed": ("被害人", "当事人"),
    "ocr": ("被害人", "被害人："),
    "court": ("原告", "申请人"),
    "petition": ("信访人",),
}


def factor(profile: str) -> float:
    """Return the multiplier of a profile; raise ConfigError for an unknown one."""
    if profile not in PROFILES:
        known = "、".join(PROFILES)
        raise ConfigError(f"未知的误差档位，可用：{known}", f"unknown error profile; use one of {', '.join(PROFILES)}")
    return PROFILES[profile]


@lru_cache(maxsize=1)
def rates() -> dict[str, dict[str, float]]:
    """Return op -> source -> share of records, as fractions."""
    return {row["op"]: {k: float(v) / 100 for k, v in row.items() if k != "op"} for row in table("rates.csv")}


@dataclass(frozen=True, slots=True)
class Source:
    """Name a source's rates and the columns its file has; `scale` multiplies single rates (suspects, applicants)."""

    rates: str
    columns: frozenset[str]
    scale: tuple[tuple[str, float], ...] = ()

    def rate(self, op: str) -> float:
        return rates()[op][self.rates] * dict(self.scale).get(op, 1.0)


@dataclass(frozen=True, slots=True)
class Shown:
    """Hold what one record shows of a person, and the labels of its errors."""

    name: str
    number: str
    sex: str
    born: date | None
    age: str
    address: str
    town: str
    village: str
    phone: str
    ops: tuple[str, ...]


@dataclass(slots=True)
class Clerk:
    """Write records with errors; `certified` maps a person key to (category, grade) of a disability certificate."""

    rng: random.Random
    county: Population
    strength: float
    certified: dict[str, tuple[int, int]] = field(default_factory=dict)

    def chance(self, source: Source, op: str, quality: float = 1.0) -> bool:
        return self.rng.random() < min(_CEILING, source.rate(op) * self.strength * quality)

    def quality(self) -> float:
        draw = self.rng.random()
        return 0.5 if draw < 0.85 else 2.2 if draw < 0.97 else 10.0

    def show(self, person: Person, source: Source, as_of: date) -> Shown:
        """Return the person as one record of the source shows them on a day."""
        home = self.county.home(person)
        shown = Shown(
            person.name,
            person.number,
            "男" if person.sex == "M" else "女",
            person.born,
            str(max(person.age(as_of), 0)),
            home.address,
            home.town,
            home.village,
            self._phone(person),
            (),
        )
        quality = self.quality()
        shown = self._number(person, shown, source, quality)
        shown = self._name(person, shown, source, quality)
        shown = self._birth(person, shown, source, quality)
        shown = self._sex(shown, source, quality)
        return self._address(shown, source, quality)

    # -- telephone ---------------------------------------------------------------------------------------------

    def _phone(self, person: Person) -> str:
        draw = self.rng.random()
        if draw < 0.12:
            return ""
        if draw < 0.26:
            member = self.rng.choice(self.county.home(person).members)
            return self.county.people[member].phone
        return person.old_phone if draw < 0.36 else person.phone

    # -- number ------------------------------------------------------------------------------------------------

    def _number(self, person: Person, shown: Shown, source: Source, quality: float) -> Shown:
        if "number" not in source.columns:
            return replace(shown, number="")
        if self.chance(source, "id_missing", quality):
            return replace(shown, number="", ops=(*shown.ops, "id_missing"))
        number, ops = self._whose(person, source, quality)
        number, ops = self._damage(number, ops, source, quality)
        if len(number) >= 15 and "E" not in number and self.chance(source, "id_mask", quality):
            number, ops = slips_number.masked(self.rng, number), [*ops, "id_mask"]
        elif self.chance(source, "id_form", quality) and "E" not in number:
            number, ops = slips_number.other_form(self.rng, number), [*ops, "id_form"]
        return replace(shown, number=number, ops=(*shown.ops, *ops))

    def _whose(self, person: Person, source: Source, quality: float) -> tuple[str, list[str]]:
        if self.chance(source, "id_old", quality):
            return self._old_number(person), ["id_old"]
        if self.chance(source, "id_kin", quality):
            number = self._kin_number(person)
            if number:
                return number, ["id_kin"]
        # The rate is over all records, but only the certified fifth of the poor has such a number to give.
        share = 1.0 if source.rates == "dpf" else 5.0
        if person.key in self.certified and self.chance(source, "discert", quality * share):
            return certificate(person.number, *self.certified[person.key]), ["discert"]
        return person.number, []

    def _old_number(self, person: Person) -> str:
        if not person.old_number:
            stem = person.number[:14] + f"{(int(person.number[14:17]) + 2 * self.rng.randrange(1, 400)) % 1000:03d}"
            person.old_number = stem + check_digit(stem)
        return person.old_number

    def _kin_number(self, person: Person) -> str:
        keys = [key for key in (person.spouse, person.father, person.mother, *person.children) if key]
        home = [key for key in self.county.home(person).members if key != person.key]
        pool = [key for key in keys if key in home] or keys or home
        return self.county.people[self.rng.choice(pool)].number if pool else ""

    def _damage(self, number: str, ops: list[str], source: Source, quality: float) -> tuple[str, list[str]]:
        if len(number) != 18:
            return number, ops
        if number[6:8] == "19" and self.chance(source, "id_15", quality * 1.3):
            return slips_number.fifteen(number), [*ops, "id_15"]
        if self.chance(source, "id_sub", quality):
            return slips_number.one_wrong(self.rng, number), [*ops, "id_sub"]
        if self.chance(source, "id_multi", quality):
            return slips_number.several_wrong(self.rng, number), [*ops, "id_multi"]
        if self.chance(source, "id_excel", quality):
            return slips_number.spreadsheet(self.rng, number), [*ops, "id_excel"]
        return number, ops

    # -- name --------------------------------------------------------------------------------------------------

    def _name(self, person: Person, shown: Shown, source: Source, quality: float) -> Shown:
        name, ops = person.name, list(shown.ops)
        # Half of those who would be called something else never had another name.
        if self.chance(source, "alias", quality) and (person.aliases or self.rng.random() < 0.5):
            name = self._alias(person)
            ops.append("alias")
        else:
            name = self._rare_and_dot(name, ops, source, quality)
            for op, slip in (("homophone", slips_name.homophone), ("shape", slips_name.shape),
                             ("variant", slips_name.variant), ("drop", slips_name.drop)):  # fmt: skip
                if self.chance(source, op, quality):
                    damaged = slip(self.rng, name)
                    ops.extend([op] if damaged != name else [])
                    name = damaged
        if self.chance(source, "name_mask", quality):
            name = slips_name.masked(self.rng, name)
            ops.append("name_mask")
        elif self.chance(source, "name_form", quality):
            name = self._form(person, name, source)
            ops.append("name_form")
        return replace(shown, name=name, ops=tuple(ops))

    def _rare_and_dot(self, name: str, ops: list[str], source: Source, quality: float) -> str:
        if any(char in names().rare for char in name) and self.chance(source, "rare", quality):
            name = slips_name.rare(self.rng, name)
            ops.append("rare")
        if "·" in name and self.chance(source, "dot", quality):
            name = slips_name.dot(self.rng, name)
            ops.append("dot")
        return name

    def _alias(self, person: Person) -> str:
        if not person.aliases:
            husband = self.county.people[person.spouse].surname if person.spouse else ""
            giver = NameGiver(self.rng)
            given = person.given or person.name
            year = person.born.year
            person.aliases.append(giver.alias(person.surname, given, sex=person.sex, year=year, husband=husband))
        return self.rng.choice(person.aliases)

    def _form(self, person: Person, name: str, source: Source) -> str:
        members = [key for key in self.county.home(person).members if key != person.key]
        other = self.county.people[self.rng.choice(members)].name if members else ""
        role = self.rng.choice(_ROLES.get(source.rates, ("",)))
        alias = person.aliases[0] if person.aliases else ""
        return slips_name.other_form(self.rng, name, sex=person.sex, role=role, other=other, alias=alias)

    # -- birth, age, sex ---------------------------------------------------------------------------------------

    def _birth(self, person: Person, shown: Shown, source: Source, quality: float) -> Shown:
        if "birth" not in source.columns:
            return replace(shown, born=None)
        if "age" in source.columns and self.chance(source, "age_only", quality):
            return replace(shown, born=None, age=self._nominal(person, shown.age), ops=(*shown.ops, "age_only"))
        if self.chance(source, "birth_missing", quality):
            return replace(shown, born=None, ops=(*shown.ops, "birth_missing"))
        # The rate is over all records, but only the older half has such a birth date.
        if person.born.year < 1976 and self.chance(source, "lunar", quality * 2.0):
            moved = person.born - timedelta(days=self.rng.randrange(18, 49))
            return replace(shown, born=moved, ops=(*shown.ops, "lunar"))
        if self.chance(source, "birth_err", quality):
            return replace(shown, born=self._wrong_day(person.born), ops=(*shown.ops, "birth_err"))
        return shown

    def _nominal(self, person: Person, age: str) -> str:
        """Return an age as told: completed years, or counted the traditional way, one or two more."""
        draw = self.rng.random()
        keep = 0.55 if person.born.year < 1965 else 0.72
        return age if draw < keep else str(int(age) + (1 if draw < keep + 0.3 else 2))

    def _wrong_day(self, born: date) -> date:
        for _ in range(12):
            draw = self.rng.random()
            year, month, day = born.year, born.month, born.day
            if draw < 0.25:
                month, day = day, month
            elif draw < 0.55:
                day += self.rng.choice((-10, -1, 1, 1, 10))
            elif draw < 0.75:
                month += self.rng.choice((-10, -1, 1))
            else:
                year += self.rng.choice((-10, -1, 1, 10))
            if (year, month, day) != (born.year, born.month, born.day) and 1 <= month <= 12 and 1 <= day <= 28:
                return date(year, month, day)
        return born + timedelta(days=1)

    def _sex(self, shown: Shown, source: Source, quality: float) -> Shown:
        if "sex" not in source.columns:
            return shown
        if self.chance(source, "sex_missing", quality):
            return replace(shown, sex="", ops=(*shown.ops, "sex_missing"))
        if self.chance(source, "sex_err", quality):
            return replace(shown, sex="女" if shown.sex == "男" else "男", ops=(*shown.ops, "sex_err"))
        return shown

    # -- address -----------------------------------------------------------------------------------------------

    def _address(self, shown: Shown, source: Source, quality: float) -> Shown:
        if not self.chance(source, "addr", quality):
            return shown
        if "address" in source.columns:
            return replace(shown, address=self._short(shown), ops=(*shown.ops, "addr"))
        if "place" in source.columns:
            town, village = self._place(shown)
            return replace(shown, town=town, village=village, ops=(*shown.ops, "addr"))
        return shown

    def _short(self, shown: Shown) -> str:
        draw, full = self.rng.random(), shown.address
        tail = full.removeprefix(f"{COUNTY}{shown.town}{shown.village}")
        if draw < 0.34:
            return full.removeprefix(COUNTY.removesuffix(COUNTY_SHORT))
        if draw < 0.44:
            return full.removeprefix(COUNTY)
        if draw < 0.58:
            return shown.village
        if draw < 0.74:
            return f"{shown.town.rstrip('镇乡街道')}{shown.village.removesuffix('村')}"
        if draw < 0.86:
            end = max(tail.find("组"), tail.find("楼"))
            return full.removesuffix(tail) + tail[: end + 1]
        if draw < 0.95:
            return full.replace(shown.town, self._renamed(shown.town)).replace("组", self.rng.choice("组队社"))
        return self.rng.choice(("", "现住外地", f"户籍地{COUNTY_SHORT}"))

    def _place(self, shown: Shown) -> tuple[str, str]:
        draw = self.rng.random()
        if draw < 0.35:
            return self._renamed(shown.town), shown.village
        if draw < 0.75:
            short = shown.village.removesuffix("社区").removesuffix("村")
            return shown.town, short + self.rng.choice(("", "村委会", "居委会"))
        return (shown.town, "") if draw < 0.9 else ("", shown.village)

    def _renamed(self, town: str) -> str:
        stem = town.removesuffix("街道").removesuffix("镇").removesuffix("乡")
        return stem + self.rng.choice([end for end in ("镇", "乡", "") if stem + end != town])
