"""Laws of linking that hold whatever the rows: on real encodings of generated people, written down by two offices."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.crowd import AS_OF, Crowd
from linkage.encode.bulk import BulkEncoder
from linkage.encode.raw_rows import RawChunk
from linkage.encode.roundkey import RoundKey
from linkage.encoded import EncodedPopulation, population_from_rows
from linkage.match import Links, link
from linkage.match.distances import hamming_pairs
from linkage.match.evidence import features, score
from linkage.normalise.person import RawPerson
from linkage.schema import load_schema

SCHEMA = load_schema("person-v1")
ROWS = 120
SOME = st.lists(st.integers(0, ROWS - 1), max_size=60)  # A row may come twice: offices have duplicates.
SHUFFLED = st.permutations(range(ROWS))
FEW = settings(max_examples=25, deadline=None)
Sides = tuple[EncodedPopulation, EncodedPopulation]
Graded = set[tuple[int, int, int]]


def troubled(at: int, row: tuple[str, ...]) -> RawPerson:
    """Return a row as a careless office has it: no number or birth, another name, a dozen namesakes of a village."""
    name, number, sex, birth, address, phone = row
    if at % 3 == 0:
        number = ""
    if at % 5 == 0:
        birth = birth[:4]
    if at % 11 == 0:
        name = name[0] + "秀英"
    if at % 4 == 1:
        name, address, phone = ("王静", "李强")[at % 8 // 4], "三汊乡何集村", ""
    return RawPerson(name=name, id_number=number, sex=sex, birth=birth, address=address, phone=phone)


@pytest.fixture(scope="module")
def sides() -> Sides:
    """Encode two registers of a small place: half of the people stand in both, many slips, some namesakes."""
    crowd = Crowd(ROWS, ROWS, seed=11, share=0.8)
    encoder = BulkEncoder(SCHEMA, RoundKey(bytes(range(32))), as_of=AS_OF, threads=1)

    def encoded(side: str) -> EncodedPopulation:
        people = [troubled(at, row) for at, row in enumerate(crowd.rows(side))]
        return population_from_rows(np.concatenate([chunk.rows for chunk in encoder.encode([RawChunk(people)])]))

    return encoded("left"), encoded("right")


def taken(population: EncodedPopulation, rows: list[int]) -> EncodedPopulation:
    """Return some rows in some order."""
    at = np.array(rows, np.int64)
    return EncodedPopulation(**{f.name: getattr(population, f.name)[at] for f in fields(population)})


def linked(left: EncodedPopulation, right: EncodedPopulation, *, wide: bool = False) -> Links:
    return link(left, right, SCHEMA, need_context=False, wide=wide)


def graded(links: Links, left: list[int] | range, right: list[int] | range) -> Graded:
    """Return the links by the rows' numbers before they were taken."""
    return {
        (left[i], right[j], g)
        for i, j, g in zip(links.anchor.tolist(), links.other.tolist(), links.grade.tolist(), strict=True)
    }


def test_the_registers_have_links_of_several_grades(sides: Sides) -> None:
    assert len(set(linked(*sides, wide=True).grade.tolist())) >= 4


@FEW
@given(left=SHUFFLED, right=SHUFFLED, wide=st.booleans())
def test_row_order_of_neither_side_shows(sides: Sides, left: list[int], right: list[int], wide: bool) -> None:
    plain = graded(linked(*sides, wide=wide), range(ROWS), range(ROWS))
    shuffled = linked(taken(sides[0], left), taken(sides[1], right), wide=wide)

    assert graded(shuffled, left, right) == plain


@FEW
@given(left=SOME, right=SOME, wide=st.booleans())
def test_either_side_may_come_first(sides: Sides, left: list[int], right: list[int], wide: bool) -> None:
    a, b = taken(sides[0], left), taken(sides[1], right)
    forth, back = linked(a, b, wide=wide), linked(b, a, wide=wide)

    there = graded(forth, range(len(left)), range(len(right)))
    assert {(j, i, g) for i, j, g in graded(back, range(len(right)), range(len(left)))} == there


@FEW
@given(left=SOME, right=SOME)
def test_evidence_is_the_same_from_both_sides(sides: Sides, left: list[int], right: list[int]) -> None:
    at = np.array(left[: len(right)], np.int32), np.array(right[: len(left)], np.int32)
    a, b = sides
    forth, back = features(a, b, at, SCHEMA), features(b, a, at[::-1], SCHEMA)

    assert {name: column.tolist() for name, column in forth.items()} == {n: c.tolist() for n, c in back.items()}
    assert score(forth, SCHEMA).tolist() == score(back, SCHEMA).tolist()
    assert hamming_pairs(a.filters, b.filters, *at).tolist() == hamming_pairs(b.filters, a.filters, *at[::-1]).tolist()


@FEW
@given(left=SOME, right=SOME, most=st.integers(0, 4000))
def test_a_smaller_budget_of_comparisons_never_links_what_a_larger_one_does_not_see(
    sides: Sides, left: list[int], right: list[int], most: int
) -> None:
    a, b = taken(sides[0], left), taken(sides[1], right)
    bounded = link(a, b, SCHEMA, need_context=False, wide=True, most=most)

    assert bounded.effort.compared <= most
    found = {(i, j) for i, j, _ in graded(bounded, range(len(left)), range(len(right)))}
    every = {(i, j) for i, j, _ in graded(linked(a, b, wide=True), range(len(left)), range(len(right)))}
    assert found <= every
