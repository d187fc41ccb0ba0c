"""Gained and lost people: found across other formats and damaged numbers, and not invented."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agency_node.changes import Roster, is_same_person
from agency_node.datasets import Registers
from linkage.normalise import RawPerson, normalise
from linkage.normalise.checkdigit import check_character
from linkage.warrant import PopulationSpec

TODAY = date(2026, 10, 31)


def number(first17: str) -> str:
    return first17 + check_character(first17)


NUMBER = number("32742519960408692")
TWIN = number("32742519960408694")
OTHER = number("32742519710506128")
SAME = [
    ("same row", {}, {}),
    ("name with a remark", {}, {"name": "王丽婷（已婚）"}),
    ("number lost in a spreadsheet", {}, {"id_number": "3.274251996040869E+17"}),
    ("number masked", {}, {"id_number": NUMBER[:6] + "*" * 8 + NUMBER[14:]}),
    ("number missing, birth in another form", {}, {"id_number": "", "birth": "1996年4月8日"}),
    ("one digit mistyped", {}, {"id_number": NUMBER[:16] + ("1" if NUMBER[16] != "1" else "3") + NUMBER[17]}),
    ("name mistyped, same number", {}, {"name": "王莉婷"}),
    ("character unknown, number lost", {"name": "王?婷"}, {"id_number": "3.274251996040869E+17"}),
    ("only an age, same village", {"id_number": "", "birth": ""}, {"id_number": "", "birth": "", "age": "31"}),
    (
        "nothing but the name on either side",
        {"id_number": "", "birth": "", "village": ""},
        {"id_number": "", "birth": "", "village": ""},
    ),
]
DIFFERENT = [
    ("other number", {}, {"id_number": OTHER, "birth": "1971-05-06"}),
    ("other name and number", {}, {"name": "赵小红", "id_number": OTHER, "birth": "1971-05-06"}),
    (
        "same name, other birth, no numbers",
        {"id_number": ""},
        {"id_number": "", "birth": "1950-01-02", "village": "下坝村"},
    ),
    ("same number, unrelated name", {"birth": ""}, {"name": "赵小红", "birth": ""}),
    ("same name, sex differs", {"id_number": "", "birth": ""}, {"id_number": "", "birth": "", "sex": "男"}),
    ("twin sister", {}, {"name": "王丽娜", "id_number": TWIN}),
]


def row(**cells: str) -> RawPerson:
    own = {"name": "王丽婷", "id_number": NUMBER, "sex": "女", "birth": "1996-04-08", "village": "潘坝村", "age": ""}
    return RawPerson(**{**own, **cells}, age_on=TODAY)


@pytest.mark.parametrize(("what", "one", "other"), SAME)
def test_same_person_written_otherwise_is_not_a_change(what: str, one: dict[str, str], other: dict[str, str]) -> None:
    first, second = normalise(row(**one), as_of=TODAY), normalise(row(**other), as_of=TODAY)
    if "age" in other:
        first = normalise(row(**one, age="30"), as_of=TODAY)
    assert is_same_person(first, second) and is_same_person(second, first)
    assert second in Roster([first]) and first in Roster([second])


@pytest.mark.parametrize(("what", "one", "other"), DIFFERENT)
def test_different_people_are_a_change(what: str, one: dict[str, str], other: dict[str, str]) -> None:
    first, second = normalise(row(**one), as_of=TODAY), normalise(row(**other), as_of=TODAY)
    assert second not in Roster([first]) and first not in Roster([second])


TEXTS = st.sampled_from(
    ["", "王丽婷", "王?婷", "王某某", "某公司", NUMBER, OTHER, TWIN, "3.27E+17", "女", "1996-04-08", "30"]
)


@given(st.lists(TEXTS, min_size=4, max_size=4), st.lists(TEXTS, min_size=4, max_size=4))
def test_sameness_is_symmetric(one: list[str], other: list[str]) -> None:
    first, second = (
        normalise(RawPerson(name=c[0], id_number=c[1], sex=c[2], birth=c[3]), as_of=TODAY) for c in (one, other)
    )
    assert is_same_person(first, second) == is_same_person(second, first)


TITLES = ["姓名", "身份证号", "类别", "出生日期", "建档年度", "档案状态"]


def csv_file(path: Path, rows: Sequence[Sequence[object]]) -> None:
    path.write_text("\n".join(",".join(map(str, r)) for r in [TITLES, *rows]), encoding="gb18030")


def test_changes_between_a_csv_and_a_workbook_that_lost_numbers(tmp_path: Path) -> None:
    csv_file(
        tmp_path / "困难妇女_202609.csv",
        [
            ["王丽婷", NUMBER, "", "1996-04-08", "2025", "在册"],
            ["赵小红", OTHER, "", "1971-05-06", "2025", "在册"],
            ["孙巧云", number("32742519800101122"), "", "1980-01-01", "2025", "在册"],
        ],
    )
    book = openpyxl.Workbook()
    rows: list[list[object]] = [
        ["某县困难妇女"],
        list(TITLES),
        ["王丽婷 ", int(NUMBER.replace("X", "0")), "", "1996.4.8", 2025, "在册"],
        ["孙巧云", int(number("32742519800101122").replace("X", "0")), "", "1980.1.1", 2025, "注销"],
        ["周春梅", number("32742519900202124"), "", "1990.2.2", 2026, "在册"],
    ]
    for cells in rows:
        book.worksheets[0].append(cells)
    book.save(tmp_path / "困难妇女_202610.xlsx")
    registers = Registers(tmp_path, today=TODAY)

    def changed(change: str, since: str = "previous") -> list[tuple[str, str]]:
        wanted = PopulationSpec(id="p", owner="o", dataset="women", title="", change=change, change_since=since)  # type: ignore[arg-type]
        return [(r.file[-11:-5], r.person.name) for r in registers.rows(wanted)]

    assert [name for _, name in changed("gained")] == ["周春梅"]
    assert [name for _, name in changed("lost", "202609")] == ["赵小红", "孙巧云"]
