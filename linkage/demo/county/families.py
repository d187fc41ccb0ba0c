"""Grow the population, families first: couples, their children, the children's marriages."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from linkage.demo.county.citizen import NumberOffice, foreign_resident, is_local, phone
from linkage.demo.county.naming import NameGiver
from linkage.demo.county.people import COUNTY, SNAPSHOTS, TODAY, Household, Person, Population
from linkage.demo.county.words import Town, towns


@dataclass(slots=True)
class FamilyTree:
    """Grow families until the county is full; every draw comes from `rng`."""

    rng: random.Random
    county: Population = field(default_factory=Population)
    office: NumberOffice = field(init=False)
    giver: NameGiver = field(init=False)
    living: int = 0

    def __post_init__(self) -> None:
        self.office = NumberOffice(self.rng)
        self.giver = NameGiver(self.rng)

    # -- one person -------------------------------------------------------------------------------------------

    def person(self, sex: str, born: date, *, surname: str, given: str, native: bool) -> Person:
        male = sex == "M"
        prefix = self.office.local_prefix(born) if native else self.office.other_prefix(born)
        number = self.office.issue(prefix, born, male)
        kind = "HMT18" if prefix[:2] in ("81", "82", "83") else "CN18"
        if not native and self.rng.random() < 0.001:
            number, kind = foreign_resident(self.rng, born, male), "FPR18"
        made = Person(f"P{len(self.county.people):06d}", surname, given, sex, born, number, kind)
        made.local = is_local(number[:6], born)
        made.phone, made.old_phone = phone(self.rng), phone(self.rng)
        made.died = self._death(born)
        if self.rng.random() < 0.004:
            made.old_number = self._superseded(made)
        if self.rng.random() < 0.03:
            made.aliases.append(self.giver.alias(surname, given, sex=sex, year=born.year, husband=""))
        self.county.people[made.key] = made
        self.living += made.alive(TODAY)
        return made

    def _superseded(self, person: Person) -> str:
        born, male = person.born, person.sex == "M"
        if self.rng.random() < 0.25:
            born = self._shifted_year(born)
        return self.office.issue(person.number[:6], born, male) if person.kind == "CN18" else ""

    def _shifted_year(self, born: date) -> date:
        year = max(born.year + self.rng.choice((-2, -1, 1)), 1900)
        return born.replace(year=year, day=min(born.day, 28))

    def _death(self, born: date) -> date | None:
        age = TODAY.year - born.year
        chance = 1 / (1 + math.exp((82 - age) / 6)) + 0.004
        if self.rng.random() >= chance or age < 1:
            return None
        late = 60 + self.rng.random() * max(age - 60, 1) if age > 60 else self.rng.random() * age
        died = born + timedelta(days=int(late * 365.25) + 1)
        return died if died < SNAPSHOTS[0] else None

    def day(self, first: int, last: int) -> date:
        start = date(first, 1, 1)
        return start + timedelta(days=self.rng.randrange((date(last, 12, 31) - start).days + 1))

    # -- households -------------------------------------------------------------------------------------------

    def household(self, town: Town, village: str, address: str = "") -> Household:
        made = Household(f"H{len(self.county.households):06d}", town.name, village, town.urban, address)
        made.address = address or self._address(town, village)
        made.hardship = self.rng.lognormvariate(0, 0.8) * (0.6 if town.urban else 1.1)
        self.county.households[made.key] = made
        return made

    def _address(self, town: Town, village: str) -> str:
        stem = f"{COUNTY}{town.name}{village}"
        if town.urban:
            floor, flat = self.rng.randrange(1, 7), self.rng.randrange(1, 5)
            return f"{stem}{self.rng.randrange(1, 41)}号楼{self.rng.randrange(1, 5)}单元{floor}0{flat}室"
        return f"{stem}{self.rng.randrange(1, 16)}组{self.rng.randrange(1, 161)}号"

    def join(self, home: Household, *people: Person) -> None:
        for person in people:
            person.household = home.key
            home.members.append(person.key)

    # -- families ---------------------------------------------------------------------------------------------

    def grow(self, population: int) -> Population:
        """Return a county with about `population` living people."""
        weights = [town.weight for town in towns()]
        while self.living < population:
            town = self.rng.choices(towns(), weights)[0]
            village = self.rng.choice(town.villages)
            if self.rng.random() < 0.09:
                self._single(town, village)
            elif self.rng.random() < 0.012:
                self._dotted_family(town, village)
            else:
                self._root_couple(town, village)
        return self.county

    def _single(self, town: Town, village: str) -> None:
        sex = "M" if self.rng.random() < 0.75 else "F"
        born = self.day(1938, 1985)
        surname = self.giver.surname(village)
        alone = self.person(sex, born, surname=surname, given=self.giver.given(sex, born.year), native=True)
        home = self.household(town, village)
        home.hardship *= 1.5
        self.join(home, alone)

    def _root_couple(self, town: Town, village: str) -> None:
        born = self.day(1932, 1964)
        surname = self.giver.surname(village)
        native = self.rng.random() < 0.93
        husband = self.person("M", born, surname=surname, given=self.giver.given("M", born.year), native=native)
        home = self.household(town, village)
        self.join(home, husband)
        self._marry(husband, home)
        self._raise(husband, home, town)

    def _marry(self, husband: Person, home: Household) -> Person:
        born = husband.born + timedelta(days=int(self.rng.gauss(400, 900)))
        surname = self.giver.surname(home.village if self.rng.random() < 0.3 else "")
        given = self.giver.given("F", born.year)
        wife = self.person("F", born, surname=surname, given=given, native=self.rng.random() < 0.62)
        husband.spouse, wife.spouse = wife.key, husband.key
        self.join(home, wife)
        return wife

    def _raise(self, father: Person, home: Household, town: Town) -> None:
        mother = self.county.people[father.spouse]
        children = self._births(father, mother)
        for child in children:
            if child.alive(TODAY) and child.age(TODAY) >= 21 and self.rng.random() < 0.8:
                self._settle(child, home, town)
            else:
                self.join(home, child)

    def _births(self, father: Person, mother: Person) -> list[Person]:
        limit = 5 if mother.born.year < 1952 else 3
        wanted = min(limit, max(0, round(self.rng.gauss(3.2 if mother.born.year < 1952 else 1.75, 0.9))))
        shared = self._shared(father) if self.rng.random() < 0.4 else ""
        children: list[Person] = []
        born = mother.born + timedelta(days=int(365 * self.rng.uniform(20, 28)))
        for _ in range(wanted):
            if born > date(2026, 9, 1):
                break
            children.append(self._child(father, mother, born, shared=shared, taken=children))
            if self.rng.random() < 0.012:
                children.append(self._child(father, mother, born, shared=shared, taken=children))
            born += timedelta(days=int(365 * self.rng.uniform(1.2, 6)))
        return children

    def _shared(self, father: Person) -> str:
        cohort = self.giver.given("M", min(father.born.year + 27, TODAY.year))
        return cohort[0]

    def _child(self, father: Person, mother: Person, born: date, *, shared: str, taken: list[Person]) -> Person:
        sex = "M" if self.rng.random() < 0.53 else "F"
        surname = mother.surname if self.rng.random() < 0.06 else father.surname
        names = frozenset(other.given for other in taken)
        if "·" in father.given:
            surname, given = "", self.giver.dotted(sex, father.given.split("·")[0])
        else:
            given = self.giver.given(sex, born.year, shared=shared, taken=names)
        child = self.person(sex, born, surname=surname, given=given, native=father.local or self.rng.random() < 0.5)
        child.ethnic = father.ethnic
        child.father, child.mother = father.key, mother.key
        father.children.append(child.key)
        mother.children.append(child.key)
        return child

    def _settle(self, child: Person, parental: Household, town: Town) -> None:
        if child.sex == "F":
            self._marry_out(child, parental)
            return
        if self.rng.random() < 0.28:
            home = parental
            self.join(home, child)
        else:
            home = self._near(parental, town)
            self.join(home, child)
        self._marry(child, home)
        self._raise(child, home, town)

    def _near(self, parental: Household, town: Town) -> Household:
        if self.rng.random() < 0.75:
            return self.household(town, parental.village, parental.address if self.rng.random() < 0.2 else "")
        other = self.rng.choices(towns(), [item.weight for item in towns()])[0]
        return self.household(other, self.rng.choice(other.villages))

    def _marry_out(self, bride: Person, parental: Household) -> None:
        """Marry a daughter to a man of another family; they live in a household of their own."""
        town = self.rng.choices(towns(), [item.weight for item in towns()])[0]
        home = self.household(town, self.rng.choice(town.villages))
        born = bride.born - timedelta(days=int(self.rng.gauss(500, 800)))
        surname = self.giver.surname(home.village)
        given = self.giver.given("M", born.year)
        husband = self.person("M", born, surname=surname, given=given, native=self.rng.random() < 0.85)
        husband.spouse, bride.spouse = bride.key, husband.key
        self.join(home, husband, bride)
        if self.rng.random() < 0.9:
            self._raise(husband, home, town)

    def _dotted_family(self, town: Town, village: str) -> None:
        born = self.day(1955, 1990)
        home = self.household(town, village)
        husband = self._dotted_person("M", born)
        wife = self._dotted_person("F", born + timedelta(days=self.rng.randrange(2000)))
        husband.spouse, wife.spouse = wife.key, husband.key
        self.join(home, husband, wife)
        for child in self._births(husband, wife):
            self.join(home, child)

    def _dotted_person(self, sex: str, born: date) -> Person:
        made = self.person(sex, born, surname="", given=self.giver.dotted(sex), native=False)
        made.ethnic = "维吾尔族"
        if made.kind == "CN18":
            made.number = self.office.issue(self.office.western_prefix(), born, sex == "M")
            made.local = False
        return made
