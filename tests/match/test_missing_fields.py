"""A missing field never counts against a pair: filling it in alike never lowers a grade."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from itertools import combinations

import numpy as np
import pytest

from linkage.encode.roundkey import RoundKey
from linkage.encode.rows import RowEncoder
from linkage.encoded import EncodedPopulation, population_from_rows
from linkage.match.evidence import features, score
from linkage.match.grades import Candidates, base_grades, name_agrees, numbers_differ
from linkage.normalise import RawPerson, normalise
from linkage.schema import load_schema

SCHEMA = load_schema("person-v1")
FIELDS = ("id_number", "sex", "birth", "address", "phone")
NO_LINK = 9
PEOPLE = tuple(
    RawPerson(
        name=name,
        id_number=number,
        sex="女" if i % 2 else "男",
        birth=f"{1950 + 3 * i}-0{1 + i % 9}-{11 + i}",
        address=f"湖东省棠州市澄溪县{town}{3 + i}组{21 + i}号",
        phone=f"1380000{1000 + 37 * i}",
    )
    for i, (name, number, town) in enumerate(
        [
            ("林秀英", "367121195001110011", "青竹镇石桥村"),
            ("欧阳建国", "367121195302120022", "白塘乡柳湾村"),
            ("阿依古丽·买买提", "367121195603130033", "城关街道东门社区"),
            ("王伟", "367121195904140044", "青竹镇上圩村"),
            ("单雪", "367121196205150055", "白塘乡下坪村"),
            ("吕梓涵", "367121196506160066", "城关街道北门社区"),
        ]
    )
)
SUBSETS = [frozenset(c) for size in range(len(FIELDS)) for c in combinations(FIELDS, size)]


@cache
def encoded(fields: frozenset[str]) -> EncodedPopulation:
    encoder = RowEncoder(SCHEMA, RoundKey(bytes(32)))
    people = [replace(p, **{f: "" for f in FIELDS if f not in fields}) for p in PEOPLE]  # type: ignore[arg-type]
    return population_from_rows(encoder.encode([normalise(p, as_of=date(2026, 10, 31)) for p in people]))


def grades(left: EncodedPopulation, right: EncodedPopulation) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    every = np.arange(len(left), dtype=np.int32)
    found = features(left, right, (every, every), SCHEMA)
    pairs = Candidates(
        (every, every),
        score(found, SCHEMA),
        found["agree:number"] > 0,
        numbers_differ(found),
        name_agrees(found),
        found["agree:name_birth_sex"] > 0,
    )
    graded = base_grades(pairs, SCHEMA.decision, rows=len(pairs.score))
    graded[graded == 0] = NO_LINK
    return graded


@pytest.mark.parametrize("known", SUBSETS, ids=lambda s: "+".join(sorted(s)) or "name only")
def test_a_field_filled_in_alike_never_lowers_a_grade(known: frozenset[str]) -> None:
    for field in set(FIELDS) - known:
        more = known | {field}
        assert (grades(encoded(more), encoded(more)) <= grades(encoded(known), encoded(known))).all(), field
        whole = encoded(frozenset(FIELDS))
        assert (grades(whole, encoded(more)) <= grades(whole, encoded(known))).all(), field


def test_only_what_differs_has_a_negative_weight() -> None:
    assert all((weight < 0) == name.startswith("differ:") for name, weight in SCHEMA.decision.weights.items())


def test_every_field_lifts_some_grade() -> None:
    whole = encoded(frozenset(FIELDS))
    alone = grades(whole, encoded(frozenset()))

    for field in ("id_number", "birth", "address"):
        assert (grades(whole, encoded(frozenset({field}))) < alone).any(), field
