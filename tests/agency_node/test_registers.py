"""Rows become persons: members and not heads, two roles, class tags, status, month, and a reject for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from agency_node.mapping import load_presets
from agency_node.registers import RegisterRow, day_of, month_of, read_register
from linkage.errors import InputError
from linkage.normalise.checkdigit import check_character
from linkage.sources.table import Reject, RejectReason

AS_OF = date(2026, 10, 31)
PRESETS = load_presets()


def number(first17: str) -> str:
    return first17 + check_character(first17)


def put(folder: Path, rows: Sequence[Sequence[str]], name: str = "名册.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(",".join(r) for r in rows) + "\n", encoding="utf-8")
    return path


def read(path: Path, preset: str) -> tuple[list[RegisterRow], list[Reject]]:
    found = list(read_register(path, PRESETS[preset], as_of=AS_OF))
    return [r for r in found if isinstance(r, RegisterRow)], [r for r in found if isinstance(r, Reject)]


HOUSEHOLD = ["序号", "户主姓名", "户主身份证号", "成员姓名", "成员身份证号", "与户主关系", "起始年月", "状态"]


def test_member_is_the_person_and_head_never_is(tmp_path: Path) -> None:
    path = put(tmp_path, [HOUSEHOLD, ["1", "甲户主", "1", "乙成员", "2", "子", "201809", "在享"]])
    (row,), _ = read(path, "dibao")
    assert (row.person.name, row.person.id_number) == ("乙成员", "2")
    assert (row.dataset, row.classes, row.active, row.since, row.line) == ("dibao", ("DIBAO",), True, "201809", 2)


def test_a_list_of_women_gives_their_sex_where_it_has_no_such_column(tmp_path: Path) -> None:
    bare = put(tmp_path, [["姓名", "身份证号", "建档年度"], ["甲", "1", "2025"]], "困难妇女名册.csv")
    stated = put(tmp_path, [["姓名", "身份证号", "性别", "建档年度"], ["甲", "1", "男", "2025"]], "妇女台账.csv")
    assert [read(path, "women")[0][0].person.sex for path in (bare, stated)] == ["女", "男"]


def test_row_with_only_a_head_is_rejected(tmp_path: Path) -> None:
    rows, rejects = read(put(tmp_path, [HOUSEHOLD, ["1", "甲户主", "1", "", "", "", "", "在享"]]), "dibao")
    assert not rows and [r.reason for r in rejects] == [RejectReason.NO_PERSON]


def test_file_with_only_heads_lacks_a_column(tmp_path: Path) -> None:
    path = put(tmp_path, [["户主姓名", "户主身份证号", "保障人数", "状态"], ["甲", "1", "3", "在享"]])
    with pytest.raises(InputError) as refused:
        read(path, "dibao")
    assert "甲" not in "".join(refused.value.lines())


@pytest.mark.parametrize(
    ("word", "active", "known"),
    [
        ("在享", True, True),
        ("停发", False, True),
        (" 停 发 ", False, True),
        ("已注销", False, True),
        ("", True, True),
        ("未停发", True, False),
        ("０", False, True),
        ("0.0", False, True),
    ],
)
def test_status_words(tmp_path: Path, word: str, active: bool, known: bool) -> None:
    (row,), _ = read(put(tmp_path, [HOUSEHOLD, ["1", "", "", "乙", "2", "子", "201809", word]]), "dibao")
    assert (row.active, row.status_known) == (active, known)


@pytest.mark.parametrize(
    ("cleared", "active"), [("否", True), ("是", False), ("未消除", True), ("已消除", False), ("", True)]
)
def test_monitoring_ends_when_the_risk_is_cleared(tmp_path: Path, cleared: str, active: bool) -> None:
    titles = ["姓名", "证件号码", "监测对象类别", "风险是否消除"]
    (row,), _ = read(put(tmp_path, [titles, ["甲", "1", "边缘易致贫户", cleared]]), "monitor")
    assert (row.active, row.classes) == (active, ("MONITOR_2",))


@pytest.mark.parametrize(
    ("category", "tags"),
    [
        ("孤儿", ("CHILD_O",)),
        ("散居孤儿", ("CHILD_O",)),
        ("事实无人抚养儿童", ("CHILD_F",)),
        ("困境儿童（重残）", ("CHILD_D",)),
        ("", ()),
    ],
)
def test_child_classes(tmp_path: Path, category: str, tags: tuple[str, ...]) -> None:
    titles = ["儿童姓名", "身份证号", "儿童类别", "监护人姓名", "监护人身份证号"]
    (row,), _ = read(put(tmp_path, [titles, ["甲", "1", category, "乙", "2"]]), "child")
    assert (row.person.name, row.classes) == ("甲", tags)


DISABLED = ["姓名", "身份证号", "残疾证号", "残疾等级", "证件状态"]
OWN = number("32742519960408692")


@pytest.mark.parametrize(
    ("grade", "certificate", "tags"),
    [
        ("一级", "", ("DIS12",)),
        ("2", "", ("DIS12",)),
        ("叁级", "", ("DIS34",)),
        ("四级", "", ("DIS34",)),
        ("", f"{OWN}42", ("DIS12",)),
        ("", f"{OWN}44B1", ("DIS34",)),
        ("", "", ()),
    ],
)
def test_disability_grade_from_column_or_certificate(
    tmp_path: Path, grade: str, certificate: str, tags: tuple[str, ...]
) -> None:
    (row,), _ = read(put(tmp_path, [DISABLED, ["甲", OWN, certificate, grade, "有效"]]), "disabled")
    assert row.classes == tags


@pytest.mark.parametrize(
    ("written", "certificate", "taken"),
    [
        (OWN, number("32742519960408700") + "44", OWN),
        (OWN[:17] + ("1" if OWN[17] != "1" else "2"), f"{OWN}44", OWN),
        ("3274**********6927", f"{OWN}4422", OWN),
        ("", f"{OWN}44", OWN),
        ("3274**********6927", "残疾证遗失", "3274**********6927"),
    ],
)
def test_certificate_stands_in_for_an_unusable_number(
    tmp_path: Path, written: str, certificate: str, taken: str
) -> None:
    (row,), _ = read(put(tmp_path, [DISABLED, ["甲", written, certificate, "一级", "有效"]]), "disabled")
    assert row.person.id_number == taken


CASES = ["案号", "执行依据文号", "申请执行人", "申请执行人证件号码", "被执行人", "被执行人类型", "被执行人证件号码"]
CASES += ["申请执行标的(元)", "到位金额(元)", "结案方式", "终结原因", "结案日期", "恢复执行案号"]


def case(closing: str, reason: str = "", resumed: str = "", kind: str = "自然人", paid: str = "0") -> list[str]:
    return [
        "执1号",
        "（2026）民初1号",
        "甲",
        "1",
        "乙",
        kind,
        "2",
        "1000",
        paid,
        closing,
        reason,
        "2026-03-04",
        resumed,
    ]


@pytest.mark.parametrize(
    ("row", "unpaid"),
    [
        (case("终结本次执行"), True),
        (case("终结本次执行", resumed="执恢3号"), False),
        (case("终结本次执行", resumed="无"), True),
        (case("终结执行", "被执行人死亡且无遗产可供执行"), True),
        (case("终结执行", "被执行人无收入来源且丧失劳动能力"), True),
        (case("终结执行", "申请执行人撤回申请"), False),
        (case("终结执行", "当事人达成和解并履行完毕"), False),
        (case("执行完毕"), False),
        (case(""), False),
    ],
)
def test_unpaid_creditor_and_debtor(tmp_path: Path, row: list[str], unpaid: bool) -> None:
    (creditor, debtor), _ = read(put(tmp_path, [CASES, row]), "enforcement")
    assert (creditor.dataset, debtor.dataset) == ("enforcement_creditor", "enforcement_debtor")
    assert (creditor.person.name, debtor.person.name) == ("甲", "乙")
    expected = ("ENF_UNPAID",) if unpaid else ()
    assert creditor.classes == debtor.classes == expected
    assert (creditor.context, creditor.since, creditor.active) == ("（2026）民初1号", "202603", True)


def test_company_is_no_debtor(tmp_path: Path) -> None:
    rows, rejects = read(put(tmp_path, [CASES, case("终结本次执行", kind="法人")]), "enforcement")
    assert [r.dataset for r in rows] == ["enforcement_creditor"] and not rejects


@pytest.mark.parametrize(("paid", "band"), [("1000", 1), ("600", 2), ("500", 3), ("", 4), ("0", 4), ("不详", 0)])
def test_unpaid_share_is_a_coarse_band(tmp_path: Path, paid: str, band: int) -> None:
    (creditor, _), _ = read(put(tmp_path, [CASES, case("终结本次执行", paid=paid)]), "enforcement")
    assert creditor.band == band


def test_only_releasable_fields_are_kept(tmp_path: Path) -> None:
    titles = ["姓名", "证件号码", "人员类别", "参保地", "救助金额", "有效标志"]
    (row,), _ = read(put(tmp_path, [titles, ["甲", "1", "低保对象", "某县", "9999", "1"]]), "medaid")
    assert dict(row.fields) == {"category": "低保对象", "status": "1"}


def test_age_refers_to_the_snapshot_or_to_the_rows_own_date(tmp_path: Path) -> None:
    titles = ["姓名", "年龄", "现住址", "困难类别", "网格员", "摸排时间"]
    rows, _ = read(
        put(tmp_path, [titles, ["甲", "70", "村", "", "", ""], ["乙", "70", "村", "", "", "2024/5/6"]]), "vulnerable"
    )
    assert [r.person.age_on for r in rows] == [AS_OF, date(2024, 5, 6)]


@pytest.mark.parametrize(
    "note",
    [
        "填报人：　　审核人：　　",
        "合计：1610 人",
        "注：请核对后报送",
        "备注:以上数据截止 10 月",
        "总计",
        "填表日期：2026年10月",
    ],
)
def test_note_and_signature_rows_are_told_from_people(tmp_path: Path, note: str) -> None:
    rows, rejects = read(put(tmp_path, [DISABLED, ["甲", OWN, "", "一级", "有效"], [note, "", "", "", ""]]), "disabled")
    assert len(rows) == 1 and [(r.line, r.reason) for r in rejects] == [(3, RejectReason.NOTE_ROW)]


def test_note_row_with_few_cells_is_a_note_not_a_short_row(tmp_path: Path) -> None:
    _, rejects = read(put(tmp_path, [DISABLED, ["填报人：某某"]]), "disabled")
    assert [r.reason for r in rejects] == [RejectReason.NOTE_ROW]


def test_short_row_is_rejected_only_when_a_needed_cell_is_missing(tmp_path: Path) -> None:
    titles = ["姓名", "身份证号", "优抚证号", "状态", "户籍地"]
    rows, rejects = read(put(tmp_path, [titles, ["甲", "1", "优1", "享受"], ["乙", "2", "优2"]]), "youfu")
    assert [r.line for r in rows] == [2]
    assert [(r.line, r.reason, r.column) for r in rejects] == [(3, RejectReason.MISSING_CELL, "状态")]


def test_birth_as_spreadsheet_day_number_becomes_a_date(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["姓名", "身份证号", "优抚证号", "出生日期"],
        ["甲", "1", "优1", 35163],
        ["乙", "2", "优2", "19960408"],
    ):
        book.worksheets[0].append(row)
    book.save(tmp_path / "优抚.xlsx")
    rows, _ = read(tmp_path / "优抚.xlsx", "youfu")
    assert [r.person.birth for r in rows] == ["1996-04-08", "19960408"]


def test_two_rows_of_titles_keep_the_guardian_apart(tmp_path: Path) -> None:
    rows, _ = read(
        put(
            tmp_path,
            [
                ["姓名", "身份证号", "儿童类别", "监护人", "", "家庭住址", ""],
                ["", "", "", "姓名", "身份证号", "乡镇", "村居"],
                ["甲", "1", "孤儿", "乙", "2", "某乡", "某村"],
            ],
        ),
        "child",
    )
    (row,) = rows
    assert (row.person.name, row.person.id_number, row.line) == ("甲", "1", 3)
    assert (row.person.town, row.person.village) == ("某乡", "某村")


def test_column_there_twice_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, [["姓名", "身份证号", "姓名", "状态"], ["甲", "1", "乙", "在享"]])
    with pytest.raises(InputError, match="重复"):
        read(path, "dibao")


def test_guardian_in_brackets_is_not_the_person(tmp_path: Path) -> None:
    path = put(tmp_path, [["姓名（监护人）", "身份证号", "儿童类别"], ["乙", "1", "孤儿"]])
    with pytest.raises(InputError, match="缺少"):
        read(path, "child")


def test_remark_in_brackets_is_passed_over(tmp_path: Path) -> None:
    path = put(
        tmp_path, [["姓名（必填）", "身份证号(如有)", "现住址", "困难类别", "网格员"], ["甲", "1", "村", "", ""]]
    )
    assert read(path, "vulnerable")[0][0].person.id_number == "1"


def test_nothing_prints_a_cell(tmp_path: Path) -> None:
    (row,), _ = read(put(tmp_path, [DISABLED, ["秘密", "327", "328", "一级", "有效"]]), "disabled")
    assert "秘密" not in repr(row) and "327" not in repr(row)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("201809", "201809"),
        ("2018-09-01", "201809"),
        ("20180901", "201809"),
        ("2018/9/1", "201809"),
        ("2018.9", "201809"),
        ("2018年9月1日", "201809"),
        ("２０１８年９月", "201809"),
        ("43344", "201809"),
        ("2018", ""),
        ("", ""),
        ("不详", ""),
        ("0000-00-00", ""),
    ],
)
def test_month_of_any_usual_form(text: str, month: str) -> None:
    assert month_of(text) == month


@pytest.mark.parametrize(("text", "day"), [("2024/2/29", date(2024, 2, 29)), ("2023-02-29", None), ("2024-05", None)])
def test_day_of(text: str, day: date | None) -> None:
    assert day_of(text) == day
