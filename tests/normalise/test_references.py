from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.normalise.references import fold_reference


@pytest.mark.parametrize(
    "written",
    [
        "（2022）示7425刑初102号",
        "(2022)示7425刑初102号",
        "〔2022〕示7425刑初102号",
        "［2022］示7425刑初102号",
        "【2022】示 7425 刑初 102 号",
        "2022示7425刑初102号",
        " （２０２２）示７４２５刑初１０２号\u3000",
        "﹝2022﹞示7425刑初\u200b102号\n",
    ],
)
def test_every_way_to_write_one_number_folds_to_one(written: str) -> None:
    assert fold_reference(written) == "2022示7425刑初102号"


@pytest.mark.parametrize("other", ["（2022）示7425刑初103号", "（2023）示7425刑初102号", "（2022）示7425民初102号", ""])
def test_other_numbers_stay_other(other: str) -> None:
    assert fold_reference(other) != fold_reference("（2022）示7425刑初102号")


def test_latin_letters_are_folded_to_upper_case() -> None:
    assert fold_reference("jz2023-001ａ") == "JZ2023-001A"


def test_every_character_folds_to_something_that_folds_to_itself() -> None:
    once = {c: fold_reference(c) for c in map(chr, range(0x20, 0x30000))}

    assert [hex(ord(c)) for c, folded in once.items() if fold_reference(folded) != folded] == []


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold_reference(fold_reference(text)) == fold_reference(text)
