"""The labelled examples that changed files are tested on: enough, of every kind, and right with what is shipped."""

from __future__ import annotations

from collections import Counter

import pytest

from procuratorate_node.campaign import parse_models
from procuratorate_node.colour_table import LEXICON, TREE, make_colour_table, shipped_colour_table
from procuratorate_node.examples.colours import FILE, run_colours
from procuratorate_node.examples.office import clues_of, run_model
from procuratorate_node.examples.report import rows_of
from procuratorate_node.examples.running import examples_of
from procuratorate_node.examples.texts import (
    EVIDENCE,
    WORDS,
    exclusion_traps,
    run_compensation,
    run_evidence,
    run_words,
)
from procuratorate_node.model import ScreeningModel, shipped_files
from procuratorate_node.rule_files import MODEL, RuleSet
from procuratorate_node.warning.file import shipped

TABLE = shipped_colour_table()
MODELS = {m.id: m for m in parse_models(shipped_files("campaigns", "search"))}


def test_there_are_more_than_three_hundred_labelled_sentences_and_cases() -> None:
    """CAP-16: a set large enough to show what a change does."""
    reports = (run_words(TABLE.lexicon), run_colours(TABLE), run_compensation())

    assert sum(len(r.examples) for r in reports) > 300
    assert all(len(r.examples) >= 80 for r in reports)


def test_every_step_of_the_tree_and_every_charge_model_is_among_the_examples() -> None:
    steps = Counter(int(row["step"]) for _, row in rows_of(FILE))
    charges = {row["charge"] for _, row in rows_of(FILE)}

    assert set(range(1, 16)) <= set(steps) and min(steps[n] for n in range(1, 16)) >= 5
    assert all(charges & set(m.charges) for m in TABLE.charges.models)


def test_every_word_of_hardship_and_urgency_is_among_the_examples() -> None:
    marked = {w for _, row in rows_of(WORDS) for c in ("hardship", "urgent") for w in row[c].split("、")} - {""}

    every = {w for c in TABLE.lexicon.categories if c.code in "BCD" for w in c.keywords} | set(
        TABLE.lexicon.urgent.words
    )
    assert marked == every


def test_every_word_near_synonym_and_exclusion_is_among_the_sentences_under_its_keyword() -> None:
    rows = [(row["sentence"], row["words"].split("、")) for _, row in rows_of(EVIDENCE)]
    groups = [g for c in TABLE.lexicon.categories for g in c.words] + [(w,) for w in TABLE.lexicon.exclusions.words]
    shown = {
        (group[0], w)
        for sentence, marked in rows
        for group in groups
        for w in group
        if group[0] in marked and w in sentence
    }

    assert len(groups) == 62 + len(TABLE.lexicon.exclusions.words)
    assert [(group[0], w) for group in groups for w in group if (group[0], w) not in shown] == []


def test_the_shipped_words_are_found_in_every_sentence_and_no_other_is() -> None:
    """PA-M-2, WD-K-2, WD-R-6."""
    assert [e for e in run_evidence(TABLE.lexicon).examples if not e.right] == []


def test_a_lexicon_that_forgets_a_near_synonym_is_noticed() -> None:
    text = shipped("lexicon.toml").decode()
    assert '"殁年", ' in text
    table = make_colour_table({LEXICON: text.replace('"殁年", ', "").encode()})

    assert len([e for e in run_evidence(table.lexicon).examples if not e.right]) == 1


def test_the_shipped_tree_agrees_with_every_labelled_case() -> None:
    """PA-M-5, PA-M-8."""
    assert [e for e in run_colours(TABLE).examples if not e.right] == []


def test_the_shipped_words_agree_but_for_known_accidents_of_spelling() -> None:
    """A literal search finds 低保 in 降低保证金: such sentences stay among the examples, and the figure says so."""
    report = run_words(TABLE.lexicon)

    assert len(report.examples) - report.right == 3 and report.share > 0.95


def test_dropping_papers_on_exclusion_words_alone_would_lose_people() -> None:
    """YQ-M1-2."""
    held, traps = exclusion_traps(TABLE.lexicon)

    assert held > traps > 5


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_shipped_model_finds_exactly_whom_it_should(model: ScreeningModel) -> None:
    """SX-R-2, YQ-M1-3, YQ-M2-3, YQ-M2-4, YQ-M3-1, YQ-M4-3, GY-M1-4..6, GY-C-3, WD-R-2..5, SC-M-2, PA-C-1..3, PR-6."""
    report = run_model(model, TABLE)

    assert report.examples
    assert [e for e in report.examples if not e.right] == []


def test_a_worse_tree_is_noticed_by_the_examples() -> None:
    text = shipped("tree.toml").decode().replace('high = ["TEKUN", "DIBAO",', 'high = ["TEKUN",')
    table = make_colour_table({TREE: text.encode()})

    assert run_colours(table).right < len(run_colours(table).examples)


def test_a_model_that_forgets_a_register_or_a_filter_is_noticed() -> None:
    base = shipped_files("campaigns", "search")
    for old, new in (('"dibao", ', ""), ('stages = ["审查逮捕", "审查起诉", "已起诉", "不起诉"]', "")):
        text = base["yq-m1.toml"].decode()
        assert old in text
        text = text.replace(old, new)
        if not new and old.startswith('"dibao"'):
            start = text.index("[populations.dibao]")
            text = text[:start] + text[text.index("[populations.", start + 5) :]
        (report,) = examples_of(MODEL, "YQ-M1", RuleSet(base | {"yq-m1.toml": text.encode()}, {}).library())
        assert report.right < len(report.examples), old


def test_a_lexicon_is_tested_on_words_colours_and_coloured_models() -> None:
    names = [r.name for r in examples_of(LEXICON, LEXICON, RuleSet(shipped_files("campaigns", "search"), {}).library())]

    assert names[:3] == [EVIDENCE, WORDS, FILE] and "clues.tsv PA" in names and "clues.tsv ZX-WOMEN" in names


def test_in_death_cases_the_kin_are_found_and_never_the_dead() -> None:
    """A8 trap 1; WD-0-1, SC-0-1."""
    found = {(c.case, c.rows[0].row) for m in MODELS.values() for c in clues_of(m, TABLE)}

    assert {("k2", "乙二"), ("k6", "乙八")} <= found
    assert not {("k2", "甲二"), ("k6", "甲八")} & found
