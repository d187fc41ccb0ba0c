"""Run the labelled sentences: words found, words of hardship and urgency, what is said of payment (domain C2)."""

from __future__ import annotations

from collections.abc import Iterable

from procuratorate_node.compensation import compensation_of
from procuratorate_node.examples.report import Example, Report, lines_of, rows_of
from procuratorate_node.warning.lexicon import EXCLUSION, Lexicon

EVIDENCE, WORDS, COMPENSATION = "evidence.tsv", "words.tsv", "compensation.txt"


def run_evidence(lexicon: Lexicon) -> Report:
    """Compare the keywords the lexicon finds, by themselves or by near-synonyms, with those a person marked."""
    examples = [
        Example(
            number, _sorted(row["words"].split("、")), _sorted(f.keyword for f in lexicon.found_in(row["sentence"]))
        )
        for number, row in rows_of(EVIDENCE)
    ]
    return Report(EVIDENCE, tuple(examples))


def run_words(lexicon: Lexicon) -> Report:
    """Compare the words the lexicon counts with those a person marked; order does not matter."""
    examples = [
        Example(number, _shown(row["hardship"], row["urgent"]), _counted(lexicon, row["sentence"]))
        for number, row in rows_of(WORDS)
    ]
    return Report(WORDS, tuple(examples))


def _counted(lexicon: Lexicon, sentence: str) -> str:
    hardship = lexicon.counted(lexicon.hardship, [sentence])
    urgent = lexicon.counted(lexicon.urgent, [sentence])
    return _shown("、".join(hardship), "、".join(urgent))


def _shown(hardship: str, urgent: str) -> str:
    return " / ".join(_sorted(cell.split("、")) for cell in (hardship, urgent))


def _sorted(words: Iterable[str]) -> str:
    return "、".join(sorted(filter(None, words))) or "-"


def run_compensation() -> Report:
    """Compare the state the reader finds in each sentence with the labelled one."""
    examples: list[Example] = []
    for number, line in lines_of(COMPENSATION):
        state, sentence = line.split(" ", 1)
        examples.append(Example(number, state, compensation_of(sentence).value))
    return Report(COMPENSATION, tuple(examples))


def exclusion_traps(lexicon: Lexicon) -> tuple[int, int]:
    """Return (sentences with an exclusion word, those of them that do not say full payment).

    Whoever dropped papers on the words alone would lose the second number of people (YQ-M1-2, domain C2).
    """
    held = [
        state
        for _, line in lines_of(COMPENSATION)
        for state, sentence in [line.split(" ", 1)]
        if any(found.category == EXCLUSION for found in lexicon.found_in(sentence))
    ]
    return len(held), sum(state != "FULL" for state in held)
