"""Scoring counts persons, not rows, and cases where a model is of case level."""

from __future__ import annotations

import math

import pytest

from benchmarks.golden import Golden, Judgement, table
from benchmarks.scoring import (
    UNSLIPPED,
    Predicted,
    Score,
    Truth,
    by_grade,
    colours_right,
    predictions,
    score,
    score_by_slip,
)
from linkage.plan import Verdict
from procuratorate_node.cases.records import RowRef, Source
from procuratorate_node.outcome import ClueRow

TRUTH = Truth(
    expected={
        ("SX-1", "case 1", "p1"): frozenset({"addr"}),
        ("SX-1", "case 2", "p1"): frozenset({UNSLIPPED}),
        ("WD-3", "case 3", ""): frozenset({"addr", "id_mask"}),
    },
    person_of={("case 1", "r1"): "p1", ("case 1", "r2"): "p1", ("case 2", "r3"): "p2", ("case 3", "r4"): "p4"},
    slips_of={("case 2", "r3"): frozenset({"homophone"})},
)


def clue(model: str, case: str, row: str, verdict: Verdict = Verdict.YES, grade: str = "A") -> ClueRow:
    return ClueRow(model, case, "own", (RowRef(Source.PARTIES, case, row),), verdict, grade, ())


def test_two_rows_of_one_person_in_one_case_count_once_with_the_surest_verdict() -> None:
    two = [clue("SX-1", "case 1", "r1", Verdict.CANNOT_TELL, "E"), clue("SX-1", "case 1", "r2", grade="C")]

    (one,) = predictions(two, TRUTH)

    assert (one.sure, one.grade) == (True, "C")
    assert score([one], TRUTH) == Score(3, 1, 0)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (clue("SX-1", "case 2", "r3"), Score(3, 0, 1)),  # Another person of the right case.
        (clue("SX-1", "case 1", "unheard"), Score(3, 0, 1)),
        (clue("SX-2", "case 1", "r1"), Score(3, 0, 1)),  # The right person under another model.
        (clue("WD-3", "case 3", "unheard"), Score(3, 1, 0)),  # Only the case counts there.
    ],
)
def test_what_counts_as_right(found: ClueRow, expected: Score) -> None:
    assert score(predictions([found], TRUTH), TRUTH) == expected


def test_an_operator_counts_clues_that_have_it_and_wrong_clues_whose_own_row_has_it() -> None:
    found = predictions([clue("WD-3", "case 3", "r4"), clue("SX-1", "case 2", "r3")], TRUTH)

    slips = score_by_slip(found, TRUTH)

    assert slips["addr"] == Score(2, 1, 0)
    assert slips["homophone"] == Score(0, 0, 1)


def test_a_clue_without_a_link_has_a_grade_of_its_own() -> None:
    bare = Predicted(("SX-1", "case 1", "p1"), True, "", frozenset())

    assert by_grade([bare], TRUTH) == {"–": (1, 1)}


def test_a_colour_is_judged_on_right_clues_only() -> None:
    truth = Truth({}, {}, {}, {("PA", "case 1", "p1"): "red", ("PA", "case 2", "p1"): "red"})
    found = [
        Predicted(("PA", "case 1", "p1"), True, "A", frozenset(), "red"),
        Predicted(("PA", "case 2", "p1"), True, "A", frozenset(), "orange"),
        Predicted(("PA", "case 9", "p1"), True, "A", frozenset(), "red"),
    ]

    assert colours_right(found, truth) == (1, 2)


def test_nothing_found_has_no_precision() -> None:
    assert math.isnan(score([], TRUTH).precision)
    assert score([], TRUTH).recall == 0


def test_the_golden_table_marks_what_came_out_otherwise() -> None:
    case = Golden("G1", "a title", "REVIEW", (), ())

    lines = list(table((Judgement(case, "REVIEW"), Judgement(case, "LINK"))))

    assert [line.endswith("| yes |") for line in lines[2:4]] == [True, False]
    assert lines[-1] == "1 of 2 as expected."
