"""The shipped models against the county's truth: with perfect linkage they must find exactly the expected clues."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from linkage.demo.county import generate_county
from linkage.normalise.references import fold_reference
from procuratorate_node.anchors import LocalFacts, Placed, place_anchors
from procuratorate_node.casefiles.states import paper_states, states_of
from procuratorate_node.cases.preset import standard_preset
from procuratorate_node.cases.reading import ReadCases, read_cases
from procuratorate_node.cases.records import RowRef
from procuratorate_node.casework import Reading, with_papers
from procuratorate_node.colour_table import shipped_colour_table
from procuratorate_node.compensation import compensation_states
from procuratorate_node.compile import CompiledRound, compile_round
from procuratorate_node.model import shipped_models
from procuratorate_node.outcome import clue_rows
from procuratorate_node.painting import paint_rows
from procuratorate_node.persons import own_rows, person_keys, resolve_persons
from tests.procuratorate_node.conftest import TODAY
from tests.procuratorate_node.oracle import Truth, score


@pytest.fixture(scope="module")
def truth(county: Path) -> Truth:
    return Truth(county)


@pytest.fixture(scope="module")
def read(county: Path) -> ReadCases:
    return read_cases(county / "procuratorate", standard_preset())


@pytest.fixture(scope="module")
def compiled() -> CompiledRound:
    return compile_round(shipped_models(), requester="procuratorate", owner_of=lambda dataset: "agency")


def table(
    compiled: CompiledRound, placed: tuple[Placed, ...], truth: Truth, facts: LocalFacts
) -> dict[str, tuple[int, int, int, int]]:
    rows = clue_rows(compiled, placed, truth.findings(compiled, placed))
    found = score(paint_rows(rows, facts, shipped_colour_table(), coloured=frozenset({"PA"})), truth)
    for model, (want, right, wrong, tags) in found.items():
        print(f"{model:<10} expected {want:>4} right {right:>4} wrong {wrong:>3} tags equal {tags:>4}")
    return found


def test_the_countys_files_are_read_without_a_reject(read: ReadCases) -> None:
    assert read.rejects == ()


def test_with_true_persons_and_states_every_model_is_exact(
    compiled: CompiledRound, read: ReadCases, truth: Truth
) -> None:
    facts = LocalFacts(read.file, truth.person_of(read.file), truth.compensation(read.file))
    placed = place_anchors(compiled.sets, facts, fold_reference=fold_reference)

    found = table(compiled, placed, truth, facts)

    assert len(found) == 15
    assert {model: row for model, row in found.items() if row != (row[0], row[0], 0, row[0])} == {}


def test_with_our_own_persons_and_states_hardly_a_clue_differs(
    compiled: CompiledRound, read: ReadCases, truth: Truth, county: Path
) -> None:
    filled, papers = with_papers(
        read.file, county / "procuratorate", cache=None, as_of=TODAY, reading=Reading(scans=False)
    )
    people = resolve_persons(own_rows(filled.file, as_of=TODAY))
    states = compensation_states(filled.file, paper_states(states_of(filled.file, papers)))
    facts = LocalFacts(filled.file, person_keys(people), states)
    true = named(truth.person_of(read.file), {p.key: p.rows for p in people})
    placed = place_anchors(compiled.sets, facts, fold_reference=fold_reference)

    found = table(compiled, tuple(replace(p, person=true[p.person]) for p in placed), truth, facts)

    assert all(right >= 0.98 * want and wrong <= 0.03 * want for want, right, wrong, _ in found.values())


def named(true: dict[RowRef, str], groups: dict[str, tuple[RowRef, ...]]) -> dict[str, str]:
    """Return for each of our persons the true person most of his rows belong to."""
    return {key: Counter(true.get(ref, "?") for ref in rows).most_common(1)[0][0] for key, rows in groups.items()}


def test_every_model_is_exact_on_a_generated_county(compiled: CompiledRound, tmp_path: Path) -> None:
    folder = tmp_path / "county"
    generate_county(folder, seed=78, population=6000)
    truth, file = Truth(folder), read_cases(folder / "procuratorate", standard_preset()).file
    facts = LocalFacts(file, truth.person_of(file), truth.compensation(file))

    found = table(compiled, place_anchors(compiled.sets, facts, fold_reference=fold_reference), truth, facts)

    assert len(found) == 15 and sum(want > 0 for want, *_ in found.values()) >= 13
    assert {model: row for model, row in found.items() if row != (row[0], row[0], 0, row[0])} == {}
