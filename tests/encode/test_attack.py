"""Hold every shipped schema to the seeded graph attack; the control without diffusion shows that the attack bites.

The full figures, with 3,000 people and several seeds, are in docs/quality.md and docs/febrl.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.febrl import task
from benchmarks.febrl_quality import latin_filters
from benchmarks.seeded_attack import Crowd, Filters, attack, draw_seeds, register_people
from linkage.demo.county import generate_county
from linkage.normalise import Person
from linkage.schema import EncodingSchema, shipped_schemas

PEOPLE = 700
SEED = 1


@dataclass(frozen=True)
class Case:
    """A schema, people for it, and the encoding of such people (None for persons)."""

    schema: EncodingSchema
    people: Sequence[Any]
    filters: Filters | None = None

    def crowd(self, schema: EncodingSchema) -> Crowd:
        return Crowd(self.people, schema, seed=SEED, filters=self.filters)


def county_people(folder: Path) -> Sequence[Person]:
    """Return people as the registers of a fictitious county show them, with the slips that such registers have."""
    generate_county(folder, seed=5, population=6000)
    return register_people(folder, PEOPLE, seed=SEED)


@pytest.fixture(scope="module", params=shipped_schemas(), ids=lambda schema: schema.id)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    schema: EncodingSchema = request.param
    if schema.fields:
        return Case(schema, task("febrl4").left[:PEOPLE], latin_filters)
    return Case(schema, county_people(tmp_path_factory.mktemp("county")))


@pytest.fixture(scope="module")
def crowd(case: Case) -> Crowd:
    return case.crowd(case.schema)


@pytest.mark.parametrize(("known", "limit"), [(0.01, 0.03), (0.1, 0.12)])
def test_who_knows_some_pairs_finds_hardly_anybody_else(crowd: Crowd, known: float, limit: float) -> None:
    assert attack(crowd, draw_seeds(crowd, known, seed=SEED)) <= limit


def test_the_same_attack_finds_nearly_everybody_without_diffusion(case: Case) -> None:
    bare = case.crowd(replace(case.schema, diffusion=0))

    assert attack(bare, draw_seeds(bare, 0.01, seed=SEED)) >= 0.9


def test_the_attack_finds_many_when_there_are_half_the_hashes(case: Case) -> None:
    grams = {kind: max(1, hashes // 2) for kind, hashes in case.schema.grams.items()}
    fields = tuple(replace(field, hashes=field.hashes // 2) for field in case.schema.fields)
    weak = case.crowd(replace(case.schema, grams=grams, fields=fields))

    assert attack(weak, draw_seeds(weak, 0.1, seed=SEED)) >= 0.5
