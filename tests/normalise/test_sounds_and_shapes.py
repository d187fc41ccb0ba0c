"""Readings of surnames and shape codes of look-alikes (domain B7)."""

from __future__ import annotations

import pytest

from linkage.normalise.characters import fold, table_lines
from linkage.normalise.names import read_name
from linkage.normalise.shapes import shape_code
from linkage.normalise.sounds import char_readings, name_readings, surname_readings, syllables


@pytest.mark.parametrize(
    ("surname", "first"),
    [
        ("单", "shan4"),
        ("仇", "qiu2"),
        ("解", "xie4"),
        ("查", "zha1"),
        ("曾", "zeng1"),
        ("区", "ou1"),
        ("翟", "zhai2"),
        ("种", "chong2"),
        ("缪", "miao4"),
        ("乐", "yue4"),
        ("盖", "ge3"),
        ("朴", "piao2"),
        ("任", "ren2"),
        ("华", "hua4"),
        ("燕", "yan1"),
        ("覃", "qin2"),
        ("折", "she2"),
        ("那", "na1"),
    ],
)
def test_surnames_have_their_own_reading_first(surname: str, first: str) -> None:
    assert surname_readings(surname)[0][0] == first


def test_listed_surnames_keep_the_common_reading_too() -> None:
    assert surname_readings("单") == (("shan4", "dan1"),)


@pytest.mark.parametrize(("surname", "read"), [("尉迟", ("yu4", "chi2")), ("万俟", ("mo4", "qi2"))])
def test_compound_surnames_are_read_as_a_whole(surname: str, read: tuple[str, str]) -> None:
    assert tuple(first for first, *_ in surname_readings(surname)) == read


def test_a_surnames_reading_is_for_the_surname_only() -> None:
    assert name_readings("单单", "单")[1] != surname_readings("单")[0]


@pytest.mark.parametrize(
    ("left", "right"), [("单玉芳", "善玉芳"), ("曾国强", "增国强"), ("覃小明", "谭小明"), ("欧阳娜", "区阳娜")]
)
def test_golden_homophones_share_a_reading_at_every_place(left: str, right: str) -> None:
    pairs = zip(read_name(left).readings, read_name(right).readings, strict=True)
    shared = [{tone.rstrip("1234") for tone in a} & {tone.rstrip("1234") for tone in b} for a, b in pairs]
    assert all(shared)


@pytest.mark.parametrize("char", list("䶮㛃𬍛𫖯"))
def test_rare_name_characters_have_a_reading(char: str) -> None:
    assert char_readings(char)


@pytest.mark.parametrize("char", ["?", "·", "A", ""])
def test_what_is_no_ideograph_has_no_reading(char: str) -> None:
    assert not char or char_readings(char) == ()


def test_every_listed_reading_is_a_toned_syllable() -> None:
    cells = [cell for line in table_lines("surname_readings.txt") for cell in line.split()[1:]]
    cells += [line.split()[1] for line in table_lines("given_readings.txt")]
    for reading in (one for cell in cells for one in cell.split("/")):
        assert reading[-1] in "12345" and reading[:-1] in syllables()


@pytest.mark.parametrize("group", ["未末", "土士", "己已巳", "日曰", "侯候", "玲铃", "晓饶", "伟玮", "霞震"])
def test_look_alikes_share_a_code(group: str) -> None:
    assert len({shape_code(char) for char in group}) == 1


def test_unlike_characters_have_different_codes() -> None:
    assert shape_code("王") != shape_code("张")


def test_common_characters_have_a_code_and_others_none() -> None:
    assert all(shape_code(char) for char in "王李张刘陈杨赵黄周吴徐孙")
    assert shape_code("?") == shape_code("·") == ""


def test_look_alike_groups_are_folded_and_disjoint() -> None:
    groups = [group for line in table_lines("look_alikes.txt") for group in line.split()]
    members = "".join(groups)
    assert len(members) == len(set(members)) and fold(members) == members
    assert all(len(group) >= 2 for group in groups) and len(groups) > 300
