"""The errors of the example county: each damages what it says and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.demo.county import slips_name, slips_number
from linkage.demo.county.citizen import check_digit
from linkage.demo.county.compensation import note
from linkage.demo.county.errata import rates
from linkage.demo.county.words import confusions, toneless

SEEDS = st.integers(0, 10_000)
NUMBER = "36752319990101123" + check_digit("36752319990101123")
LABELS = """id_missing id_mask id_15 id_sub id_multi id_kin id_old id_excel id_form discert homophone shape variant rare
dot alias drop name_mask name_form birth_missing birth_err lunar age_only sex_missing sex_err addr dup stale"""


def test_every_error_label_has_rates_between_zero_and_one() -> None:
    assert set(rates()) == set(LABELS.split())
    assert all(0 <= share <= 1 for shares in rates().values() for share in shares.values())


def test_fifteen_digits_lose_the_century_and_the_check_digit() -> None:
    assert slips_number.fifteen(NUMBER) == "367523990101123"


@given(SEEDS)
def test_one_slip_is_one_slip(seed: int) -> None:
    wrong = slips_number.one_wrong(random.Random(seed), NUMBER)
    assert wrong != NUMBER
    assert abs(len(wrong) - len(NUMBER)) <= 1
    if len(wrong) == len(NUMBER):
        assert sum(a != b for a, b in zip(wrong, NUMBER, strict=True)) <= 2


@given(SEEDS)
def test_a_masked_number_shows_only_right_digits(seed: int) -> None:
    shown = slips_number.masked(random.Random(seed), NUMBER)
    assert len(shown) == len(NUMBER)
    assert all(a == b or not a.isdigit() for a, b in zip(shown, NUMBER, strict=True))
    assert any(not digit.isdigit() for digit in shown[:-1])


@given(SEEDS)
def test_a_spreadsheet_keeps_at_most_fifteen_digits(seed: int) -> None:
    kept = slips_number.spreadsheet(random.Random(seed), NUMBER)
    assert kept == NUMBER[:15] + "000" or "E+17" in kept


@given(SEEDS)
def test_a_homophone_differs_in_one_character(seed: int) -> None:
    heard = slips_name.homophone(random.Random(seed), "张丽华")
    assert len(heard) == 3
    assert sum(a != b for a, b in zip(heard, "张丽华", strict=True)) == 1


def test_most_homophones_have_the_very_same_syllable() -> None:
    known = confusions().syllable
    same = 0
    for seed in range(400):
        heard = slips_name.homophone(random.Random(seed), "李国芳")
        place = next(place for place in range(3) if heard[place] != "李国芳"[place])
        same += toneless(known[heard[place]]) == toneless(known["李国芳"[place]])
    assert 280 < same < 360


@pytest.mark.parametrize(
    ("slip", "name", "allowed"),
    [
        (slips_name.shape, "丁力天", {"宁力天"}),
        (slips_name.dot, "阿里木·艾山", None),
        (slips_name.rare, "王喆", {"王zhe", "王ZHE", "王?", "王？", "王_", "王口", "王□", "王", "王哲", "王吉"}),
        (slips_name.masked, "王小明", {"王某某", "王某", "王××", "王某甲"}),
        (slips_name.drop, "王小明", {"王明小", "王明", "王小"}),
    ],
)
def test_a_name_slip_gives_what_its_label_says(
    slip: Callable[[random.Random, str], str], name: str, allowed: set[str] | None
) -> None:
    given = {slip(random.Random(seed), name) for seed in range(300)}
    assert given == allowed if allowed else all("·" not in one for one in given)


@pytest.mark.parametrize("kind", ["P", "G"])
@pytest.mark.parametrize("state", ["FULL", "PARTIAL", "NOT"])
def test_a_note_is_filled_in_and_never_empty_for_a_known_state(state: str, kind: str) -> None:
    notes = {note(random.Random(seed), state, kind=kind, charge="交通肇事", due=50_000) for seed in range(200)}
    assert all(text and "{" not in text for text in notes)
    assert len(notes) >= 8
