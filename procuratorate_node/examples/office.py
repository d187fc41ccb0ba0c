"""Run a screening model on a small made-up office, with every link right: does it find whom it should?

The office's files are read as any office's; persons are told apart by name, registers are a table of who stands where.
What is tested is the model: its local filters, its populations, its plan, the colours it wants.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Final

from linkage.encoded import Grade
from linkage.normalise.references import fold_reference
from linkage.plan import Verdict
from linkage.warrant import PopulationSpec
from procuratorate_node.anchors import LocalFacts, Placed, place_anchors
from procuratorate_node.cases.preset import standard_preset
from procuratorate_node.cases.reading import read_cases
from procuratorate_node.colour_table import ColourTable
from procuratorate_node.compensation import compensation_states
from procuratorate_node.compile import CompiledModel, CompiledRound, compile_round
from procuratorate_node.examples.report import Example, Report, rows_of
from procuratorate_node.model import ScreeningModel
from procuratorate_node.outcome import ClueRow, Finding, Hit, clue_rows
from procuratorate_node.painting import paint_rows

FILE: Final = "clues.tsv"
REGISTERS: Final = "registers.tsv"
BOTH, NOW, BEFORE = "both", "now", "before"
CASE_ROW: Final = "-"
MISSED, EXTRA, FOUND = "missed", "extra", "found"


def run_model(model: ScreeningModel, table: ColourTable) -> Report:
    """Compare the clues of a model with the expected ones of its id; a clue too many is a miss as well."""
    expected = {(row["case"], row["rows"]): line for line, row in rows_of(FILE) if row["model"] == model.id}
    got = {_key(row) for row in clues_of(model, table)}
    examples = [
        Example(line, _said(key, FOUND), _said(key, FOUND if key in got else MISSED)) for key, line in expected.items()
    ]
    examples += [Example(0, _said(key, "not wanted"), _said(key, EXTRA)) for key in sorted(got - set(expected))]
    return Report(f"{FILE} {model.id}", tuple(examples))


def _said(key: tuple[str, str], what: str) -> str:
    return f"{key[0]} {key[1]} {what}"


def _key(row: ClueRow) -> tuple[str, str]:
    return row.case, row.rows[0].row if row.person else CASE_ROW


def clues_of(model: ScreeningModel, table: ColourTable) -> tuple[ClueRow, ...]:
    """Return what a round of this one model would bring, if every link were right."""
    facts = example_office()
    compiled = compile_round([model], requester="p", owner_of=lambda dataset: "a")
    placed = place_anchors(compiled.sets, facts, fold_reference=fold_reference)
    rows = clue_rows(compiled, placed, _findings(compiled, placed))
    return paint_rows(rows, facts, table, coloured=frozenset({model.id} if model.coloured else ()))


@functools.cache
def example_office() -> LocalFacts:
    """Read the office's files; a person is a name."""
    with resources.as_file(resources.files("procuratorate_node.examples").joinpath("office")) as folder:
        read = read_cases(folder, standard_preset())
    persons = {ref: raw.name for ref, raw in read.file.person_rows()}
    return LocalFacts(read.file, persons, compensation_states(read.file))


def _findings(compiled: CompiledRound, placed: Sequence[Placed]) -> Iterator[Finding]:
    specs = {spec.id: spec for spec in compiled.populations if not spec.anchor}
    members = {name: _members(spec) for name, spec in specs.items()}
    for model in compiled.models:
        negative = set(model.plan.negative_leaves())
        for number, anchor in enumerate(placed):
            hits = {
                name: Hit(name, Grade.A, tags if specs[name].payload else frozenset())
                for name, listed in members.items()
                if (tags := listed.get((anchor.person, anchor.context if specs[name].context else ""))) is not None
            }
            verdict = _verdict(model, anchor, hits)
            if verdict is not Verdict.NO:
                yield Finding(model.model.id, number, verdict, {n: h for n, h in hits.items() if n not in negative})


def _verdict(model: CompiledModel, anchor: Placed, hits: Mapping[str, Hit]) -> Verdict:
    def value(leaf: str) -> Verdict:
        held = leaf[1:] in anchor.rows if leaf.startswith("@") else leaf in hits
        return Verdict.YES if held else Verdict.NO

    return model.plan.evaluate(value)


def _members(spec: PopulationSpec) -> dict[tuple[str, str], frozenset[str]]:
    """Return (name, reference) → tags of a population; the reference is "" where no context is asked for."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for _, row in rows_of(REGISTERS):
        tags = set(row["tags"].split())
        wanted = {"gained": (NOW,), "lost": (BEFORE,)}.get(spec.change, (NOW, BOTH))
        fits = row["dataset"] == spec.dataset and row["when"] in wanted
        if fits and (not spec.classes or tags & set(spec.classes)):
            found[row["name"], fold_reference(row["reference"]) if spec.context else ""] |= tags
    return {key: frozenset(tags) for key, tags in found.items()}
