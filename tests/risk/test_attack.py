"""Hold every shipped schema to the seeded graph attack; the control without diffusion shows that the attack bites.

The full figures, with 3,000 people and several seeds, are in docs/quality.md and docs/febrl.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from benchmarks.febrl import task
from benchmarks.febrl_quality import latin_rows
from benchmarks.seeded_attack import register_people
from linkage.demo.county import generate_county
from linkage.normalise import Person
from linkage.risk.crowd import Crowd, Encode, Knowledge, know, person_rows
from linkage.risk.graph import attack, draw_seeds
from linkage.risk.structure import structure_classes
from linkage.schema import EncodingSchema, shipped_schemas

PEOPLE = 700
SEED = 1


@dataclass(frozen=True)
class Case:
    """A schema, how people for it look in an upload, and what the attacker works out."""

    schema: EncodingSchema
    encode: Encode
    known: Knowledge

    def crowd(self, schema: EncodingSchema) -> Crowd:
        """Return the people under a schema of the same grams and hashes."""
        return Crowd(self.encode, schema, seed=SEED, known=self.known)


def county_people(folder: Path) -> Sequence[Person]:
    """Return people as the registers of a fictitious county show them, with the slips that such registers have."""
    generate_county(folder, seed=5, population=6000)
    return register_people(folder, PEOPLE, seed=SEED)


@pytest.fixture(scope="module", params=shipped_schemas(), ids=lambda schema: schema.id)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    schema: EncodingSchema = request.param
    if schema.fields:
        encode = latin_rows(task("febrl4").left[:PEOPLE])
    else:
        encode = person_rows(county_people(tmp_path_factory.mktemp("county")))
    return Case(schema, encode, know(encode, schema, seed=SEED))


@pytest.fixture(scope="module")
def crowd(case: Case) -> Crowd:
    return case.crowd(case.schema)


@pytest.mark.parametrize(("known", "limit"), [(0.01, 0.03), (0.1, 0.12)])
def test_who_knows_some_pairs_finds_hardly_anybody_else(case: Case, crowd: Crowd, known: float, limit: float) -> None:
    seeds = draw_seeds(crowd, known, seed=SEED)

    assert attack(crowd, seeds) <= limit
    assert attack(crowd, seeds, structure_classes(crowd, case.schema, seeds)) <= limit


def test_the_same_attack_finds_nearly_everybody_without_diffusion(case: Case) -> None:
    bare = case.crowd(replace(case.schema, diffusion=0))

    assert attack(bare, draw_seeds(bare, 0.01, seed=SEED)) >= 0.9


def test_the_attack_finds_many_when_there_are_half_the_hashes(case: Case) -> None:
    grams = {kind: max(1, hashes // 2) for kind, hashes in case.schema.grams.items()}
    fields = tuple(replace(field, hashes=field.hashes // 2) for field in case.schema.fields)
    weak = Crowd(case.encode, replace(case.schema, grams=grams, fields=fields), seed=SEED)

    assert attack(weak, draw_seeds(weak, 0.1, seed=SEED)) >= 0.5
