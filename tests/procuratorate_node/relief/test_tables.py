"""Tables: the one valid on the day of the decision is taken; gaps, overlaps and faults are refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from linkage.errors import ConfigError, InputError
from procuratorate_node.relief.regions import parse_figures
from procuratorate_node.relief.rules import parse_rules
from procuratorate_node.relief.scale import parse_scale
from procuratorate_node.relief.tables import parse_tables, shipped_files, shipped_tables
from procuratorate_node.relief.validity import years_before
from tests.procuratorate_node.relief.conftest import DAY, figures, tables

SCALE, RULES, REGIONS = (
    shipped_files()[n] for n in ("scale-guanyun-1.toml", "rules-2021.toml", "regions-example.toml")
)
SECOND = '[[benchmarks]]\nregion = "example"\nvalid_from = 2026-07-01\namount = 1200\nsource = "t"\n'


def changed(content: bytes, old: str, new: str) -> bytes:
    assert old in content.decode()
    return content.decode().replace(old, new, 1).encode()


def two_benchmarks() -> bytes:
    ended = changed(figures(), "amount = 1000", "amount = 1000\nvalid_to = 2026-06-30")
    return ended + SECOND.encode()


def test_the_shipped_tables_can_be_read_and_say_that_they_are_drafts() -> None:
    found = shipped_tables().on(DAY, region="example")

    assert found.drafts == ("scale", "rules", "figures")
    assert (found.benchmark.amount, found.wage.monthly) == (Decimal(1000), Decimal(8000))
    assert found.local_cap is not None and found.local_cap.amount == 50_000


def test_the_scale_has_the_five_case_types_and_the_published_tiers() -> None:
    scale = shipped_tables().on(DAY, region="example").scale

    assert len(scale.case_types) == 5
    assert [(str(t.least), str(t.below)) for t in scale.tiers] == [("1", "5"), ("5", "10"), ("10", "15")]
    assert [t.closed for t in scale.tiers] == [False, False, True]
    assert [(str(n.least), str(n.below), n.closed) for n in scale.levels] == [("1", "5", False), ("5", "10", True)]
    assert {g.tag for g in scale.groups if g.level == "heavy"} == {"YOUFU", "CHILD_O", "CHILD_F", "CHILD_D", "DIS12"}
    assert {g.tag for g in scale.groups if g.level == "light"} == {"WOMAN", "WORKER", "MEDAID", "DIS34"}
    assert scale.peers.band == Decimal("0.3")
    assert [f.factor for f in scale.faults] == [Decimal(f) for f in ("1", "0.8", "0.6", "0.3", "0")]


@pytest.mark.parametrize(("day", "amount"), [(date(2026, 6, 30), 1000), (date(2026, 7, 1), 1200)])
def test_the_benchmark_of_the_day_is_taken(day: date, amount: int) -> None:
    files = {"scale-1.toml": SCALE, "rules-1.toml": RULES, "regions-1.toml": two_benchmarks()}

    assert parse_tables(files).on(day, region="example").benchmark.amount == amount


def test_the_scale_and_the_rules_of_the_day_are_taken() -> None:
    old = changed(SCALE, "valid_from = 2022-01-01", "valid_from = 2022-01-01\nvalid_to = 2026-06-30")
    new = changed(changed(SCALE, "valid_from = 2022-01-01", "valid_from = 2026-07-01"), "factor = 0.8", "factor = 0.7")
    both = parse_tables({"scale-1.toml": old, "scale-2.toml": new, "rules-1.toml": RULES, "regions-1.toml": figures()})

    factors = [both.on(d, region="example").scale.fault("secondary").factor for d in (date(2026, 6, 30), DAY)]
    assert factors == [Decimal("0.8"), Decimal("0.7")]


@pytest.mark.parametrize(
    ("day", "year"), [(date(2026, 5, 31), 2024), (date(2026, 6, 1), 2025), (date(2027, 5, 1), 2025)]
)
def test_the_latest_wage_published_by_then_is_taken(day: date, year: int) -> None:
    assert shipped_tables().on(day, region="example").wage.year == year


@pytest.mark.parametrize("day", [date(2021, 6, 1), date(2024, 6, 1), date(2028, 1, 1)])
def test_a_day_without_a_valid_table_is_refused(day: date) -> None:
    with pytest.raises(ConfigError):
        shipped_tables().on(day, region="example")


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(InputError):
        shipped_tables().on(DAY, region="elsewhere")


def test_two_tables_of_one_day_are_refused() -> None:
    for extra in ({"scale-2.toml": SCALE}, {"rules-2.toml": RULES}, {"regions-2.toml": REGIONS}):
        with pytest.raises(ConfigError, match="overlap"):
            parse_tables({"scale-1.toml": SCALE, "rules-1.toml": RULES, "regions-1.toml": figures(), **extra})


def test_an_unknown_kind_of_table_is_refused() -> None:
    with pytest.raises(ConfigError, match="unknown kind"):
        parse_tables({"notes.toml": b""})


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('status = "draft"', 'status = "old"', "status"),
        ("version = 1", 'version = "1"', "version has a wrong type"),
        ("version = 1", "version = 1\nauthor = 'x'", "unknown key author"),
        ("[formula]", "[formulas]", "unknown section formulas"),
        ("rounding_step = 100", "rounding_step = 0", "rounding_step"),
        ("rounding_step = 100", "rounding_step = nan", "rounding_step has a wrong type or value"),
        ("band = 0.30", "band = 1.30", "band"),
        ("charge+harm+tier", "charge+sex", "keys"),
        ("by_harm = [1, 1, 3, 5]", "by_harm = [1, 5, 3, 5]", "by_harm does not fall"),
        ("by_harm = [1, 1, 3, 5]", "by_harm = [1, 3, 5]", "by_harm"),
        ("below = 5\nusual = 3", "below = 4\nusual = 3", "tiers meet"),
        ("usual = 3\nfrom_score = 0", "usual = 5\nfrom_score = 0", "usual lies in the tier"),
        ("from_score = 4", "from_score = 9", "from_score rises"),
        ('level = "heavy"\nusual = 5', 'level = "heavy"\nusual = 4', "usual lies in the level"),
        ('level = "heavy"\nusual = 5', 'level = "great"\nusual = 5', "unknown level"),
        ("factor = 0\nstops = true", "factor = 0", "a factor is"),
        ("factor = 1.0", "factor = 1.1", "a factor is"),
        ('tag = "YOUFU"', 'tag = "DIS12"', "stands twice"),
        ('causes = ["诈骗"', 'causes = ["故意伤害"', "two case types"),
        ("least_cases = 20", "least_cases = 0", "positive"),
    ],
)
def test_a_wrong_scale_is_refused_with_the_fault(old: str, new: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault.replace("[", r"\[")):
        parse_scale(changed(SCALE, old, new), name="scale-1.toml")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('kind = "scope"', 'kind = "other"', "kind is"),
        ("exceedable = false", "exceedable = true", "roles are named"),
        ("months = 36", "months = 0", "months"),
        ('base = "award"', 'base = "loss"', "base is"),
        ('needs = ["award"]', 'needs = ["wage"]', "needs names"),
        ('roles = ["finance_department"]', 'roles = ["mayor"]', "not in \\[\\[roles\\]\\]"),
        ('cap = "budget"', 'cap = "till"', "unknown cap"),
        ('cap = "budget"', 'cap = "local"', "grounds for exceedable caps"),
        ('source = "art5"', 'source = "art6"', "not in \\[\\[sources\\]\\]"),
        ('code = "art7-2"', 'code = "art7-1"', "stands twice"),
    ],
)
def test_wrong_rules_are_refused_with_the_fault(old: str, new: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        parse_rules(changed(RULES, old, new), name="rules-1.toml")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("amount = 1000", "amount = 0", "positive"),
        ("amount = 1000", "amount = 1000.001", "at most 2 decimals"),
        ("amount = 1000", "amount = 1000\nvalid_to = 2020-01-01", "ends before"),
        ("published = 2025-06-01", "published = 2024-06-01", "published after its year"),
        ("year = 2025", "year = 2024", "two wages"),
        ('province = "example-province"\nzh', 'province = "other"\nzh', "no wage"),
        ('region = "example"', 'region = "other"', "unknown region"),
    ],
)
def test_a_wrong_region_file_is_refused_with_the_fault(old: str, new: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        parse_figures(changed(REGIONS, old, new), name="regions-1.toml")


def test_overlapping_benchmarks_are_refused() -> None:
    with pytest.raises(ConfigError, match="overlap"):
        parse_figures(figures() + SECOND.encode(), name="regions-1.toml")


def test_all_faults_are_told_at_once() -> None:
    broken = changed(changed(SCALE, "band = 0.30", "band = 3"), "version = 1", "version = 0")

    with pytest.raises(ConfigError, match=r"version.*band"):
        parse_scale(broken, name="scale-1.toml")


def test_a_changed_table_has_another_digest() -> None:
    scales = [parse_scale(c, name="s") for c in (SCALE, SCALE + b"\n")]

    assert scales[0].digest != scales[1].digest


def test_the_29th_of_february_has_a_day_three_years_earlier() -> None:
    assert years_before(date(2028, 2, 29), 3) == date(2025, 2, 28)


def test_the_own_files_replace_the_shipped_region() -> None:
    assert tables("1234.50").on(DAY, region="example").benchmark.amount == Decimal("1234.5")
