"""From scored candidate pairs to graded links: best and unambiguous, or "cannot tell" (design §5).

Rules, each only on what the rules above left open:
1. A pair scoring below `wide` is no link. Between `wide` and `near` it is W: it counts in differences only.
2. Between `near` and `sure` it is E: cannot tell. So is a pair of rows with two different valid numbers: one person
   with a changed number and two persons alike in everything else look the same here, and a person must look. Only an
   equal name, birth and sex in one house or with one phone outweigh the numbers: no household has two such people.
   Beyond `crowd` rows `sure` is higher for pairs without an equal number: of more strangers more are alike by chance.
3. At `sure` or above: A exact number and an agreeing name · B exact number, name disagrees · C name, birth and sex ·
   D the rest.
4. A pair without an equal number is ambiguous when another row of the same register, or another anchor, fits within
   `margin` and is not itself the same person as the first; then it is E.
Ties are decided by nothing: they are "cannot tell". The outcome does not depend on row order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linkage.encoded import Grade
from linkage.match.joins import Pairs
from linkage.match.tables import near_rivals
from linkage.schema import DecisionTable

Scores = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
SamePerson = Callable[[npt.NDArray[np.int32], npt.NDArray[np.int32]], Bools]
NAME_TAGS = ("name_birth_sex", "name_village", "name_phone", "name_last4")
SOUND_TAGS = ("sound_birth", "sound_village", "sound_year", "sound_house")
FOREMOST = 8  # Rivals beyond the eighth best cannot change a verdict that the better ones leave standing.


@dataclass(frozen=True, slots=True)
class Candidates:
    """Hold candidate pairs, their scores and the features the grade letters need."""

    pairs: Pairs
    score: Scores
    same_number: Bools
    other_number: Bools
    same_name: Bools
    name_birth_sex: Bools


def name_agrees(columns: Mapping[str, npt.NDArray[np.float32]]) -> Bools:
    """Return per pair whether some token shows an equal name, or an equal sound of the name."""
    out = np.zeros(len(columns["dice"]), np.bool_)
    for tag in NAME_TAGS + SOUND_TAGS:
        if f"agree:{tag}" in columns:
            out |= columns[f"agree:{tag}"] > 0
    return out


def two_numbers(columns: Mapping[str, npt.NDArray[np.float32]]) -> Bools:
    """Return per pair whether both are seen to have a valid number, not the same: alike in sound or in house."""
    seen: Bools = (columns["differ:both_number"] > 0) | (columns["differ:both_number_house"] > 0)
    return seen


def numbers_differ(columns: Mapping[str, npt.NDArray[np.float32]]) -> Bools:
    """Return per pair whether both are seen to have a valid number, not the same, and nothing explains that."""
    household = (columns["agree:name_phone"] > 0) | (columns["agree:sound_house"] > 0)
    same: Bools = (columns["agree:name_birth_sex"] > 0) & household
    return two_numbers(columns) & ~same


def base_grades(found: Candidates, table: DecisionTable, *, rows: int) -> npt.NDArray[np.uint8]:
    """Return the grade of each pair by itself, 0 for none; the register has so many rows."""
    out = np.zeros(len(found.score), np.uint8)
    out[found.score >= table.wide] = Grade.W
    out[found.score >= table.near] = Grade.E
    cut = np.where(found.same_number, table.sure, table.sure_among(rows))
    sure = (found.score >= cut) & ~found.other_number
    out[sure] = Grade.D
    out[sure & found.name_birth_sex] = Grade.C
    out[sure & found.same_number] = Grade.B
    out[sure & found.same_number & found.same_name] = Grade.A
    return out


def rivals(key: npt.NDArray[np.int32], other: npt.NDArray[np.int32], score: Scores, margin: float) -> Pairs:
    """Return (pair, rival pair) positions: same `key`, different `other`, rival within `margin` or better."""
    order = np.lexsort((other, -score, key))
    first, second = np.empty((2, 0), np.int32)
    while (found := near_rivals(order, key, score, np.float32(margin), FOREMOST, first, second)) > len(first):
        first, second = np.empty((2, found), np.int32)
    return first, second


def ambiguous(found: Candidates, margin: float, same_row: SamePerson, same_anchor: SamePerson) -> Bools:
    """Return per pair whether a different person competes for the same anchor or the same row within `margin`."""
    i, j = found.pairs
    out = np.zeros(len(i), np.bool_)
    for key, other, same in ((i, j, same_row), (j, i, same_anchor)):
        pair, rival = rivals(key, other, found.score, margin)
        if len(pair):
            different = ~same(other[pair], other[rival])
            np.logical_or.at(out, pair[different], True)
    return out


def final_grades(found: Candidates, table: DecisionTable, unclear: Bools, *, rows: int) -> npt.NDArray[np.uint8]:
    """Return the grades after ambiguity: an ambiguous C or D becomes E; an equal number is never ambiguous."""
    out = base_grades(found, table, rows=rows)
    soft = (out == Grade.C) | (out == Grade.D)
    out[soft & unclear] = Grade.E
    return out
