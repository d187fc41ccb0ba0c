"""Rules D1-D8 for citizen numbers. All numbers are published samples or fictitious."""

from __future__ import annotations

from datetime import date

import pytest

from linkage.normalise import Birth, BirthPrecision, BirthSource, IdState, IdType
from linkage.normalise.checkdigit import check_character, has_check, is_valid, sex_of, upgrade
from linkage.normalise.numbers import Number, read_number
from linkage.normalise.repairs import repairs_of

AS_OF = date(2026, 10, 31)
SAMPLE = "11010519491231002X"  # Published sample of GB 11643-1999.


def made(first17: str) -> str:
    return first17 + check_character(first17)


def read(cell: str, stated: Birth | None = None, sex: str = "") -> Number:
    return read_number(cell, as_of=AS_OF, stated=stated or Birth(), sex=sex)


def day(text: str) -> Birth:
    year, month, dom = map(int, text.split("-"))
    return Birth(year, year, month, dom, BirthPrecision.DAY, BirthSource.STATED)


@pytest.mark.parametrize("number", [SAMPLE, "440524188001010014", made("34052419800101001")])
def test_published_samples_carry_their_check_character(number: str) -> None:
    assert has_check(number)


@pytest.mark.parametrize(
    "cell",
    [
        SAMPLE,
        SAMPLE.lower(),
        "'" + SAMPLE,
        "ID:" + SAMPLE,
        "身份证号：" + SAMPLE,
        "110105 19491231 002X",
        "110105-19491231-002X",
        SAMPLE + "\t",
        "\u3000" + SAMPLE + "\ufeff",
        "１１０１０５１９４９１２３１００２Ｘ",
        SAMPLE[:-1] + "Х",  # Cyrillic.
        SAMPLE[:-1] + "×",
        SAMPLE[:-1] + "*",
        SAMPLE + "、" + SAMPLE,
        SAMPLE[:4] + "O" + SAMPLE[5:],  # Letter O typed for zero.
        SAMPLE[:1] + "l" + SAMPLE[2:],
    ],
)
def test_every_way_of_writing_a_number_gives_the_number(cell: str) -> None:
    found = read(cell)
    assert (found.state, found.kind) == (IdState.VALID, IdType.CN18)
    assert found.number == found.digits == SAMPLE


def test_a_birth_before_1900_is_a_bad_date() -> None:
    found = read("440524188001010014")
    assert (found.state, found.number) == (IdState.BAD_DATE, "")


def test_a_birth_after_the_as_of_date_is_a_bad_date() -> None:
    assert read(made("11010520261101001")).state is IdState.BAD_DATE


@pytest.mark.parametrize("prefix", ["327024", "138521", "657123", "719999", "810000", "911156", "548888"])
def test_county_digits_are_never_tested(prefix: str) -> None:
    assert read(made(prefix + "19800101001")).state is IdState.VALID


@pytest.mark.parametrize("prefix", ["002702", "167024", "247024", "387024", "747024", "847024"])
def test_unknown_province_digits_fail_without_repairs(prefix: str) -> None:
    found = read(made(prefix + "19800101001"))
    assert (found.state, found.repairs) == (IdState.BAD_CHECK, ())


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [("810000", IdType.HMT18), ("820000", IdType.HMT18), ("830000", IdType.HMT18), ("911156", IdType.FPR18)],
)
def test_residents_of_other_places_have_their_own_type(prefix: str, kind: IdType) -> None:
    assert read(made(prefix + "19800101001")).kind is kind


def test_fifteen_digits_are_upgraded() -> None:
    found = read("110105491231002")
    assert (found.state, found.kind, found.number) == (IdState.UPGRADED, IdType.CN15, SAMPLE)


def test_fifteen_digits_that_begin_an_eighteen_digit_number_are_truncated() -> None:
    found = read("327024198712312")
    assert (found.state, found.digits) == (IdState.TRUNCATED, "327024198712312???")


def test_a_stated_birth_decides_what_fifteen_digits_mean() -> None:
    cell = "327024200105071"  # 1920-01-05 in the old form, 2001-05-07 as the start of a new number.
    assert read(cell).state is IdState.UPGRADED
    assert read(cell, day("2001-05-07")).state is IdState.TRUNCATED


@pytest.mark.parametrize("tail", ["43", "11", "74", "43B1", "43B"])
def test_a_disability_certificate_holds_the_citizen_number(tail: str) -> None:
    found = read(SAMPLE + tail)
    assert (found.state, found.kind, found.number) == (IdState.VALID, IdType.DISCERT, SAMPLE)


def test_a_certificate_with_a_damaged_number_is_still_one() -> None:
    found = read("110105194912310029" + "43")
    assert (found.state, found.kind, found.digits) == (IdState.BAD_CHECK, IdType.DISCERT, "110105194912310029")


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        ("110105********002X", "110105????????002X"),
        ("1101051949****002X", "1101051949????002X"),
        ("110***********002X", "110???????????002X"),
        ("110105****002X", "110105????????002X"),  # Too few stars: aligned to both ends.
        ("110105**************002X", "110105????????002X"),
        ("110105XXXXXXXX0021", "110105????????0021"),
        ("110105XXXXXXXXXXXX", "110105????????????"),
        ("110105××××××××002X", "110105????????002X"),
        ("***************02X", "???????????????02X"),
        ("110105******002", "110105????????????"),  # Fifteen places: perhaps an old number, only the prefix is sure.
        ("1101051949123100**", "1101051949123100??"),
        ("11010519491231004*", "11010519491231004?"),  # Its check is no X, so the star hides a digit.
    ],
)
def test_a_mask_keeps_the_visible_digits_in_their_places(cell: str, digits: str) -> None:
    found = read(cell)
    assert (found.state, found.number, found.digits) == (IdState.MASKED, "", digits)


def test_a_mask_without_digits_keeps_nothing() -> None:
    assert read("*" * 18).digits == ""


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        ("110105194912310000", "110105194912310???"),
        ("327425199604086000.0", "327425199604086???"),
        ("1.10105E+17", "11010?????????????"),  # Shown rounded: 110104.5 to 110105.5.
        ("3.274251996040869e+17", "327425199604086???"),
        ("3.27425200607113E+17", "32742520060711????"),  # Fifteen digits, perhaps rounded up.
    ],
)
def test_spreadsheet_loss_keeps_only_certain_digits(cell: str, digits: str) -> None:
    found = read(cell)
    assert (found.state, found.number, found.digits) == (IdState.EXCEL_LOST, "", digits)


def test_a_fifteen_digit_number_survives_scientific_notation() -> None:
    assert read("1.10105491231002E+14").number == SAMPLE


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        ("11010519491231002", "11010519491231002?"),
        ("110105194912", "110105194912??????"),
        ("110105", "110105????????????"),
        ("194912310020", "??????194912310020"),  # The first six digits were cut off.
    ],
)
def test_truncated_numbers_keep_what_is_there(cell: str, digits: str) -> None:
    found = read(cell)
    assert (found.state, found.digits) == (IdState.TRUNCATED, digits)


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("ABC123456789012", IdType.FPR15),
        ("E12345678", IdType.PASSPORT),
        ("91350100M000100Y43", IdType.USCC),
        ("", IdType.NONE),
        ("无", IdType.NONE),
        ("不详", IdType.NONE),
        ("0", IdType.NONE),
        ("1234", IdType.NONE),
        ("/", IdType.NONE),
        ("\ud800" * 18, IdType.NONE),
    ],
)
def test_other_papers_have_no_citizen_number(cell: str, kind: IdType) -> None:
    found = read(cell)
    assert (found.state, found.kind, found.digits) == (IdState.ABSENT, kind, "")


def test_repairs_hold_the_true_number_and_fit_the_stated_birth() -> None:
    broken = SAMPLE[:9] + "8" + SAMPLE[10:]
    repairs = repairs_of(broken, as_of=AS_OF, stated=day("1949-12-31"))
    assert SAMPLE in repairs
    assert len(repairs) <= 9
    assert list(repairs) == sorted(repairs)
    assert all(is_valid(number, AS_OF) and number[6:14] == "19491231" for number in repairs)


def test_repairs_that_disagree_with_the_stated_birth_are_dropped() -> None:
    broken = SAMPLE[:16] + "9" + SAMPLE[17:]
    assert repairs_of(broken, as_of=AS_OF, stated=day("1980-05-05")) == ()


def test_swapped_neighbours_are_repaired() -> None:
    swapped = SAMPLE[:3] + SAMPLE[4] + SAMPLE[3] + SAMPLE[5:]
    assert SAMPLE in repairs_of(swapped, as_of=AS_OF, stated=day("1949-12-31"))


@pytest.mark.parametrize("cut", [SAMPLE[:4] + SAMPLE[5:], SAMPLE[:4] + "7" + SAMPLE[4:]])
def test_a_lost_or_doubled_digit_is_repaired(cut: str) -> None:
    assert SAMPLE in repairs_of(cut, as_of=AS_OF, stated=day("1949-12-31"))


@pytest.mark.parametrize(("digits", "sex"), [(SAMPLE, "2"), ("1" * 18, "1"), ("?" * 18, ""), ("", ""), ("123", "")])
def test_the_seventeenth_digit_tells_the_sex(digits: str, sex: str) -> None:
    assert sex_of(digits) == sex


def test_upgrading_keeps_every_old_digit() -> None:
    assert upgrade("110105491231002") == SAMPLE
