"""The parts of the attack: distances, classes by structure, and what the attacker is given."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from benchmarks.seeded_attack import alone, distances, mutual_best, structure_classes
from linkage.normalise import RawPerson, normalise
from linkage.normalise.person import Person
from linkage.schema import load_schema

AS_OF = date(2026, 1, 1)


def person(name: str, birth: str = "1970-01-01", sex: str = "男") -> Person:
    return normalise(RawPerson(name=name, birth=birth, sex=sex), as_of=AS_OF)


def test_distances_are_shares_of_differing_bits() -> None:
    packed = np.array([[0b00000000], [0b11110000], [0b11111111]], np.uint8)

    assert distances(packed).tolist() == [[0, 0.5, 1], [0.5, 0, 0.5], [1, 0.5, 0]]


def test_a_row_whose_best_person_prefers_another_row_leads_by_nothing() -> None:
    best, lead = mutual_best(np.array([[1, 5, 9], [0, 7, 9], [9, 9, 2]], np.float32))

    assert best.tolist() == [0, 0, 2]
    assert lead.tolist() == [-1, 7, 7]


def test_people_who_differ_in_values_only_share_a_class() -> None:
    people = [person("甲一明", "1970-01-01"), person("乙二华", "1981-02-03")]

    assert len(set(structure_classes(people, load_schema("person-v1"), np.array([], np.int64)))) == 1


@pytest.mark.parametrize(
    ("odd", "known"),
    [
        (("丙三国", "1990-05-06", ""), []),  # Lacks a field that the others have.
        (("丁四海", "1992-07-08", "男"), [2]),  # Is known.
    ],
)
def test_flags_and_being_known_make_a_class(odd: tuple[str, str, str], known: list[int]) -> None:
    people = [person("甲一明", "1970-01-01"), person("乙二华", "1981-02-03"), person(*odd)]

    classes = structure_classes(people, load_schema("person-v1"), np.array(known, np.int64))

    assert classes[0] == classes[1] != classes[2]


def test_people_who_share_a_token_are_told_from_those_who_share_none() -> None:
    people = [person("甲一明", "1970-01-01"), person("乙二华", "1981-02-03"), person("甲一明", "1970-01-01")]

    classes = structure_classes(people, load_schema("person-v1"), np.array([], np.int64))

    assert classes[0] == classes[2] != classes[1]


def test_alone_counts_classes_of_one_among_the_unknown() -> None:
    classes = np.array([0, 0, 1, 2])

    assert alone(classes, np.array([0, 1, 2])) == pytest.approx(1 / 3)
