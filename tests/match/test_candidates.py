"""Which pairs are judged, within the budget of comparisons and beyond it, on made-up columns."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.encoded import EncodedPopulation
from linkage.errors import LimitError
from linkage.match import link
from linkage.match.candidates import Effort, find_prospect
from linkage.match.distances import chance_z
from linkage.match.joins import columns_of_tag, distinct_pairs, join_tag, unpack
from linkage.match.kernel import chance_rule, compare
from linkage.schema import load_schema

SCHEMA = load_schema("person-v1")
KINDS = [kind.id for kind in SCHEMA.tokens]
ROWS = 450  # One token on all of them is an over-full value.
Bytes = npt.NDArray[np.uint8]


def population(
    people: list[int], tokens: dict[str, list[int]] | None = None, *, fill: list[float] | None = None
) -> EncodedPopulation:
    """Return rows of people whose filters differ by chance, a few bits apart for one person; 0 = no token.

    `fill` is how full each row's filter is.
    """
    rng = np.random.default_rng(len(people))
    full = fill or [0.4] * len(people)
    drawn = np.stack([np.random.default_rng(p).random(SCHEMA.filter_bits) for p in people])
    bits = drawn < np.array(full)[:, None]
    bits ^= rng.random(bits.shape) < 0.05
    out = np.zeros((len(people), len(KINDS), 16), np.uint8)
    for kind, values in (tokens or {}).items():
        out[:, KINDS.index(kind), 3] = np.array(values) >> 8
        out[:, KINDS.index(kind), 9] = np.array(values) & 255
    return EncodedPopulation(
        tokens=out,
        filters=np.packbits(bits, axis=1, bitorder="little").view(np.uint64),
        flags=np.zeros(len(people), np.uint16),
        scope=np.zeros(len(people), np.uint32),
        payload=np.zeros((len(people), 0), np.uint8),
    )


def pairs_of(a: EncodedPopulation, b: EncodedPopulation, most: int) -> set[tuple[int, int]]:
    parts = list(find_prospect(a, b, SCHEMA, most=most).parts())
    return set(zip(*(x.tolist() for x in unpack(distinct_pairs(parts))), strict=True))


def reference(a: EncodedPopulation, b: EncodedPopulation) -> set[tuple[int, int]]:
    """Return the union of every token join and the full comparison."""
    z = chance_z(len(a) * len(b), min(len(a), len(b)), SCHEMA.decision.false_links)
    found = [compare(a.filters, b.filters, chance_rule(SCHEMA.filter_bits, z))]
    found += [join_tag(a.tokens, b.tokens, c) for tag, c in columns_of_tag(SCHEMA).items() if tag != "context"]
    return {pair for i, j in found for pair in zip(i.tolist(), j.tolist(), strict=True)}


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=30), st.lists(st.integers(1, 9), min_size=1, max_size=30))
def test_within_the_budget_every_near_pair_and_every_shared_token_is_judged(left: list[int], right: list[int]) -> None:
    a = population(left, {"number": left, "sound_birth": [v % 4 for v in left]})
    b = population(right, {"number": right[::-1], "sound_birth": [v % 3 for v in right]})

    assert pairs_of(a, b, len(a) * len(b)) == reference(a, b)


def test_beyond_the_budget_only_shared_tokens_bring_pairs_up() -> None:
    a = population([1, 2, 3], {"sound_birth": [5, 6, 0]})
    b = population([1, 2, 3], {"sound_birth": [0, 6, 7]})

    assert pairs_of(a, b, 0) == {(1, 1)}


NUMBERED = {"number": [11, 12, 13, 0], "sound_birth": [21, 22, 23, 0]}
SETTLED = {(0, 0), (1, 1)}


@pytest.mark.parametrize(
    ("most", "found", "effort"),
    [
        (8, {(2, 2), (3, 3)}, Effort(8)),  # Both unsettled anchors with all rows.
        (5, {(3, 3)}, Effort(5, left_out=3)),  # The one that says little with all, the other with the row that does.
        (4, set(), Effort(0, left_out=8)),
        (0, set(), Effort(0, left_out=8)),
    ],
)
def test_anchors_that_no_number_settles_are_compared_while_that_fits(
    most: int, found: set[tuple[int, int]], effort: Effort
) -> None:
    a = population([1, 2, 3, 4], NUMBERED, fill=[0.4, 0.4, 0.4, 0.2])
    b = population([1, 2, 3, 4], {"number": [11, 12, 99, 0], "sound_birth": [21, 22, 0, 0]}, fill=[0.4, 0.4, 0.4, 0.2])
    b.tokens[1:2, KINDS.index("sound_birth")] = a.tokens[1, KINDS.index("sound_birth")]

    assert pairs_of(a, b, most) == SETTLED | found
    assert find_prospect(a, b, SCHEMA, most=most).effort == effort


def test_rows_that_say_the_least_come_first() -> None:
    a = population([1, 2, 3], {"number": [9, 8, 7]}, fill=[0.4, 0.2, 0.3])
    b = population([1, 2, 3], fill=[0.4, 0.2, 0.3])

    assert [pairs_of(a, b, most) for most in (4, 5, 8, 9)] == [
        set(), {(1, 1)}, {(1, 1), (2, 2)}, {(0, 0), (1, 1), (2, 2)},
    ]  # fmt: skip


def test_a_number_alone_settles_nobody() -> None:
    """It may be a relative's."""
    a = population([1, 2], {"number": [11, 12], "sound_birth": [21, 22]})
    b = population([5, 1], {"number": [11, 13], "sound_birth": [31, 32]})

    assert pairs_of(a, b, 3) == {(0, 0)}
    assert pairs_of(a, b, 4) == {(0, 0), (0, 1)}


@pytest.mark.parametrize(("most", "found"), [(2 * ROWS, {(0, 7), (1, 8)}), (2 * ROWS - 4, set())])
def test_filters_are_compared_inside_an_over_full_block_while_it_fits(most: int, found: set[tuple[int, int]]) -> None:
    """Where it does not fit, rows that say little are compared: rows 7 and 8 say the most."""
    a = population([7, 8], {"sound_year_1": [9, 9], "number": [1, 2]}, fill=[0.6, 0.6])
    full = [0.6 if row in (7, 8) else 0.4 for row in range(ROWS)]
    b = population(list(range(ROWS)), {"sound_year_1": [9] * ROWS}, fill=full)

    assert pairs_of(a, b, most) == found


@pytest.mark.parametrize("most", [0, 1, 449, 450, 900, 1400, 1800, 5000, 10**9])
def test_no_more_filters_are_compared_than_allowed_and_progress_ends_at_what_was_planned(most: int) -> None:
    a = population([1, 2, 3, 4], {"sound_year_1": [9, 9, 8, 0], "number": [1, 0, 0, 0]})
    b = population(list(range(2 * ROWS)), {"sound_year_1": [9] * ROWS + [8] * ROWS})
    said: list[tuple[int, int]] = []

    effort = find_prospect(a, b, SCHEMA, most=most, progress=lambda done, planned: said.append((done, planned))).effort

    assert effort.compared <= most
    assert said[-1:] == ([(effort.compared, effort.compared)] if effort.compared else [])


@pytest.mark.parametrize("most", [0, 1350, 2000, 10**9])
def test_what_is_judged_does_not_depend_on_row_order(most: int) -> None:
    people = [n % 500 for n in range(2 * ROWS)]
    kinds = {"sound_year_1": [9 if n % 2 else 8 for n in people], "number": [n % 40 for n in people]}
    anchors = {"sound_year_1": [9, 9, 8, 7], "number": [3, 0, 5, 0]}
    order = np.random.default_rng(4).permutation(2 * ROWS)
    b = population(people, kinds)
    shuffled = dataclasses.replace(b, tokens=b.tokens[order], filters=b.filters[order])

    straight = pairs_of(population([3, 9, 8, 7], anchors), b, most)
    back = {(i, int(order[j])) for i, j in pairs_of(population([3, 9, 8, 7], anchors), shuffled, most)}

    assert straight == back


@pytest.mark.parametrize("size", [1, 3, 10, 10**6])
def test_parts_hold_all_pairs_once_in_order_and_whole_anchors(size: int) -> None:
    people = [n % 5 + 1 for n in range(40)]
    a, b = population(people, {"number": people}), population(people, {"number": people, "sound_birth": people})
    prospect = find_prospect(a, b, SCHEMA)

    parts = list(prospect.parts(size))

    whole = np.concatenate(parts)
    assert (np.diff(whole) > 0).all() and len(whole) == 40 * 8
    assert all(len(p) % 8 == 0 and len(p) <= max(8, size) for p in parts)
    assert prospect.most_pairs() >= len(whole)


def test_too_many_pairs_to_judge_are_refused_before_one_is() -> None:
    people = [1] * 20
    a = population(people, {"number": people})
    with pytest.raises(LimitError):
        link(a, a, SCHEMA, need_context=False, wide=False, most_pairs=399)


def test_links_say_what_they_took() -> None:
    a, b = population([1, 2], {"number": [1, 2]}), population([2, 5, 6], {"number": [2, 5, 6]})
    effort = link(a, b, SCHEMA, need_context=False, wide=False).effort

    assert (effort.compared, effort.judged >= 1, effort.left_out) == (6, True, 0)


def test_beyond_the_budget_progress_counts_pairs_judged_too() -> None:
    people = list(range(1, 31))
    a = population(people, {"number": people})
    said: list[tuple[int, int]] = []
    link(a, a, SCHEMA, need_context=False, wide=False, most=0, progress=lambda *x: said.append(x))

    assert said == [(30, 30)]
    link(a, a, SCHEMA, need_context=False, wide=False, progress=lambda *x: said.append(x))
    assert said[-1] == (900, 900)
