"""Hold the persons and households of the fictitious county."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

SNAPSHOTS = (date(2026, 9, 30), date(2026, 10, 31))
TODAY = SNAPSHOTS[1]
COUNTY = "湖东省棠州市澄溪县"
COUNTY_SHORT = "澄溪县"


@dataclass(slots=True)
class Person:
    """Hold one invented person; mutable, because marriages and deaths happen while the county is built."""

    key: str
    surname: str
    given: str
    sex: str
    born: date
    number: str
    kind: str = "CN18"
    local: bool = True
    household: str = ""
    father: str = ""
    mother: str = ""
    spouse: str = ""
    ethnic: str = "汉族"
    old_number: str = ""
    aliases: list[str] = field(default_factory=list)
    died: date | None = None
    phone: str = ""
    old_phone: str = ""
    children: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.surname + self.given

    def age(self, on: date) -> int:
        """Return the completed years on a day."""
        return on.year - self.born.year - ((on.month, on.day) < (self.born.month, self.born.day))

    def alive(self, on: date) -> bool:
        return self.died is None or self.died > on


@dataclass(slots=True)
class Household:
    """Hold one household: its members (head first), its place, and how hard its life is."""

    key: str
    town: str
    village: str
    urban: bool
    address: str
    members: list[str] = field(default_factory=list)
    hardship: float = 1.0


@dataclass(slots=True)
class Population:
    """Hold everybody by key."""

    people: dict[str, Person] = field(default_factory=dict)
    households: dict[str, Household] = field(default_factory=dict)

    def home(self, person: Person) -> Household:
        return self.households[person.household]

    def living(self) -> list[Person]:
        return [person for person in self.people.values() if person.alive(TODAY)]

    def relation(self, head: Person, other: Person) -> str:
        """Return what `other` is to the head of the household, in the register's words."""
        if other is head:
            return "户主"
        if other.key == head.spouse:
            return "配偶"
        if head.key in (other.father, other.mother):
            return "子" if other.sex == "M" else "女"
        if other.key == head.father:
            return "父"
        if other.key == head.mother:
            return "母"
        if other.spouse and other.spouse in head.children:
            return "儿媳" if other.sex == "F" else "女婿"
        if other.father in head.children or other.mother in head.children:
            return "孙子" if other.sex == "M" else "孙女"
        if head.father and other.father == head.father:
            return "兄弟姐妹"
        return "其他"

    def kin(self, person: Person, on: date) -> list[tuple[str, Person]]:
        """Return the near relatives alive on a day, as pairs of what they are to `person` and who."""
        named = [("配偶", person.spouse), ("父亲", person.father), ("母亲", person.mother)]
        found = [(word, self.people[key]) for word, key in named if key]
        for key in person.children:
            child = self.people[key]
            found.append(("儿子" if child.sex == "M" else "女儿", child))
        return [(word, relative) for word, relative in found if relative.alive(on) and relative.born <= on]
