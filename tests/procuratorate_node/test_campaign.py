"""Model files that narrow another: filters of sex, age, role, charge, period, populations (CAP-24, PR-6)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from linkage.errors import ConfigError
from procuratorate_node.anchors import LocalFacts, select_rows
from procuratorate_node.campaign import parse_campaign, parse_models
from procuratorate_node.examples.office import example_office
from procuratorate_node.model import ScreeningModel, choose_models, shipped_files, shipped_models

HEAD = """
[model]
id = "ZX-T"
version = 1
title = "试验"
title_en = "trial"
legal_basis = ["细则"]
extends = "{base}"
[narrow]
"""
WOMEN = 'sexes = ["女"]'
BASES = {m.id: m for m in shipped_models()}


def campaign(narrow: str, base: str = "SC") -> ScreeningModel:
    return parse_campaign((HEAD.format(base=base) + narrow).encode(), BASES, name="t.toml")


def asked(model: ScreeningModel, facts: LocalFacts) -> list[str]:
    return sorted(ref.row for ref in select_rows(model.anchors[model.asked], facts))


@pytest.mark.parametrize(
    ("narrow", "rows"),
    [
        ('sexes = ["女"]\nroles = ["被害人"]', ["甲一", "甲七", "甲九", "甲五"]),
        ('age_from = 60\nroles = ["被害人"]', ["甲五", "甲四"]),
        ("age_below = 18", ["乙九", "甲七"]),
        ('causes = ["诈骗"]', ["甲五", "甲六", "甲四"]),
        ("victim_dead = true", ["乙三", "乙九", "乙二", "乙八", "乙十"]),
        ('petitioner = true\nroles = ["近亲属"]', ["乙十"]),
        ('accepted_from = "2026-03-01"', ["乙十访", "甲九"]),
        ('accepted_until = "2025-09-30"', ["甲三"]),
        ('categories = ["民事"]', ["丙一", "丙三", "丙二"]),
        ('sexes = ["女"]\nage_from = 70', ["丙二"]),
    ],
)
def test_a_campaign_asks_about_the_rows_its_filters_leave(narrow: str, rows: list[str]) -> None:
    assert asked(campaign(narrow), example_office()) == sorted(rows)


def test_a_campaign_never_asks_about_more_than_its_base() -> None:
    """WD-0-4: no widening."""
    facts = example_office()
    models = parse_models(shipped_files("campaigns", "search"))
    by_id = {m.id: m for m in models}
    for model in models:
        if model.extends:
            base = by_id[model.extends]
            assert set(asked(model, facts)) <= set(asked(base, facts))
            assert set(model.populations) <= set(base.populations)


def test_the_digest_changes_with_the_file_and_with_the_base() -> None:
    one, rebased = campaign(WOMEN), {"SC": replace(BASES["SC"], digest="0" * 64)}
    other = parse_campaign((HEAD.format(base="SC") + WOMEN).encode(), rebased, name="t.toml")

    assert len({one.digest, campaign('sexes = ["男"]').digest, other.digest, BASES["SC"].digest}) == 4


def test_populations_that_are_left_out_leave_the_plan_and_differences_stay() -> None:
    model = campaign('populations = ["dibao", "creditor"]', base="PA")

    assert set(model.populations) == {"dibao", "creditor", "aided_court", "aided_police", "aided_justice"}
    assert set(model.plan.negative_leaves()) == {"aided_court", "aided_police", "aided_justice"}


def test_all_means_the_systems_models_and_no_campaign() -> None:
    models = parse_models(shipped_files("campaigns", "search"))

    assert len(choose_models(models, ["all"])) == 15
    assert [m.id for m in choose_models(models, ["ZX-WOMEN"])] == ["ZX-WOMEN"]


@pytest.mark.parametrize(
    ("narrow", "base", "fault"),
    [
        ('sexes = ["其他"]', "SC", "其他 is no word"),
        ("age_from = 200", "SC", "ages are 0 to"),
        ('ages = "now"', "SC", "ages is event or today"),
        ('accepted_from = "2026-3-1"', "SC", "a day looks like"),
        ('where = "1=1"', "SC", "unknown key where"),
        ('populations = ["villagers"]', "SC", "populations are some of"),
        ('populations = ["aided_court"]', "PA", "nothing is left of the plan"),
        ('roles = ["犯罪嫌疑人"]', "SC", "nothing is left of the set"),
        ('sexes = ["女"]', "YQ-M4", "cannot be narrowed"),
        ('sexes = ["女"]', "XX", "no whole model XX"),
        ('sexes = ["女"]\n[plan]\nany = ["dibao"]', "SC", "unknown section"),
    ],
)
def test_a_fault_in_a_campaign_is_named(narrow: str, base: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        campaign(narrow, base=base)
