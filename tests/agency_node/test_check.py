"""The acceptance table of bad files: each gives a clear error or a reject report, and never a cell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from agency_node.check import CheckReport, check_file, check_folder, check_source
from agency_node.mapping import load_presets
from agency_node.scan import FileEntry, Problem, Shelf, scan_folder
from linkage.errors import LinkageError
from linkage.normalise.checkdigit import check_character
from linkage.sources.table import RejectReason

TODAY = date(2026, 10, 31)
TITLES: list[object] = ["姓名", "身份证号", "性别", "出生日期", "优抚对象类别", "优抚证号", "状态"]
NAMES = ["王秘密", "李秘密", "张秘密", "赵秘密"]


def number(serial: int) -> str:
    first17 = f"32742519960408{serial:03d}"
    return first17 + check_character(first17)


def people(count: int) -> list[list[object]]:
    return [
        [NAMES[n % 4], number(n), "男" if n % 2 else "女", "1996-04-08", "烈属", f"优{n}", "享受"] for n in range(count)
    ]


def csv_text(rows: list[list[object]]) -> str:
    return "\n".join(",".join(map(str, r)) for r in rows) + "\n"


def save(path: Path, rows: list[list[object]]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)


def check(path: Path) -> CheckReport:
    (report,) = check_file(path, today=TODAY, entry=FileEntry(path, preset="youfu"))
    return report


def wrong_encoding(folder: Path) -> Path:
    path = folder / "优抚_202610.csv"
    path.write_bytes(csv_text([TITLES, *people(3)]).encode() + b"\xff\xfe\xff\n" + "尾".encode("gb18030"))
    return path


def missing_column(folder: Path) -> Path:
    path = folder / "优抚_202610.csv"
    path.write_text(csv_text([["身份证号", "优抚证号", "状态"], [number(1), "优1", "享受"]]), encoding="utf-8")
    return path


def web_page(folder: Path) -> Path:
    path = folder / "优抚_202610.xls"
    path.write_text("<html><table><tr><td>姓名</td></tr><tr><td>王秘密</td></tr></table></html>", encoding="utf-8")
    return path


def header_twice_the_same(folder: Path) -> Path:
    path = folder / "优抚_202610.csv"
    path.write_text(
        csv_text([["姓名", "身份证号", "姓名", "状态"], ["王秘密", "1", "李秘密", "享受"]]), encoding="utf-8"
    )
    return path


def empty_file(folder: Path) -> Path:
    path = folder / "优抚_202610.xlsx"
    path.write_bytes(b"")
    return path


def empty_workbook(folder: Path) -> Path:
    save(folder / "优抚_202610.xlsx", [])
    return folder / "优抚_202610.xlsx"


def workbook_as_csv(folder: Path) -> Path:
    save(folder / "a.xlsx", [TITLES, *people(1)])
    (folder / "a.xlsx").rename(folder / "优抚_202610.csv")
    return folder / "优抚_202610.csv"


def no_header(folder: Path) -> Path:
    path = folder / "优抚_202610.csv"
    path.write_text(csv_text(people(30)), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (wrong_encoding, "第 5 行"),
        (missing_column, "姓名"),
        (web_page, "HTML"),
        (header_twice_the_same, "重复"),
        (empty_file, "空"),
        (empty_workbook, "空"),
        (workbook_as_csv, "Excel"),
        (no_header, "表头"),
    ],
)
def test_unreadable_file_gives_a_clear_error(tmp_path: Path, make: Callable[[Path], Path], word: str) -> None:
    with pytest.raises(LinkageError) as refused:
        check(make(tmp_path))
    shown = "".join(refused.value.lines())
    assert word in refused.value.zh and refused.value.en
    assert "秘密" not in shown and "327425" not in shown


def test_good_file_is_counted(tmp_path: Path) -> None:
    save(tmp_path / "优抚_202610.xlsx", [["重点优抚对象花名册"], list(TITLES), *people(40)])
    report = check(tmp_path / "优抚_202610.xlsx")
    count = report.datasets["youfu"]
    assert (count.rows, count.active, count.encodable, report.as_of) == (40, 40, 40, TODAY)
    assert count.filled["name"] == count.filled["id_number"] == 40
    assert count.id_states == {"VALID": 40} and count.name_states == {"FULL": 40} and count.classes == {"YOUFU": 40}
    assert not report.rejects and report.rejects_file is None and not report.warnings()


def test_two_rows_of_titles_are_joined(tmp_path: Path) -> None:
    upper: list[object] = ["优抚对象", "", "", "", "证件", "", "状态"]
    save(
        tmp_path / "优抚_202610.xlsx",
        [upper, ["姓名", "身份证号", "性别", "出生日期", "优抚对象类别", "优抚证号", ""], *people(3)],
    )
    assert check(tmp_path / "优抚_202610.xlsx").datasets["youfu"].id_states == {"VALID": 3}


def test_field_codes_below_the_titles_are_no_person(tmp_path: Path) -> None:
    codes: list[object] = ["XM", "SFZH", "XB", "CSRQ", "LB", "ZH", "ZT"]
    save(tmp_path / "优抚_202610.xlsx", [list(TITLES), codes, *people(3)])
    report = check(tmp_path / "优抚_202610.xlsx")
    assert report.datasets["youfu"].rows == 3 and report.rejects == {RejectReason.REPEATED_HEADER: 1}


def test_ten_percent_garbage_gives_a_reject_report_and_a_warning(tmp_path: Path) -> None:
    rows = people(90)
    garbage: list[list[object]] = [
        ["", "", "", "", "", f"优{n}", "享受"] if n % 3 else ["某公司", "", "", "", "", "", "享受", "多", "余"]
        for n in range(10)
    ]
    for n, bad in enumerate(garbage):
        rows.insert(n * 9, bad)
    path = tmp_path / "优抚_202610.csv"
    path.write_text(csv_text([list(TITLES), *rows]), encoding="gb18030")
    report = check(path)
    assert report.datasets["youfu"].encodable == 90 and report.bad_rows == 10
    assert any("10%" in zh for zh, _ in report.warnings())
    assert report.rejects_file == tmp_path / "优抚_202610.csv.rejects.csv"
    assert len(report.rejects_file.read_text(encoding="utf-8-sig").splitlines()) == 11


def test_formulas_without_value_are_rejected(tmp_path: Path) -> None:
    rows = people(3)
    rows[1][1] = '="3274"&"25"'
    rows[2][5] = "=1/0"
    save(tmp_path / "优抚_202610.xlsx", [list(TITLES), *rows])
    report = check(tmp_path / "优抚_202610.xlsx")
    assert report.rejects == {RejectReason.FORMULA: 1}
    assert report.datasets["youfu"].rows == 2  # A formula in a column that no rule needs costs no row.


def test_dates_as_numbers_are_births(tmp_path: Path) -> None:
    rows = people(2)
    rows[0][1], rows[0][3] = "", 35163
    rows[1][1], rows[1][3] = "", date(1996, 4, 8)
    save(tmp_path / "优抚_202610.xlsx", [list(TITLES), *rows])
    (source,), _ = scan_folder(tmp_path, Shelf(load_presets()), today=TODAY)
    assert {r.person.birth for r in source.rows() if not hasattr(r, "reason")} == {"1996-04-08"}


def test_row_without_usable_name_or_number_is_reported(tmp_path: Path) -> None:
    rows = people(2)
    rows[0][0], rows[0][1] = "张某某", "3274************"
    save(tmp_path / "优抚_202610.xlsx", [list(TITLES), *rows])
    report = check(tmp_path / "优抚_202610.xlsx")
    assert (report.datasets["youfu"].rows, report.datasets["youfu"].encodable) == (2, 1)
    assert report.rejects == {RejectReason.UNUSABLE: 1}


def test_unknown_status_and_class_are_pointed_out(tmp_path: Path) -> None:
    path = tmp_path / "残疾人_202610.csv"
    titles: list[object] = ["姓名", "身份证号", "残疾等级", "证件状态"]
    path.write_text(csv_text([titles, ["王秘密", number(1), "五级", "古怪"]]), encoding="utf-8")
    (report,) = check_file(path, today=TODAY)
    assert ["状态取值不认识" in zh or "没有认出类别" in zh for zh, _ in report.warnings()] == [True, True]


def test_no_output_shows_a_cell(tmp_path: Path) -> None:
    rows: list[list[object]] = [*people(3), ["", "", "", "", "", "", "享受"], ["周秘密"], ["填报人：秘密"]]
    (tmp_path / "优抚_202610.csv").write_text(csv_text([list(TITLES), *rows]), encoding="utf-8")
    report = check(tmp_path / "优抚_202610.csv")
    assert report.rejects_file is not None
    shown = "\n".join(report.lines()) + report.rejects_file.read_text(encoding="utf-8-sig") + repr(report)
    assert "秘密" not in shown and "327425" not in shown
    assert "王" not in shown.replace("（王", "")


def test_reports_go_to_the_named_folder_and_a_lost_folder_is_no_error(tmp_path: Path) -> None:
    source_folder, target = tmp_path / "只读", tmp_path / "报告"
    source_folder.mkdir()
    target.mkdir()
    (source_folder / "优抚_202610.csv").write_text(
        csv_text([list(TITLES), ["", "", "", "", "", "优1", "享受"]]), "utf-8"
    )
    (source,), _ = scan_folder(source_folder, Shelf(load_presets()), today=TODAY)
    assert check_source(source, rejects_folder=target).rejects_file == target / "优抚_202610.csv.rejects.csv"
    assert check_source(source, rejects_folder=tmp_path / "没有").rejects_file is None


def test_folder_check_names_every_file(tmp_path: Path) -> None:
    save(tmp_path / "优抚_202610.xlsx", [list(TITLES), *people(3)])
    (tmp_path / "通讯录.csv").write_text("姓名,电话\n王秘密,1\n", encoding="utf-8")
    found = list(check_folder(tmp_path, Shelf(load_presets()), today=TODAY))
    assert [type(f) for f in found] == [Problem, CheckReport]
