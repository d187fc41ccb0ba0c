"""Guanyun's formula: the worked examples of domain C5, its laws, its ranges, and what each term says of itself."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from decimal import Decimal, getcontext, localcontext
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.errors import InputError
from procuratorate_node.relief.facts import AmountFacts, Points
from procuratorate_node.relief.formula import Calculation, apply_formula, calculate
from procuratorate_node.relief.proposal import propose
from tests.procuratorate_node.relief.conftest import DAY, FATAL, tables

EXAMPLES = tomllib.loads(Path(__file__).with_name("vectors").joinpath("c5.toml").read_text("utf-8"))["examples"]
GROUP_OF = {"0": (), "3": ("WOMAN",), "5": ("DIS12",), "10": ("DIS12",)}
CAPPED = tables(local_cap="25000")
SHIPPED = tables().on(DAY, region="example")
BENCHMARKS = st.decimals(min_value=0, max_value=100_000, places=2)
POINTS = st.decimals(min_value=0, max_value=15, places=2)
FACTORS = st.decimals(min_value=0, max_value=1, places=2)


def calculated(**changes: object) -> Calculation:
    return calculate(replace(FATAL, **changes), SHIPPED)  # type: ignore[arg-type]


def facts_of(example: dict[str, str]) -> AmountFacts:
    """Return facts that lead to the example's coefficients."""
    groups = GROUP_OF[example["add_on"]]
    return AmountFacts(
        region="example",
        decided_on=DAY,
        case_type="criminal_injury",
        harm=3,
        fault=example["fault"],
        hardship=Decimal(example["hardship"]),
        case_coefficient=Decimal(example["case"]),
        tags=groups,
        points=tuple(Points(g, Decimal(example["add_on"])) for g in groups),
        award=Decimal(1_000_000),
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: str(e["number"]))
def test_the_worked_examples_come_out_to_the_yuan(example: dict[str, str]) -> None:
    made = propose(facts_of(example), tables(example["benchmark"]), answers={})

    shown = {code: str(made.calculation.value(code).quantize(Decimal(1))) for code in ("basic", "add", "final")}
    assert {code: example[code] for code in shown} == shown
    assert made.calculation.value("final") == made.calculation.final == Decimal(example["final"])
    assert made.amount == Decimal(example["proposed"])


def test_all_seven_examples_are_there() -> None:
    assert [e["number"] for e in EXAMPLES] == [1, 2, 3, 4, 5, 6, 7]


@settings(deadline=None)
@given(BENCHMARKS, POINTS, POINTS, POINTS, FACTORS, st.integers(0, 4), POINTS)
def test_no_term_that_rises_lowers_the_amount(
    benchmark: Decimal, case: Decimal, hardship: Decimal, add_on: Decimal, fault: Decimal, which: int, more: Decimal
) -> None:
    low = [benchmark, case, hardship, add_on, fault]
    high = [value + more if place == which else value for place, value in enumerate(low)]

    first, second = (apply_formula(v[0], case=v[1], hardship=v[2], add_on=v[3], fault=v[4]) for v in (low, high))

    assert 0 <= first.final <= second.final


@settings(deadline=None)
@given(BENCHMARKS, POINTS, POINTS, POINTS, FACTORS, st.integers(0, 1000))
def test_the_amount_scales_with_the_benchmark(
    benchmark: Decimal, case: Decimal, hardship: Decimal, add_on: Decimal, fault: Decimal, times: int
) -> None:
    once = apply_formula(benchmark, case=case, hardship=hardship, add_on=add_on, fault=fault)
    often = apply_formula(benchmark * times, case=case, hardship=hardship, add_on=add_on, fault=fault)

    assert often.final == once.final * times


@given(BENCHMARKS, POINTS, POINTS)
def test_no_add_on_and_no_fault_give_the_basic_amount(benchmark: Decimal, case: Decimal, hardship: Decimal) -> None:
    sums = apply_formula(benchmark, case=case, hardship=hardship, add_on=Decimal(0), fault=Decimal(1))

    assert sums.final == sums.basic


@settings(deadline=None, max_examples=40)
@given(
    st.decimals(min_value=1, max_value=15, places=2),
    st.decimals(min_value=5, max_value=10, places=2),
    st.sampled_from(["none", "secondary", "equal", "main", "full"]),
    st.sampled_from(["hardship", "add_on", "fault"]),
    st.decimals(min_value=0, max_value=10, places=2),
)
def test_the_proposed_amount_after_rounding_and_caps_never_falls_either(
    hardship: Decimal, add_on: Decimal, fault: str, which: str, more: Decimal
) -> None:
    def amount(hard: Decimal, points: Decimal, share: str) -> Decimal:
        facts = replace(
            FATAL, tier="", hardship=min(hard, Decimal(15)), fault=share, award=Decimal(21_050), tags=("DIS12",)
        )
        facts = replace(facts, points=(Points("DIS12", min(points, Decimal(10))),))
        return propose(facts, CAPPED, answers={}).amount

    low = amount(hardship, add_on, fault)
    if which == "hardship":
        high = amount(hardship + more, add_on, fault)
    elif which == "add_on":
        high = amount(hardship, add_on + more, fault)
    else:
        high = amount(hardship, add_on, "none")

    assert 0 <= low <= high <= 21_000


def test_the_callers_decimal_context_changes_nothing() -> None:
    with localcontext() as context:
        context.prec = 3
        assert getcontext().prec == 3
        low = calculated(hardship=Decimal("8.1234"), case_coefficient=Decimal("5.4321"))

    assert low == calculated(hardship=Decimal("8.1234"), case_coefficient=Decimal("5.4321"))
    assert low.final == Decimal("18555.5")


@pytest.mark.parametrize(
    ("hardship", "tier"),
    [("1", "ordinary"), ("4.99", "ordinary"), ("5", "serious"), ("10", "extreme"), ("15", "extreme")],
)
def test_five_and_ten_belong_to_the_upper_tier(hardship: str, tier: str) -> None:
    assert calculated(tier="", hardship=Decimal(hardship)).tier.code == tier


@pytest.mark.parametrize(
    "changes",
    [
        {"hardship": Decimal("0.99"), "tier": ""},
        {"hardship": Decimal("15.01"), "tier": ""},
        {"hardship": Decimal(10)},
        {"case_coefficient": Decimal("0.5")},
        {"case_coefficient": Decimal("10.5")},
        {"points": (Points("DIS12", Decimal("4.9")),)},
        {"points": (Points("DIS12", Decimal("10.1")),)},
        {"points": (Points("WOMAN", Decimal(5)),)},
        {"points": (Points("DIBAO", Decimal(2)),)},
        {"tags": ("DISABLED",)},
        {"case_type": "murder"},
        {"fault": "half"},
        {"tier": "worst"},
    ],
)
def test_a_figure_out_of_its_range_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InputError):
        calculated(**changes)


def test_the_highest_group_of_the_family_counts() -> None:
    assert calculated(tags=("WOMAN", "DIS34", "DIS12", "DIBAO")).value("add_on") == 5
    assert calculated(tags=("WOMAN", "DIS34", "DIBAO")).value("add_on") == 3
    assert calculated(tags=("DIBAO",)).value("add_on") == 0


def test_as_an_option_groups_are_added_up_to_ten() -> None:
    summed = tables(changed={'several = "highest"': 'several = "sum"'}).on(DAY, region="example")

    def add_on(*tags: str) -> Decimal:
        return calculate(replace(FATAL, tags=tags), summed).value("add_on")

    assert [add_on("WOMAN"), add_on("WOMAN", "DIS34"), add_on("WOMAN", "DIS34", "DIS12")] == [3, 6, 10]


def test_full_fault_stops_the_calculation() -> None:
    made = calculated(fault="full")

    assert made.stopped
    assert made.final == made.rounded == 0


def test_the_usual_values_follow_harm_and_tier() -> None:
    assert [calculated(harm=h).value("c_case") for h in range(4)] == [1, 1, 3, 5]
    assert calculated(hardship=None, tier="extreme").value("c_hard") == 12


@pytest.mark.parametrize(("hardship", "rounded"), [("8.04", "18000"), ("8.05", "18100"), ("8.15", "18200")])
def test_the_amount_is_rounded_once_half_up_to_a_hundred_yuan(hardship: str, rounded: str) -> None:
    assert calculated(hardship=Decimal(hardship)).rounded == Decimal(rounded)


def test_every_term_is_shown_with_its_source() -> None:
    terms = calculated().terms

    assert [t.code for t in terms] == (
        ["benchmark", "c_case", "c_hard", "add_on", "fault", "basic", "add", "final", "rounded"]
    )
    assert all(t.zh and t.en and t.source and t.how_zh and t.how_en for t in terms)
