"""Hold every shipped schema to the seeded graph attack; the control without diffusion shows that the attack bites.

The full figures, with 3,000 people and several seeds, are in docs/quality.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from benchmarks.seeded_attack import Crowd, attack, draw_seeds, register_people
from linkage.demo.county import generate_county
from linkage.normalise import Person
from linkage.schema import EncodingSchema, shipped_schemas

PEOPLE = 700
SEED = 1


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Person]:
    """Return people as the registers of a fictitious county show them, with the slips that such registers have."""
    county = tmp_path_factory.mktemp("county")
    generate_county(county, seed=5, population=6000)
    return register_people(county, PEOPLE, seed=SEED)


@pytest.fixture(scope="module", params=shipped_schemas(), ids=lambda schema: schema.id)
def schema(request: pytest.FixtureRequest) -> EncodingSchema:
    found: EncodingSchema = request.param
    return found


@pytest.fixture(scope="module")
def crowd(people: Sequence[Person], schema: EncodingSchema) -> Crowd:
    return Crowd(people, schema, seed=SEED)


@pytest.mark.parametrize(("known", "limit"), [(0.01, 0.03), (0.1, 0.12)])
def test_who_knows_some_pairs_finds_hardly_anybody_else(crowd: Crowd, known: float, limit: float) -> None:
    assert attack(crowd, draw_seeds(crowd, known, seed=SEED)) <= limit


def test_the_same_attack_finds_nearly_everybody_without_diffusion(
    people: Sequence[Person], schema: EncodingSchema
) -> None:
    bare = Crowd(people, replace(schema, diffusion=0), seed=SEED)

    assert attack(bare, draw_seeds(bare, 0.01, seed=SEED)) >= 0.9


def test_the_attack_finds_many_when_every_gram_has_half_the_hashes(
    people: Sequence[Person], schema: EncodingSchema
) -> None:
    thin = replace(schema, grams={kind: max(1, hashes // 2) for kind, hashes in schema.grams.items()})
    weak = Crowd(people, thin, seed=SEED)

    assert attack(weak, draw_seeds(weak, 0.1, seed=SEED)) >= 0.5
