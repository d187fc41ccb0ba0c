"""The benchmark: mean amount ÷ mean multiplier of three years' cases, unmoved by a few strange ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.errors import InputError
from procuratorate_node.relief.calibration import calibrate, quantile
from procuratorate_node.relief.history import DecidedCase
from tests.procuratorate_node.relief.conftest import DAY, decided, tables

RULE = tables().on(DAY, region="example").scale.calibration


def paid_by(benchmark: Decimal, multipliers: list[Decimal]) -> list[DecidedCase]:
    return [
        decided("1", amount=(benchmark * m).quantize(Decimal("0.01")), multiplier=m, decided_on=DAY - timedelta(i + 1))
        for i, m in enumerate(multipliers)
    ]


USUAL = [Decimal(m) for m in (2, 5, 8, 9, 9, 10, 10, 10, 11, 12, 12, 13, 14, 15, 16, 18, 18, 20, 25, 35)]


def test_cases_paid_by_one_benchmark_give_it_back() -> None:
    found = calibrate(paid_by(Decimal(1100), USUAL), until=DAY, rule=RULE)

    assert found.benchmark == found.exact == 1100
    assert (found.used, found.outliers) == (20, 0)
    assert found.mean_amount / found.mean_multiplier == 1100


def test_the_benchmark_is_not_the_mean_grant() -> None:
    """C5: a mean of about 10,807 at a typical multiplier of 9 to 11 means a benchmark of 1,000 to 1,200."""
    multipliers = [Decimal(m) for m in (9, 10, 11)] * 8
    cases = paid_by(Decimal("1080.70"), multipliers)

    found = calibrate(cases, until=DAY, rule=RULE)

    assert found.mean_amount == Decimal("10807.00")
    assert found.benchmark == 1100


def test_a_few_strange_grants_do_not_move_it() -> None:
    cases = paid_by(Decimal(1000), USUAL + USUAL)
    strange = [replace(c, amount=Decimal(300_000)) for c in cases[:3]]

    found = calibrate(cases[3:] + strange, until=DAY, rule=RULE)

    assert found.benchmark == 1000
    assert (found.outliers, found.used) == (3, 37)
    assert found.plain_ratio > 2000


def test_nearly_equal_ratios_do_not_throw_each_other_out() -> None:
    cases = paid_by(Decimal(1000), [*USUAL, *USUAL])
    cases[0] = replace(cases[0], amount=cases[0].amount * Decimal("1.2"))

    assert calibrate(cases, until=DAY, rule=RULE).outliers == 0


@pytest.mark.parametrize(
    "change",
    [
        {"multiplier": None},
        {"multiplier": Decimal(0)},
        {"amount": Decimal(0)},
        {"capped": True},
        {"decided_on": date(2023, 11, 19)},
        {"decided_on": DAY},
    ],
)
def test_below_the_least_number_of_usable_cases_it_refuses(change: dict[str, object]) -> None:
    cases = paid_by(Decimal(1000), USUAL)
    assert calibrate(cases, until=DAY, rule=RULE).used == RULE.least_cases

    with pytest.raises(InputError, match="19"):
        calibrate([replace(cases[0], **change), *cases[1:]], until=DAY, rule=RULE)  # type: ignore[arg-type]


def test_outliers_do_not_count_towards_the_least_number() -> None:
    cases = paid_by(Decimal(1000), USUAL)

    with pytest.raises(InputError, match="19"):
        calibrate([replace(cases[0], amount=Decimal(900_000)), *cases[1:]], until=DAY, rule=RULE)


def test_it_says_what_it_rests_on() -> None:
    cases = [
        *paid_by(Decimal(1000), [*USUAL, *USUAL]),
        decided("500", multiplier=None),
        decided("1", amount=Decimal(0)),
    ]

    found = calibrate(cases, until=DAY, rule=RULE)

    assert (found.in_window, found.unusable, found.outliers, found.used) == (42, 2, 0, 40)
    assert (found.since, found.until) == (date(2023, 11, 20), DAY)
    assert found.lower_quartile == found.upper_quartile == 1000


@settings(deadline=None, max_examples=40)
@given(st.lists(st.decimals(1, 35, places=1), min_size=20, max_size=40), st.integers(1, 50))
def test_scaling_all_amounts_scales_the_benchmark(multipliers: list[Decimal], times: int) -> None:
    cases = paid_by(Decimal(1000), multipliers)
    scaled = [replace(c, amount=c.amount * times) for c in cases]

    assert calibrate(scaled, until=DAY, rule=RULE).exact == calibrate(cases, until=DAY, rule=RULE).exact * times


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [((1, 2, 3), "0.5", "2"), ((1, 2), "0.5", "1.5"), ((5,), "0.25", "5"), ((4, 1, 3, 2), "0.25", "1.75")],
)
def test_quantiles_are_linear_between_neighbours(values: tuple[int, ...], share: str, expected: str) -> None:
    assert quantile([Decimal(v) for v in values], Decimal(share)) == Decimal(expected)
