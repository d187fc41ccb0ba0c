"""Laws that hold for every input."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.normalise import Birth, IdState, RawPerson, normalise
from linkage.normalise.births import read_age, read_birth
from linkage.normalise.characters import clean_cell, fold
from linkage.normalise.checkdigit import check_character, is_valid
from linkage.normalise.names import read_name
from linkage.normalise.numbers import read_number
from linkage.normalise.places import read_place
from linkage.normalise.repairs import repairs_of

AS_OF = date(2026, 10, 31)
HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=6)
MESSY = st.text(
    st.one_of(st.characters(), st.sampled_from("张王李某口·.•?*Xx（）()、和等 0123456789年月岁村镇")), max_size=25
)
NUMBERS = st.builds(
    lambda born, county, sequence: _numbered(f"32{county:04d}{born:%Y%m%d}{sequence:03d}"),
    st.dates(date(1900, 1, 2), date(2026, 10, 31)),
    st.integers(0, 9999),
    st.integers(0, 999),
)


def _numbered(first17: str) -> str:
    return first17 + check_character(first17)


@given(NUMBERS)
def test_a_number_with_its_check_is_valid_and_read_back(number: str) -> None:
    found = read_number(number, as_of=AS_OF, stated=Birth())
    assert (found.state, found.number) == (IdState.VALID, number)


@settings(max_examples=40, deadline=None)
@given(NUMBERS, st.integers(0, 17), st.integers(1, 9))
def test_no_single_wrong_digit_passes_as_valid(number: str, place: int, shift: int) -> None:
    if number[place] == "X":
        return
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    found = read_number(wrong, as_of=AS_OF, stated=Birth())
    assert found.state is not IdState.VALID and found.number == ""


@settings(max_examples=40, deadline=None)
@given(NUMBERS, st.integers(0, 16), st.integers(1, 9))
def test_the_true_number_is_among_the_repairs_that_fit_the_birth(number: str, place: int, shift: int) -> None:
    born = read_birth(number[6:14], as_of=AS_OF)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    repairs = repairs_of(wrong, as_of=AS_OF, stated=born)
    assert len(repairs) <= 9 and all(is_valid(repair, AS_OF) for repair in repairs)
    assert number in repairs or len(repairs) == 9


@given(NUMBERS, st.integers(0, 17), st.integers(0, 17))
def test_a_mask_shows_only_digits_of_the_number(number: str, left: int, right: int) -> None:
    low, high = sorted((left, right))
    masked = number[:low] + "*" * (high - low + 1) + number[high + 1 :]
    digits = read_number(masked, as_of=AS_OF, stated=Birth()).digits
    assert all(seen in ("?", true) for seen, true in zip(digits, number, strict=False))


@given(st.one_of(HAN, MESSY))
def test_a_folded_name_reads_as_itself(cell: str) -> None:
    first = read_name(cell)
    assert fold(first.name) == first.name
    if first.name and all("\u4e00" <= char <= "\u9fff" for char in first.name):
        again = read_name(first.name)
        # A name such as 王老师 that was left over may still look like a remark; it must never become another name.
        assert again.name in (first.name, "") or first.name.startswith(again.name)


@given(MESSY)
def test_cleaning_is_idempotent(cell: str) -> None:
    assert clean_cell(clean_cell(cell)) == clean_cell(cell)


@given(MESSY)
def test_folding_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@settings(deadline=None)
@given(st.builds(RawPerson, MESSY, MESSY, MESSY, MESSY, MESSY, MESSY, MESSY, MESSY, MESSY))
def test_no_text_breaks_the_contract(raw: RawPerson) -> None:
    person = normalise(raw, as_of=AS_OF)
    assert len(person.id_digits) in (0, 18) and set(person.id_digits) <= set("0123456789X?")
    assert (len(person.id_number) == 18) == (person.id_state in (IdState.VALID, IdState.UPGRADED, IdState.CONFLICT))
    assert len(person.readings) == len(person.shapes) == len(person.name)
    assert person.sex in ("", "1", "2") and len(person.phone) in (0, 11)
    for value in (raw.name, person.name, person.town, person.village):
        assert len(value) < 3 or value.isascii() or value not in repr(person)


@given(MESSY)
def test_births_and_ages_are_plausible(cell: str) -> None:
    for born in (read_birth(cell, as_of=AS_OF), read_age(cell, on=AS_OF)):
        assert born == Birth() or 1880 <= born.year_low <= born.year_high <= 2036


@given(st.sampled_from(["三汊", "青塘", "石桥"]), HAN.filter(lambda t: len(t) <= 3), st.integers(1, 99))
def test_an_address_is_read_the_same_with_and_without_its_region(town: str, village: str, group: int) -> None:
    local = f"{town}镇{village}村{group}组"
    assert read_place("江南省澜州市云桥县" + local) == read_place(local)
