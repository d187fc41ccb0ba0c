"""Hold a changed file to the labelled examples and to the file in force, before anybody activates it (CAP-16)."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from procuratorate_node.anchors import LocalFacts
from procuratorate_node.colour_table import LEXICON
from procuratorate_node.effects import newly_asked
from procuratorate_node.examples.report import Report
from procuratorate_node.examples.running import examples_of
from procuratorate_node.examples.texts import exclusion_traps
from procuratorate_node.rule_files import MODEL, RuleFile, RuleSet


@dataclass(frozen=True, slots=True)
class TestedExamples:
    """The examples of one file under the change; `right_before` is None where the file in force has no such."""

    report: Report
    right_before: int | None

    @property
    def worse(self) -> bool:
        return self.right_before is not None and self.report.right < self.right_before


@dataclass(frozen=True, slots=True)
class TestReport:
    """What a test says. `traps`: sentences with an exclusion word, and those of them that are not full payment."""

    examples: tuple[TestedExamples, ...]
    traps: tuple[int, int] | None = None

    @property
    def worse(self) -> bool:
        """Tell whether fewer examples are right than under the file in force."""
        return any(tested.worse for tested in self.examples)


def run_examples(file: RuleFile, rules: RuleSet) -> TestReport:
    """Run the labelled examples with a file in place of the one in force."""
    before = {r.name: r.right for r in examples_of(file.kind, file.key, rules.library())}
    changed = rules.changed(file).library()
    found = tuple(TestedExamples(r, before.get(r.name)) for r in examples_of(file.kind, file.key, changed))
    return TestReport(found, exclusion_traps(changed.table.lexicon) if file.kind == LEXICON else None)


def asked_rows(file: RuleFile, rules: RuleSet, facts: LocalFacts) -> tuple[int, int] | None:
    """Return how many rows a changed model asks about besides, and how many no longer; None for other files."""
    if file.kind != MODEL:
        return None
    new = next(m for m in rules.changed(file).library().models if m.id == file.key)
    old = next((m for m in rules.library().models if m.id == file.key), None)
    return newly_asked(new, old, facts)


def text_diff(before: bytes, after: bytes) -> tuple[str, ...]:
    """Return the lines that differ, as a unified diff without file names."""
    old, new = (content.decode("utf-8", "replace").splitlines() for content in (before, after))
    return tuple(difflib.unified_diff(old, new, lineterm="", n=2))[2:]
