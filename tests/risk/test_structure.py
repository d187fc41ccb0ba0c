"""The parts of the attack: distances, classes by structure, and what the attacker is given."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from linkage.encode.rows import RowEncoder
from linkage.normalise import RawPerson, normalise
from linkage.normalise.person import Person
from linkage.risk.crowd import Rows, distances, key_of, person_rows
from linkage.risk.graph import Classes, mutual_best
from linkage.risk.structure import alone, classes_of
from linkage.schema import load_schema

SCHEMA = load_schema("person-v1")
AS_OF = date(2026, 1, 1)
NOBODY = (np.array([], np.int64), np.array([], np.int64))
ORDER = [2, 0, 1]


def person(name: str, birth: str = "1970-01-01", sex: str = "男", village: str = "") -> Person:
    return normalise(RawPerson(name=name, birth=birth, sex=sex, address=village), as_of=AS_OF)


def test_distances_are_shares_of_differing_bits_to_each_other_and_to_no_bit() -> None:
    packed = np.array([[0b00000000], [0b11110000], [0b11111111]], np.uint8)

    assert distances(packed).tolist() == [[0, 0.5, 1, 0], [0.5, 0, 0.5, 0.5], [1, 0.5, 0, 1]]


def test_a_row_whose_best_person_prefers_another_row_leads_by_nothing() -> None:
    best, lead = mutual_best(np.array([[1, 5, 9], [0, 7, 9], [9, 9, 2]], np.float32))

    assert best.tolist() == [0, 0, 2]
    assert lead.tolist() == [-1, 7, 7]


def classes(people: list[Person], known: tuple[list[int], list[int]] = ([], [])) -> Classes:
    """Return the classes of people's rows under one key in another order, and of the people under another key."""
    encode = person_rows(people)
    seen, own = encode(SCHEMA, key_of("owner")), encode(SCHEMA, key_of("attacker"))
    return classes_of(seen[ORDER[: len(seen)]], own, SCHEMA, (np.array(known[0], int), np.array(known[1], int)))


def test_rows_and_people_fall_into_the_same_classes() -> None:
    of_rows, of_people = classes([person("甲一明"), person("甲一明"), person("乙二华", "1981-02-03")])

    assert of_rows.tolist() == of_people[ORDER].tolist()


def test_people_who_share_a_token_are_told_from_those_who_share_none() -> None:
    _, found = classes([person("甲一明"), person("乙二华", "1981-02-03"), person("甲一明")])

    assert found[0] == found[2] != found[1]


@pytest.mark.parametrize("odd", [("1990-05-06", ""), ("",), ("1990-05-06", "男", "三汊乡何集村")])
def test_which_fields_a_row_has_makes_no_class(odd: tuple[str, ...]) -> None:
    _, found = classes([person("甲一明"), person("乙二华", "1981-02-03"), person("丙三国", *odd)])

    assert len(set(found.tolist())) == 1


def test_empty_places_make_a_class_where_nobody_fills_them() -> None:
    people = [person("甲一明"), person("乙二华", "1981-02-03"), person("丙三国", "1990-05-06", "")]
    bare: Rows = RowEncoder(SCHEMA, key_of("owner")).encode(people)

    _, found = classes_of(bare, bare, SCHEMA, NOBODY)

    assert found[0] == found[1] != found[2]


def test_being_known_makes_a_class() -> None:
    people = [person("甲一明"), person("乙二华", "1981-02-03"), person("丙三国", "1990-05-06")]
    of_rows, of_people = classes(people, ([0], [2]))

    assert of_rows[0] == of_people[2]
    assert of_people[0] == of_people[1] != of_people[2]


def test_alone_counts_classes_of_one_among_the_unknown() -> None:
    rows = np.array([0, 0, 1, 2])

    assert alone((rows, rows), np.array([0, 1, 2])) == pytest.approx(1 / 3)
