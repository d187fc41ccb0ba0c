"""Grades from scores: what a large register asks for more."""

from __future__ import annotations

import math

import numpy as np
import pytest

from linkage.encoded import Grade
from linkage.match.grades import Candidates, base_grades
from linkage.schema import load_schema

TABLE = load_schema("person-v1").decision


def grade_of(score: float, *, rows: int, same_number: bool = False) -> Grade:
    """Return the grade of one pair with an equal name in a register of so many rows."""
    yes, no, same = np.array([True]), np.array([False]), np.array([same_number])
    nobody = np.zeros(1, np.int32)
    pair = Candidates((nobody, nobody), np.array([score], np.float32), same, no, yes, no)
    return Grade(int(base_grades(pair, TABLE, rows=rows)[0]))


@pytest.mark.parametrize("rows", [0, 1, 60_000, TABLE.crowd])
def test_up_to_a_crowd_the_fitted_cut_holds(rows: int) -> None:
    assert TABLE.sure_among(rows) == TABLE.sure
    assert grade_of(TABLE.sure, rows=rows) is Grade.D
    assert grade_of(TABLE.sure - 0.01, rows=rows) is Grade.E


@pytest.mark.parametrize("times", [2, 50])
def test_beyond_a_crowd_a_pair_must_be_likelier_by_as_much_as_strangers_are_more(times: int) -> None:
    cut, rows = TABLE.sure + math.log(times), times * TABLE.crowd

    assert grade_of(cut + 0.01, rows=rows) is Grade.D
    assert grade_of(cut - 0.01, rows=rows) is Grade.E


def test_an_equal_number_is_as_sure_in_a_large_register() -> None:
    assert grade_of(TABLE.sure, rows=50 * TABLE.crowd, same_number=True) is Grade.A
