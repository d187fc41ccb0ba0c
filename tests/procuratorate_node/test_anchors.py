"""Local filters and the placing of anchors."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage.normalise.references import fold_reference
from procuratorate_node.anchors import LocalFacts, place_anchors, select_rows
from procuratorate_node.cases.preset import standard_preset
from procuratorate_node.cases.reading import read_cases
from procuratorate_node.compensation import compensation_states
from procuratorate_node.model import AnchorRule
from procuratorate_node.persons import own_rows, person_keys, resolve_persons
from tests.procuratorate_node.conftest import TODAY


@pytest.fixture
def facts(cases: Path) -> LocalFacts:
    file = read_cases(cases, standard_preset()).file
    return LocalFacts(file, person_keys(resolve_persons(own_rows(file, as_of=TODAY))), compensation_states(file))


@pytest.mark.parametrize(
    ("rule", "rows"),
    [
        (AnchorRule("parties", roles=("被害人",)), {"D1", "D3"}),  # The dead victim is never selected.
        (AnchorRule("parties", probe=True), {"D1", "D3", "D6"}),
        (AnchorRule("parties", probe=True, compensation_not=("FULL",)), {"D1", "D6"}),
        (AnchorRule("parties", probe=True, not_own_aided=True), {"D1", "D3"}),
        (AnchorRule("parties", probe=True, harm_in=("死亡",)), {"D6"}),  # The near relative of the dead victim.
        (AnchorRule("parties", probe=True, loss_at_least=50000), {"D3"}),
        (AnchorRule("parties", causes=("故意伤害罪",)), {"D1", "D2"}),
        (AnchorRule("parties", stages_not=("审查起诉",)), {"D3", "D4"}),
        (AnchorRule("parties", roles=("近亲属",), unaided_probe=True), set()),
        (AnchorRule("parties", roles=("犯罪嫌疑人",), stages=("已判决",), unaided_probe=True), {"D4"}),
        (AnchorRule("parties", roles=("犯罪嫌疑人",), categories=("民事",)), set()),
        (AnchorRule("aided"), {"J1", "J2"}),
        (AnchorRule("aided", causes=("盗窃",)), {"J2"}),
    ],
)
def test_a_rule_selects_exactly_the_rows_it_speaks_of(rule: AnchorRule, rows: set[str], facts: LocalFacts) -> None:
    assert {ref.row for ref in select_rows([rule], facts)} == rows


def test_a_person_has_one_anchor_with_the_union_of_his_sets(facts: LocalFacts) -> None:
    sets = {
        "early": (AnchorRule("parties", stages=("审查起诉",)),),
        "late": (AnchorRule("parties", stages=("已判决",)),),
    }

    placed = place_anchors(sets, facts, fold_reference=fold_reference)

    li = next(p for p in placed if any(r.row == "D1" for r in p.rows.get("early", ())))
    assert li.scope == 3 and [r.row for r in li.rows["late"]] == ["D3"]
    assert len({p.person for p in placed}) == len(placed)


def test_masked_names_have_no_anchor(facts: LocalFacts) -> None:
    placed = place_anchors({"all": (AnchorRule("parties", roles=("信访人",)),)}, facts, fold_reference=fold_reference)

    assert placed == ()


def test_a_set_with_context_places_one_anchor_per_person_and_judgment(facts: LocalFacts) -> None:
    rule = AnchorRule("parties", roles=("犯罪嫌疑人",), stages=("已判决",), context="judgment")

    (anchor,) = place_anchors({"suspects": (rule,)}, facts, fold_reference=fold_reference)

    assert (anchor.context, anchor.case) == ("2026江7425刑初9号", "c2")
