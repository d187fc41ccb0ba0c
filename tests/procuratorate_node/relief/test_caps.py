"""Caps in their order, each shown, none passed by rounding."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procuratorate_node.relief.caps import apply_caps
from tests.procuratorate_node.relief.conftest import DAY, FATAL, proposal, tables

SUMS = st.decimals(min_value=0, max_value=2_000_000, places=2)
WITH_LOCAL = tables(local_cap="50000").on(DAY, region="example")


def test_the_caps_apply_in_the_order_award_wage_local_budget() -> None:
    facts = replace(FATAL, award=Decimal(400_000), paid=Decimal(50_000), budget_left=Decimal(30_000))

    steps = apply_caps(Decimal(500_000), facts, WITH_LOCAL)

    assert [(s.cap.code, s.limit, s.after) for s in steps] == [
        ("award", Decimal(350_000), Decimal(350_000)),
        ("wage", Decimal(288_000), Decimal(288_000)),
        ("local", Decimal(50_000), Decimal(50_000)),
        ("budget", Decimal(30_000), Decimal(30_000)),
    ]
    assert all(s.binds for s in steps)


@pytest.mark.parametrize(
    ("award", "paid", "amount"),
    [("830000", "0", "18000"), ("12345", "0", "12300"), ("20000", "12000", "8000"), ("5000", "9000", "0")],
)
def test_the_unpaid_part_of_the_award_is_the_first_cap(award: str, paid: str, amount: str) -> None:
    assert proposal(replace(FATAL, award=Decimal(award), paid=Decimal(paid))).amount == Decimal(amount)


def test_a_limit_that_is_not_known_is_shown_and_not_applied() -> None:
    steps = proposal(replace(FATAL, award=None)).caps

    assert [s.limit for s in steps] == [None, 288_000, None, None]
    assert not any(s.binds for s in steps)


@settings(deadline=None, max_examples=60)
@given(SUMS, SUMS, SUMS, SUMS)
def test_no_amount_passes_a_cap_and_none_is_negative(
    amount: Decimal, award: Decimal, paid: Decimal, budget: Decimal
) -> None:
    steps = apply_caps(amount, replace(FATAL, award=award, paid=paid, budget_left=budget), WITH_LOCAL)

    assert all(s.limit is not None and 0 <= steps[-1].after <= s.limit for s in steps)
    assert steps[-1].after <= amount


@settings(deadline=None, max_examples=60)
@given(SUMS, SUMS)
def test_a_higher_computed_amount_never_ends_lower(amount: Decimal, more: Decimal) -> None:
    low = proposal_after(amount)

    assert low <= proposal_after(amount + more)


def proposal_after(amount: Decimal) -> Decimal:
    """Return what the caps leave of an amount that was rounded to a hundred yuan, as the formula's is."""
    rounded = (amount / 100).to_integral_value() * 100
    return apply_caps(rounded, FATAL, WITH_LOCAL)[-1].after
