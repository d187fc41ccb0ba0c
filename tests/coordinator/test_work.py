"""How a round's comparisons are predicted and shared out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.coordinator.work import budget_of, share_comparisons


@pytest.mark.parametrize(
    ("products", "budget", "shares"),
    [
        ({}, 10, {}),
        ({"a": 3, "b": 4}, 10, {"a": 3, "b": 4}),
        ({"a": 3, "b": 40}, 10, {"a": 3, "b": 7}),
        ({"b": 40, "a": 30, "c": 0}, 10, {"a": 5, "b": 5, "c": 0}),
        ({"a": 40}, 0, {"a": 0}),
    ],
)
def test_small_populations_are_compared_in_full_and_large_ones_share_the_rest(
    products: dict[str, int], budget: int, shares: dict[str, int]
) -> None:
    assert share_comparisons(products, budget) == shares


@pytest.mark.parametrize(
    ("possible", "budget"), [(0, 0), (99, 99), (100, 100), (101, 100), (2000, 200), (10_000, 1000), (10**9, 1000)]
)
def test_a_round_beyond_the_full_comparison_gets_a_tenth_of_it_within_bounds(possible: int, budget: int) -> None:
    assert budget_of(possible, 100) == budget


@given(st.dictionaries(st.text(max_size=2), st.integers(0, 100), max_size=5), st.integers(0, 300))
def test_shares_never_exceed_the_budget_nor_what_there_is_and_waste_nothing(
    products: dict[str, int], budget: int
) -> None:
    shares = share_comparisons(products, budget)

    assert all(0 <= shares[name] <= products[name] for name in products)
    assert sum(shares.values()) == min(budget, sum(products.values()))
