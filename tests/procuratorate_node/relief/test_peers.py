"""The peer band: median ± 30 % of comparable decided cases, the closest set that is large enough."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procuratorate_node.relief.peers import PeerBand, peer_band
from tests.procuratorate_node.relief.conftest import DAY, FATAL, decided, tables

RULE = tables().on(DAY, region="example").scale.peers
FIVE = [decided(a) for a in ("16000", "17500", "18000", "19000", "22000")]


def band(*cases: object, **changes: object) -> PeerBand:
    return peer_band(replace(FATAL, **changes), "serious", cases, RULE)  # type: ignore[arg-type]


def test_the_band_of_the_worked_example() -> None:
    found = band(*FIVE)

    assert (found.middle, found.low, found.high) == (Decimal(18_000), Decimal(12_600), Decimal(23_400))
    assert found.cases == 5
    assert found.keys == ("charge", "harm", "tier")


@pytest.mark.parametrize(
    ("amount", "outside"),
    [("12599.99", True), ("12600", False), ("18000", False), ("23400", False), ("23400.01", True)],
)
def test_the_ends_belong_to_the_band(amount: str, outside: bool) -> None:
    assert band(*FIVE).outside(Decimal(amount)) is outside


def test_too_few_peers_make_no_band_and_hold_nothing_out() -> None:
    found = band(*FIVE[:4])

    assert (found.middle, found.cases, found.least_cases) == (None, 4, 5)
    assert not found.outside(Decimal(1))


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        ({"tier": "ordinary"}, ("charge", "harm")),
        ({"tier": "", "harm": None}, ("charge",)),
        ({"charge": "故意伤害"}, ("case_type", "harm")),
        ({"charge": "", "harm": 1}, ("case_type",)),
    ],
)
def test_the_closest_set_that_is_large_enough_is_taken(change: dict[str, object], keys: tuple[str, ...]) -> None:
    assert band(*(replace(c, **change) for c in FIVE)).keys == keys  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"decided_on": date(2023, 11, 19)},
        {"decided_on": DAY},
        {"case_type": "petition", "charge": "x"},
        {"amount": Decimal(0)},
        {"reference": "own"},
    ],
)
def test_old_later_other_empty_and_own_cases_are_no_peers(change: dict[str, object]) -> None:
    found = band(*FIVE[:4], replace(FIVE[4], **change), reference="own")  # type: ignore[arg-type]

    assert found.cases == 4


def test_the_oldest_day_of_the_window_counts() -> None:
    assert band(*FIVE[:4], replace(FIVE[4], decided_on=date(2023, 11, 20))).cases == 5


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 10**6), min_size=5, max_size=30))
def test_the_median_lies_in_its_band_and_order_does_not_matter(amounts: list[int]) -> None:
    cases = [decided(str(a)) for a in amounts]
    found = band(*cases)

    assert found == band(*reversed(cases))
    assert found.low is not None and found.middle is not None and found.high is not None
    assert min(amounts) <= found.middle <= max(amounts)
    assert not found.outside(found.middle)
    assert found.high + found.low == 2 * found.middle
