"""Folding Latin cells: case, accents and punctuation go, dates become digits."""

from __future__ import annotations

import jellyfish
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.normalise.latin import LatinRow, fold_date, fold_row, fold_text, soundex


@pytest.mark.parametrize(
    ("cell", "folded"),
    [
        ("O'Shannessy", "oshannessy"), ("sara-louise", "saralouise"), ("  Ann  Marie ", "annmarie"),
        ("Müller", "muller"),
        ("Łódź", "lodz"), ("Straße", "strasse"), ("Ærø", "aero"), ("１２３", "123"), ("李", ""), ("", ""), ("--", ""),
    ],
)  # fmt: skip
def test_text_is_folded_to_letters_and_digits(cell: str, folded: str) -> None:
    assert fold_text(cell) == folded


@pytest.mark.parametrize(
    ("cell", "folded"),
    [
        ("19151111", "19151111"), ("1915-11-11", "19151111"), ("1/2/1990", "19900201"), ("1990.1.2", "19900102"),
        ("1990年1月2日", "19900102"), ("1990-13-99", "19901399"), ("1990-01", "199001"), ("90-1-2", "9012"), ("", ""),
    ],
)  # fmt: skip
def test_dates_become_digits_and_impossible_ones_stay(cell: str, folded: str) -> None:
    assert fold_date(cell) == folded


@given(st.builds(LatinRow, *[st.text(max_size=12)] * 9))
def test_folding_twice_is_folding_once(row: LatinRow) -> None:
    assert fold_row(fold_row(row)) == fold_row(row)


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12))
def test_sounds_are_those_of_another_implementation(word: str) -> None:
    assert soundex(word) == jellyfish.soundex(word).lower()


@pytest.mark.parametrize("word", ["", "123"])
def test_what_has_no_letters_has_no_sound(word: str) -> None:
    assert soundex(word) == ""
