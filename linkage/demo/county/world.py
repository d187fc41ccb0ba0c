"""Build the true county: people, registers, cases, enforcement and aid, before any error."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from linkage.demo.county.aid import Aided, AidOffice, Grant
from linkage.demo.county.casework import Case, Docket
from linkage.demo.county.citizen import check_digit
from linkage.demo.county.criminal import Prosecutor
from linkage.demo.county.enforcement import Court, Enforcement
from linkage.demo.county.families import FamilyTree
from linkage.demo.county.people import TODAY, Person, Population
from linkage.demo.county.registers import Registrar
from linkage.demo.county.roll import Roll
from linkage.demo.county.supervision import Supervisor

_POOR = ("DIBAO", "DIBIAN", "TEKUN", "CHILD", "MONITOR", "CARD", "WOMEN", "WORKER", "MEDAID", "DPF")


@dataclass(slots=True)
class World:
    """Hold everything true about the county."""

    size: int
    county: Population
    roll: Roll
    cases: list[Case]
    enforcement: list[Enforcement]
    aided: list[Aided]
    grants: list[Grant]
    certified: dict[str, tuple[int, int]]
    planted: list[str] = field(default_factory=list)


def build(seed: str, population: int) -> World:
    """Return the county of a seed and a size; every draw comes from random generators named after the seed."""
    county = FamilyTree(random.Random(f"{seed}/families")).grow(population)
    planted = plant_ambiguity(random.Random(f"{seed}/namesakes"), county, population)
    registrar = Registrar(random.Random(f"{seed}/registers"), county, population)
    roll = registrar.fill()
    docket = Docket(random.Random(f"{seed}/docket"))
    urge = _urge(county, roll, planted, population)
    prosecutor = Prosecutor(random.Random(f"{seed}/criminal"), county, roll, docket, population, urge)
    prosecutor.work()
    Supervisor(random.Random(f"{seed}/supervision"), docket, prosecutor, population).work()
    docket.cases.sort(key=lambda case: (case.received, case.number))
    rows = Court(random.Random(f"{seed}/court"), county, docket, population).work()
    office = AidOffice(random.Random(f"{seed}/aid"), county, roll, docket, population, registrar.certified)
    office.work(rows)
    return World(
        population, county, roll, docket.cases, rows, office.aided, office.grants, registrar.certified, planted
    )


def _urge(county: Population, roll: Roll, planted: list[str], population: int) -> dict[str, float]:
    """Return how much more often somebody becomes a victim or applicant: the poor, more so in a small county."""
    poor = 2.6 if population >= 20_000 else 3.6
    urge = dict.fromkeys(roll.people(*_POOR), poor)
    urge.update(dict.fromkeys(roll.people("MONITOR", "WORKER", "WOMEN"), poor * 1.3))
    urge.update(dict.fromkeys(roll.people("CHILD"), 12.0))
    urge.update(dict.fromkeys(planted, 12.0))
    for person in county.people.values():
        if person.age(TODAY) >= 65:
            urge[person.key] = urge.get(person.key, 1.0) * 1.2
    return urge


def plant_ambiguity(rng: random.Random, county: Population, population: int) -> list[str]:
    """Make pairs of namesakes in one village with one birth date, and a few shared numbers; return their keys."""
    by_place: dict[tuple[str, str, str], list[Person]] = {}
    for person in county.living():
        if person.surname and person.spouse:
            home = county.home(person)
            by_place.setdefault((home.town + home.village, person.surname, person.sex), []).append(person)
    groups = [group for group in by_place.values() if len(group) >= 2]
    planted: list[str] = []
    for place in range(population // 5000 + 2):
        one, two = rng.sample(rng.choice(groups), 2)
        if one.household == two.household or one.key in planted or two.key in planted:
            continue
        two.given = one.given
        if place % 2 == 0 and abs(one.born.year - two.born.year) < 12:
            _same_birth(rng, one, two)
        planted += [one.key, two.key]
    for _ in range(population // 30_000 + 1):
        one, two = rng.sample(rng.choice(groups), 2)
        two.number, two.born, two.local = one.number, one.born, one.local
    return planted


def _same_birth(rng: random.Random, one: Person, two: Person) -> None:
    order = (int(one.number[14:17]) + 2 * rng.randrange(1, 300)) % 1000
    stem = f"{two.number[:6]}{one.born:%Y%m%d}{order:03d}"
    two.born, two.number = one.born, stem + check_digit(stem)
