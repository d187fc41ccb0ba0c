"""The invented crowd: repeatable, the same people on both sides, numbers nobody shares."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.crowd import AS_OF, CHUNK, FIELDS, Crowd, export
from linkage.normalise import RawPerson, normalise
from linkage.normalise.person import IdState

CROWD = Crowd(400, 1500, seed=3)
USABLE = (IdState.VALID, IdState.UPGRADED)


def numbers(crowd: Crowd, side: str) -> list[str]:
    """Return the valid numbers of a side by row, "" where a row has none."""
    people = [normalise(RawPerson(id_number=row[1]), as_of=AS_OF) for row in crowd.rows(side)]
    return [p.id_number if p.id_state in USABLE else "" for p in people]


def test_two_crowds_of_one_seed_are_equal_and_of_two_seeds_are_not() -> None:
    assert list(CROWD.rows("left")) == list(Crowd(400, 1500, seed=3).rows("left"))
    assert list(CROWD.rows("left")) != list(Crowd(400, 1500, seed=4).rows("left"))


def test_a_part_of_a_register_can_be_drawn_alone() -> None:
    crowd = Crowd(CHUNK + 50, 10)
    assert list(crowd.rows("left", CHUNK)) == list(crowd.rows("left"))[CHUNK:]


def test_nobody_stands_twice_in_a_register_and_no_two_people_share_a_number() -> None:
    for side in ("left", "right"):
        assert max(Counter(n for n in numbers(CROWD, side) if n).values()) == 1


def test_the_truth_names_every_equal_number_and_half_of_the_left_rows() -> None:
    left, right = numbers(CROWD, "left"), numbers(CROWD, "right")
    truth = {int(a): int(b) for part in CROWD.truth() for a, b in zip(*part, strict=True)}
    equal = {left.index(n): j for j, n in enumerate(right) if n and n in left}

    assert len(truth) == 200 and equal.items() <= truth.items() and len(equal) > 160


@pytest.mark.parametrize("side", ["left", "right"])
def test_about_one_row_in_twenty_has_no_usable_number(side: str) -> None:
    crowd = Crowd(4000, 4000)
    assert 0.035 < numbers(crowd, side).count("") / 4000 < 0.065


def test_an_export_has_the_rows_the_headings_and_the_truth(tmp_path: Path) -> None:
    export(CROWD, tmp_path)
    found = {f.stem: list(csv.reader(f.open(encoding="utf-8", newline=""))) for f in tmp_path.glob("*.csv")}

    assert found["left"][0] == found["right"][0] == ["row", *FIELDS]
    assert [tuple(r[1:]) for r in found["right"][1:]] == list(CROWD.rows("right"))
    assert [int(r[0]) for r in found["right"][1:]] == list(range(1500))
    assert (found["truth"][0], len(found["truth"])) == (["left", "right"], 201)
