"""Run the labelled sentences: words of hardship and urgency, and what sentences say of payment (domain C2)."""

from __future__ import annotations

from procuratorate_node.compensation import compensation_of
from procuratorate_node.examples.report import Example, Report, lines_of, rows_of
from procuratorate_node.warning.lexicon import EXCLUSION, Lexicon

WORDS, COMPENSATION = "words.tsv", "compensation.txt"


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
    words = ("、".join(sorted(filter(None, cell.split("、")))) for cell in (hardship, urgent))
    return " / ".join(cell or "-" for cell in words)


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
