"""Linking by the chance rule: floors on FEBRL1, and no dependence on row order."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.febrl import task
from benchmarks.febrl_quality import by_mode, encoded, key_of, linked
from linkage.encoded import EncodedPopulation
from linkage.errors import ConfigError
from linkage.match.by_chance import connected, find_duplicates, link_files
from linkage.schema import load_schema

SCHEMA = load_schema("febrl-v1")
GIVEN = task("febrl1")


@pytest.fixture(scope="module")
def file() -> EncodedPopulation:
    return encoded(GIVEN.left, SCHEMA, key_of("test"))


def rows_of(population: EncodedPopulation, order: np.ndarray[tuple[int], np.dtype[np.int64]]) -> EncodedPopulation:
    return EncodedPopulation(
        population.tokens[order], population.filters[order], population.flags[order], population.scope[order],
        population.payload[order],
    )  # fmt: skip


def test_duplicates_are_found_at_the_default_cut_without_any_truth() -> None:
    links, cut = linked(GIVEN, SCHEMA, key_of("test"))
    found = by_mode(links, GIVEN, cut)

    assert (links.score >= cut - 1).all()
    assert found["pairs"] >= 0.99
    assert found["components"] >= 0.985


def test_two_files_are_linked_one_to_one(file: EncodedPopulation) -> None:
    originals, copies = (
        rows_of(file, np.array([row for pair in sorted(GIVEN.truth) for row in pair[side : side + 1]]))
        for side in (0, 1)
    )
    links = link_files(originals, copies, SCHEMA)
    found = links.assigned()

    assert (links.left[found.linked] == links.right[found.linked]).mean() >= 0.99
    assert found.linked.sum() >= 0.97 * len(GIVEN.truth)


def test_the_order_of_rows_does_not_matter(file: EncodedPopulation) -> None:
    order = np.random.default_rng(3).permutation(len(file))
    straight, mixed = find_duplicates(file, SCHEMA), find_duplicates(rows_of(file, order), SCHEMA)
    left, right = order[mixed.left].tolist(), order[mixed.right].tolist()
    back = {(min(a, b), max(a, b), s) for a, b, s in zip(left, right, mixed.score.tolist(), strict=True)}

    assert back == set(zip(straight.left.tolist(), straight.right.tolist(), straight.score.tolist(), strict=True))


def test_pairs_connected_through_others_are_added(file: EncodedPopulation) -> None:
    links = find_duplicates(file, SCHEMA)
    left, right = connected(len(file), links)

    assert set(zip(links.left.tolist(), links.right.tolist(), strict=True)) <= set(
        zip(left.tolist(), right.tolist(), strict=True)
    )


def test_empty_files_have_no_links(file: EncodedPopulation) -> None:
    none = rows_of(file, np.zeros(0, np.int64))

    assert len(link_files(none, file, SCHEMA)) == len(find_duplicates(none, SCHEMA)) == 0


def test_a_schema_that_decides_otherwise_is_refused(file: EncodedPopulation) -> None:
    with pytest.raises(ConfigError):
        link_files(file, file, load_schema("person-v1"))
