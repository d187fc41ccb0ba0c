"""Shortcuts of the column reader: each says only what the ordinary reader says."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.normalise import RawPerson, normalise
from linkage.normalise.characters import fold
from linkage.normalise.columns import ColumnReader
from linkage.normalise.places import Place, fold_house, read_head, read_written
from linkage.normalise.remarks import ENDINGS, LAST_ENDING, STRANGE, is_ordinary, surnames

AS_OF = date(2026, 10, 31)
WORDS = [
    "湖东省", "内蒙古自治区", "棠州市", "恩施自治州", "东盟", "县", "旗", "区", "三汊", "青塘", "乡", "镇", "街道",
    "办事处", "农场", "何集", "村", "社区", "居委会",
    "村委会", "大队", "嘎查", "家", "园", "路", "街", "北门", "三", "新", "发",
]  # fmt: skip
HEADS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map("".join)
TAILS = st.tuples(
    st.integers(0, 120).map(str),
    st.text(st.sampled_from("0123456789-组号栋幢座楼单元室户层"), max_size=8),
).map("".join)


@settings(max_examples=1500, deadline=None)
@given(HEADS, TAILS, st.sampled_from(["", "三汊", "青塘", "三汊乡何集", "何集村14"]))
def test_a_place_read_from_its_head_is_the_place_of_the_whole_address(head: str, tail: str, known: str) -> None:
    found = read_head(head, known)
    if found is not None:
        town, village, left = found
        assert read_written(head + tail, known) == Place(town, village, fold_house(left + tail))


def test_most_heads_tell_the_place() -> None:
    assert read_head("湖东省棠州市澄溪县三汊乡何集村", "") == ("三汊", "何集", "")
    assert read_head("三汊乡何集村新屋", "三汊") == ("三汊", "何集", "新屋")


@pytest.mark.parametrize("head", ["东风大队三区", "何集", "青塘", "湖东省", "三汊乡", "人民路"])
def test_a_head_that_its_rest_could_change_tells_nothing(head: str) -> None:
    assert read_head(head, "") is None


def test_house_words_are_folded_as_they_are() -> None:
    assert fold("组号栋幢座楼单元室户层") == "组号栋幢座楼单元室户层"


def test_endings_name_every_title_and_tail_of_short_names() -> None:
    signs = sorted({char for ending in ENDINGS for char in ending} | {*LAST_ENDING, *STRANGE, *"伟丽共零百千大小"})
    for first, second in itertools.product(signs, signs):
        name = "王" + first + second
        odd = first + second in ENDINGS or second == LAST_ENDING or bool({first, second} & STRANGE)
        assert odd or is_ordinary(name), name
        assert is_ordinary("王" + second) or second in STRANGE or second == LAST_ENDING, second


def test_ordinary_names_are_read_as_they_are_one_by_one() -> None:
    given = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂单仇朴晟茜重乐之口士生学友等户人"
    cells = [s + a + b for s in [*sorted(surnames())[:120], "丨", "伟"] for a, b in itertools.product(given[:9], given)]
    columns = ColumnReader(as_of=AS_OF).read([RawPerson(name=cell) for cell in cells])

    for row, cell in enumerate(cells):
        name = normalise(RawPerson(name=cell), as_of=AS_OF).name
        plain = "".join(map(chr, columns.name_chars[row][columns.name_chars[row] > 0].tolist()))
        assert name == (plain if columns.name[row] < 0 else columns.names[columns.name[row]].name)
    assert (columns.name < 0).mean() > 0.7


def test_cells_with_line_feeds_stay_in_their_rows() -> None:
    rows = [RawPerson(name="王\n伟"), RawPerson(name="李娜"), RawPerson(name="\n"), RawPerson(phone="1410000000\n0")]
    columns = ColumnReader(as_of=AS_OF).read(rows)

    assert [bool(columns.name_chars[i].any()) for i in range(4)] == [False, True, False, False]
    assert columns.names[columns.name[0]].name == "王伟"
    assert columns.phones[:, 0].tolist() == [0, 0, 0, ord("1")]


HOUSES = st.lists(st.sampled_from([*"0012345-组号楼栋幢座室户层单元三路湾", "单元", "号楼"]), max_size=14).map("".join)


@settings(max_examples=400, deadline=None)
@given(st.lists(HOUSES, min_size=1, max_size=5))
def test_houses_are_read_as_they_are_one_by_one(houses: list[str]) -> None:
    rows = [RawPerson(address="三汊乡何集村" + house) for house in houses]
    columns = ColumnReader(as_of=AS_OF).read(rows)

    for row, raw in enumerate(rows):
        size = columns.house_sizes[row]
        found = bytes(columns.houses[row, :size]).decode() if size else columns.texts[columns.house[row]]
        assert found == normalise(raw, as_of=AS_OF).house


def test_a_house_too_long_for_the_compiled_reader_is_still_read() -> None:
    rows = [RawPerson(address=f"三汊乡何集村{before}" + "1234567890号" * 5) for before in ("", "李家湾", "东2")]
    columns = ColumnReader(as_of=AS_OF).read(rows)

    assert columns.house_sizes.tolist() == [0, 0, 0]
    assert [columns.texts[i] for i in columns.house] == [normalise(raw, as_of=AS_OF).house for raw in rows]
