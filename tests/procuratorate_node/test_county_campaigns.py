"""Campaigns on whole counties with perfect linkage: the base model's expected clues, cut by what is true of people.

Sex and age are read from our own rows, whose cells may be wrong or empty, so a few people differ; registers are exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from linkage.demo.county import generate_county
from linkage.normalise.references import fold_reference
from procuratorate_node.ages import age_at, event_of
from procuratorate_node.anchors import LocalFacts, place_anchors
from procuratorate_node.campaign import parse_models
from procuratorate_node.cases.preset import standard_preset
from procuratorate_node.cases.reading import read_cases
from procuratorate_node.cases.records import KIN, VICTIM, Party
from procuratorate_node.colour_table import shipped_colour_table
from procuratorate_node.compile import compile_round
from procuratorate_node.model import shipped_files
from procuratorate_node.outcome import clue_rows
from procuratorate_node.painting import paint_rows
from tests.procuratorate_node.oracle import Truth, read

CAMPAIGNS = {m.id: m for m in parse_models(shipped_files("campaigns", "search")) if m.use == "campaign"}
FRAUD = {"诈骗", "集资诈骗", "非法吸收公众存款"}
Key = tuple[str, str]  # (case, person)


@dataclass(frozen=True, slots=True)
class People:
    """What is true of a county's people, and what its expected clues are."""

    truth: Truth
    facts: LocalFacts
    true: dict[str, dict[str, str]]
    expected: list[dict[str, str]]
    found: dict[str, set[Key]]

    def parties(self, clue: dict[str, str]) -> list[Party]:
        rows = (self.facts.file.party(clue["case_no"], row) for row in clue["party_rows"].split(";"))
        return [p for p in rows if p is not None]

    def age(self, clue: dict[str, str]) -> int:
        """Return the true age at the event; -1 without an event."""
        event = event_of(self.facts.file.cases[clue["case_no"]])
        return -1 if event is None else age_at(event, date.fromisoformat(self.true[clue["person"]]["birth"]))

    def wanted(self, base: str, holds: Callable[[dict[str, str]], bool]) -> set[Key]:
        return {(e["case_no"], e["person"]) for e in self.expected if e["model"] == base and holds(e)}


def people_of(county: Path) -> People:
    truth, file = Truth(county), read_cases(county / "procuratorate", standard_preset()).file
    facts = LocalFacts(file, truth.person_of(file), truth.compensation(file))
    models = list(CAMPAIGNS.values())
    compiled = compile_round(models, requester="procuratorate", owner_of=lambda dataset: "agency")
    placed = place_anchors(compiled.sets, facts, fold_reference=fold_reference)
    rows = clue_rows(compiled, placed, truth.findings(compiled, placed))
    coloured = frozenset(m.id for m in models if m.coloured)
    found: dict[str, set[Key]] = {m.id: set() for m in models}
    for row in paint_rows(rows, facts, shipped_colour_table(), coloured=coloured):
        found[row.model].add((row.case, row.person))
    true = {r["person"]: r for r in read(county / "truth" / "persons.csv")}
    return People(truth, facts, true, read(county / "truth" / "expected_clues.csv"), found)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> People:
    folder = tmp_path_factory.mktemp("campaigns") / "county"
    generate_county(folder, seed=79, population=9000)
    return people_of(folder)


@pytest.fixture(scope="module")
def shared(county: Path) -> People:
    return people_of(county)


def wanted_of(people: People) -> dict[str, set[Key]]:
    cases = people.facts.file.cases

    def victim(clue: dict[str, str]) -> bool:
        return any(p.role == VICTIM for p in people.parties(clue))

    return {
        "ZX-WOMEN": people.wanted("PA", lambda c: victim(c) and people.true[c["person"]]["sex"] == "F"),
        "ZX-ELDER": people.wanted(
            "PA", lambda c: victim(c) and cases[c["case_no"]].cause in FRAUD and people.age(c) >= 60
        ),
        "ZX-MINOR": people.wanted("PA", lambda c: victim(c) and 0 <= people.age(c) < 18),
        "ZX-VETERAN": people.wanted("SC", lambda c: bool({"VET", "YOUFU"} & set(c["tags"].split(";")))),
    }


def hold(people: People) -> None:
    for model, wanted in wanted_of(people).items():
        found = people.found[model]
        print(f"{model:<11} expected {len(wanted):>4} right {len(wanted & found):>4} wrong {len(found - wanted):>3}")
        slack = 0 if model == "ZX-VETERAN" else max(1, round(0.06 * len(wanted)))
        assert len(wanted - found) <= slack and len(found - wanted) <= slack, model


def test_campaigns_find_the_right_part_of_their_base_on_a_generated_county(generated: People) -> None:
    """PA-C-1, PA-C-3, PR-6."""
    hold(generated)


def test_campaigns_find_the_right_part_of_their_base_on_the_shared_county(shared: People) -> None:
    hold(shared)
    assert len(wanted_of(shared)["ZX-WOMEN"]) > 20


def test_homicide_families_are_kin_of_the_dead_and_hold_every_such_clue_of_the_base(generated: People) -> None:
    """PA-C-2: all of PA's kin of killed victims, and petitioners among the kin besides."""

    def kin(clue: dict[str, str]) -> bool:
        killed = generated.facts.file.cases[clue["case_no"]].cause in {"故意杀人", "故意伤害", "抢劫"}
        return killed and all(p.role == KIN for p in generated.parties(clue))

    assert generated.wanted("PA", kin) <= generated.found["ZX-HOMICIDE"]
