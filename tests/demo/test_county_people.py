"""The people of the example county: numbers, families, namesakes."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date

import pytest

from linkage.demo.county.citizen import EARLY_PREFIX, LOST_PREFIX, PRESENT_PREFIX, check_digit, is_local
from linkage.demo.county.families import FamilyTree
from linkage.demo.county.people import Population
from linkage.demo.county.world import World, build


@pytest.fixture(scope="module")
def county() -> Population:
    return FamilyTree(random.Random("people")).grow(4000)


@pytest.fixture(scope="module")
def world() -> World:
    return build("people", 3000)


def test_the_check_digit_is_that_of_the_published_sample() -> None:
    assert check_digit("34052419800101001") == "X"


def test_every_number_has_its_check_digit_birth_date_and_sex(county: Population) -> None:
    for person in county.people.values():
        assert check_digit(person.number[:17]) == person.number[17]
        assert person.number[6:14] == f"{person.born:%Y%m%d}"
        assert int(person.number[16]) % 2 == (person.sex == "M")


def test_every_prefix_is_of_no_real_county(county: Population) -> None:
    for person in county.people.values():
        prefix = person.number[:6]
        assert prefix[0] == "9" or prefix in ("810000", "820000", "830000") or 70 <= int(prefix[2:4]) <= 89


def test_numbers_are_given_once(county: Population) -> None:
    assert len({person.number for person in county.people.values()}) == len(county.people)


@pytest.mark.parametrize(
    ("prefix", "born", "local"),
    [
        (EARLY_PREFIX, date(1970, 1, 1), True),
        (PRESENT_PREFIX, date(1950, 1, 1), True),
        (LOST_PREFIX, date(1960, 1, 1), True),
        (LOST_PREFIX, date(1995, 1, 1), False),
        ("327024", date(1970, 1, 1), False),
    ],
)
def test_a_prefix_is_local_while_it_was_the_countys(prefix: str, born: date, local: bool) -> None:
    assert is_local(prefix, born) is local


def test_children_are_younger_than_parents_and_mostly_bear_the_fathers_surname(county: Population) -> None:
    children = [person for person in county.people.values() if person.father]
    fathers = [county.people[child.father] for child in children]
    assert all(child.born.year - father.born.year >= 14 for child, father in zip(children, fathers, strict=True))
    same = sum(child.surname == father.surname for child, father in zip(children, fathers, strict=True))
    assert 0.88 < same / len(children) < 0.99


def test_there_are_twins_namesakes_and_shared_numbers(world: World) -> None:
    people = world.county.people.values()
    twins = Counter((person.mother, person.born) for person in people if person.mother)
    namesakes = Counter((world.county.home(person).village, person.name, person.born) for person in people)
    assert max(twins.values()) >= 2
    assert max(namesakes.values()) >= 2
    assert len({person.number for person in people}) < len(world.county.people)


def test_the_dead_are_not_listed_unless_as_stale(world: World) -> None:
    for register, entries in world.roll.entries.items():
        if register == "SAC":  # A ledger of aid once given, not a list of those entitled now.
            continue
        for entry in entries:
            died = world.county.people[entry.person].died
            assert entry.stale or died is None or died > date(2026, 9, 30)


def test_the_dead_are_nobodys_victims_twice(world: World) -> None:
    for case in world.cases:
        for party in case.role("被害人"):
            died = world.county.people[party.person].died
            assert died is None or died >= case.event
