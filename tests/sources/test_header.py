"""The header is the best known row of the first twenty; two rows are joined when that is better."""

from __future__ import annotations

from collections.abc import Sequence

from linkage.sources.header import find_header, is_header_again

KNOWN = {"姓名", "身份证号", "住址", "监护人/姓名", "乡镇", "村", "地址/乡镇", "地址/村"}


def fit(cells: Sequence[str]) -> int:
    return sum(c in KNOWN for c in cells)


def test_titles_above_the_header_are_passed_over() -> None:
    header = find_header([(1, ["某县名册", "", ""]), (3, ["姓名", "身份证号", "住址"])], fit)
    assert header is not None
    assert (header.titles, header.last_line) == (("姓名", "身份证号", "住址"), 3)


def test_one_known_title_is_not_a_header() -> None:
    assert find_header([(1, ["姓名", "甲", "乙"])], fit) is None


def test_header_below_row_twenty_is_not_looked_for() -> None:
    rows = [(n, ["说明", ""]) for n in range(1, 21)]
    assert find_header([*rows, (21, ["姓名", "身份证号"])], fit) is None


def test_two_rows_are_joined_when_better_known() -> None:
    rows = [(1, ["姓名", "身份证号", "地址", ""]), (2, ["", "", "乡镇", "村"])]
    header = find_header(rows, fit)
    assert header is not None
    assert (header.titles, header.last_line) == (("姓名", "身份证号", "地址/乡镇", "地址/村"), 2)


def test_first_data_row_is_not_joined_to_the_header() -> None:
    header = find_header([(1, ["姓名", "身份证号"]), (2, ["甲", "1"])], fit)
    assert header is not None and header.last_line == 1


def test_repeated_title_is_numbered() -> None:
    header = find_header([(1, ["姓名", "身份证号", "姓名"])], fit)
    assert header is not None and header.titles == ("姓名", "身份证号", "姓名#2")


def test_header_printed_again_is_known_anywhere() -> None:
    header = find_header([(1, ["姓名", "身份证号", "住址"])], fit)
    assert header is not None
    assert is_header_again(40, ["姓名", "身份证号", "住址"], header, fit)
    assert not is_header_again(40, ["甲", "身份证号", "某村"], header, fit)


def test_row_of_field_codes_counts_as_header_only_right_below() -> None:
    header = find_header([(1, ["姓名", "身份证号", "住址"])], fit)
    assert header is not None
    assert is_header_again(2, ["XM", "SFZH", "ZZ"], header, fit)
    assert not is_header_again(9, ["Tom", "P1", "ZZ"], header, fit)
