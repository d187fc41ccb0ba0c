"""Attacks without known pairs: each finds next to nothing in what is shipped and much in what is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.register import AS_OF, Register
from linkage.encode.parts import grams_of
from linkage.normalise import Person, normalise
from linkage.risk.crowd import Crowd, Knowledge, know, person_rows
from linkage.risk.guesses import aligned, dictionary, frequency, with_key
from linkage.risk.patterns import mined
from linkage.schema import load_schema

SCHEMA = load_schema("person-v1")


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return [normalise(raw, as_of=AS_OF) for raw in Register(3).rows(400)]


@pytest.fixture(scope="module")
def known(people: list[Person]) -> Knowledge:
    return know(person_rows(people), SCHEMA, seed=1)


@pytest.fixture(scope="module")
def crowd(people: list[Person], known: Knowledge) -> Crowd:
    return Crowd(person_rows(people), SCHEMA, seed=1, known=known)


def test_no_value_is_found_without_the_key_and_every_one_with_it(crowd: Crowd, people: list[Person]) -> None:
    assert dictionary(crowd.rows, people, SCHEMA, tries=20_000) == 0
    assert with_key(crowd.rows, people, SCHEMA, crowd.key) == 1


def test_so_many_values_are_tried_as_asked_for(crowd: Crowd, people: list[Person]) -> None:
    said: list[tuple[int, int]] = []

    dictionary(crowd.rows, people, SCHEMA, tries=7001, progress=lambda done, total: said.append((done, total)))

    assert said[-1] == (7001, 7001)


def test_who_has_no_token_cannot_be_tried() -> None:
    nobody = [Person()]
    rows = person_rows(nobody)(SCHEMA, Crowd(person_rows(nobody), SCHEMA, seed=1).key)

    assert dictionary(rows, nobody, SCHEMA, tries=100) == 0


def test_counting_tokens_finds_nobody(crowd: Crowd, people: list[Person]) -> None:
    assert frequency(crowd.rows, crowd.order, people, SCHEMA) <= 3 / len(people)


@pytest.mark.parametrize(
    ("values", "found"),
    [(["a", "a", "a", "b", "b", "c"], 1.0), (["a", "b"], 0.5), (["a", "a", ""], 2 / 3)],
)
def test_frequencies_that_differ_give_a_token_of_one_field_away(values: list[str], found: float) -> None:
    tokens = [f"x{value}" if value else "filled in" for value in values]

    assert aligned(tokens, values) == pytest.approx(found, abs=0.2)


def test_patterns_are_found_in_plain_filters_and_not_in_diffused_ones(
    crowd: Crowd, known: Knowledge, people: list[Person]
) -> None:
    grams = [list(grams_of(person)) for person in people]
    bare = Crowd(person_rows(people), replace(SCHEMA, diffusion=0), seed=1, known=known)

    assert mined(crowd.rows["filter"], crowd.order, grams) <= 0.001
    assert mined(bare.rows["filter"], bare.order, grams) > 0.05


def test_what_a_pattern_says_is_split_among_those_it_fits() -> None:
    bits = np.zeros((40, 64), np.uint8)
    bits[:20, :8] = 1  # A gram of half the people.
    grams = [[("sex", "1")] if person < 20 else [] for person in range(40)]

    assert mined(np.packbits(bits, axis=1, bitorder="little"), np.arange(40), grams) == pytest.approx(2 / 40)
