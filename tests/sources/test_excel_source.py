"""Workbooks: every sheet, typed cells as text, merged cells filled only where asked, formulas without value."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlwt

from linkage.errors import InputError
from linkage.sources.reading import read_tables
from linkage.sources.table import Reject, RejectReason, Row, Table

TITLES = ("序号", "姓名", "身份证号", "出生日期", "乡镇")


def fit(cells: Sequence[str]) -> int:
    return sum(c in TITLES for c in cells)


def save(folder: Path, *sheets: tuple[str, Sequence[Sequence[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(folder / "名册.xlsx")
    return folder / "名册.xlsx"


def read(path: Path, fill: Sequence[str] = ()) -> list[Table | Reject]:
    return list(read_tables(path, fit, fill=lambda title: title in fill))


def rows(path: Path, fill: Sequence[str] = ()) -> list[Row]:
    return [r for t in read(path, fill) if isinstance(t, Table) for r in t.rows if isinstance(r, Row)]


def test_typed_cells_become_text(tmp_path: Path) -> None:
    path = save(tmp_path, ("一", [TITLES, [1, "甲", 327425199604086927, date(1996, 4, 8), None]]))
    (row,) = rows(path)
    assert dict(row.cells) == {
        "序号": "1",
        "姓名": "甲",
        "身份证号": "3.274251996040869E+17",
        "出生日期": "1996-04-08",
        "乡镇": "",
    }


def test_old_workbook_reads_alike(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("一")
    style = xlwt.XFStyle()
    style.num_format_str = "yyyy-mm-dd"
    for column, title in enumerate(TITLES):
        sheet.write(1, column, title)
    for column, value in enumerate((1, "甲", 327425199604086927)):
        sheet.write(2, column, value)
    sheet.write(2, 3, date(1996, 4, 8), style)
    sheet.write_merge(2, 3, 4, 4, "某乡")
    sheet.write(3, 1, "乙")
    book.save(str(tmp_path / "名册.xls"))
    first, second = rows(tmp_path / "名册.xls", ["乡镇"])
    assert (first.line, first.cells["身份证号"], first.cells["出生日期"]) == (3, "3.274251996040869E+17", "1996-04-08")
    assert (second.line, second.cells["乡镇"]) == (4, "某乡")


def test_lines_are_physical_rows(tmp_path: Path) -> None:
    path = save(tmp_path, ("一", [["某县名册"], [], TITLES, [1, "甲"], [], [2, "乙"]]))
    (table,) = (t for t in read(path) if isinstance(t, Table))
    assert (table.header_line, table.titles) == (3, ("某县名册",))
    assert [r.line for r in table.rows] == [4, 6]


def test_lines_hold_when_the_sheet_starts_lower_and_further_right(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for column, title in enumerate(TITLES, start=3):
        sheet.cell(5, column, title)
        sheet.cell(7, column, "值")
    book.save(tmp_path / "移.xlsx")
    (row,) = rows(tmp_path / "移.xlsx")
    assert (row.line, row.cells["姓名"]) == (7, "值")


def merged(folder: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (TITLES, [1, "甲", "1", "", "某乡"], [2, "", "2"], [3, "丙", "3"]):
        sheet.append(row)
    sheet.merge_cells("B2:B3")
    sheet.merge_cells("E2:E3")
    book.save(folder / "合并.xlsx")
    return folder / "合并.xlsx"


def test_merged_cells_fill_only_their_range_and_only_named_columns(tmp_path: Path) -> None:
    found = rows(merged(tmp_path), ["乡镇"])
    assert [r.cells.get("乡镇") for r in found] == ["某乡", "某乡", ""]
    assert [r.cells.get("姓名") for r in found] == ["甲", "", "丙"]


def test_nothing_is_filled_unless_asked(tmp_path: Path) -> None:
    assert [r.cells.get("乡镇") for r in rows(merged(tmp_path))] == ["某乡", "", ""]


def test_every_sheet_is_read_and_others_are_named(tmp_path: Path) -> None:
    data = [TITLES, [1, "甲"]]
    path = save(tmp_path, ("甲镇", data), ("说明", [["填表说明"]]), ("乙镇", data), ("空", []))
    book = openpyxl.load_workbook(path)
    book.create_sheet("藏")["A1"] = "旧"
    book["藏"].sheet_state = "hidden"
    book.save(path)
    found = read(path)
    assert [t.sheet for t in found if isinstance(t, Table)] == ["甲镇", "乙镇"]
    assert [(t.sheet, t.reason) for t in found if isinstance(t, Reject)] == [
        ("说明", RejectReason.SHEET_NO_HEADER),
        ("藏", RejectReason.SHEET_HIDDEN),
    ]


def test_formula_without_value_and_error_cell_are_faults(tmp_path: Path) -> None:
    path = save(tmp_path, ("一", [TITLES, [1, "甲", '="32"&"7"', "", "#N/A"], [2, "乙", "5", "", "某乡"]]))
    first, second = rows(path)
    assert first.faults == {"身份证号": RejectReason.FORMULA, "乡镇": RejectReason.ERROR_CELL}
    assert not second.faults


def test_formula_with_a_stored_value_is_read(tmp_path: Path) -> None:
    import zipfile

    path = save(tmp_path, ("一", [TITLES, [1, "甲", "=1+2"]]))
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(tmp_path / "存.xlsx", "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sheet1.xml"):
                for empty in (b"<v></v>", b"<v />", b"<v/>"):
                    content = content.replace(b"<f>1+2</f>" + empty, b"<f>1+2</f><v>3</v>")
            target.writestr(name, content)
    (row,) = rows(tmp_path / "存.xlsx")
    assert row.cells["身份证号"] == "3" and not row.faults


def test_workbook_without_known_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no sheet of"):
        read(save(tmp_path, ("一", [["甲", "乙"], ["丙", "丁"]])))


def test_empty_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is empty"):
        read(save(tmp_path, ("一", [])))


def test_damaged_workbook_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path, ("一", [TITLES, [1, "甲"]]))
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(InputError, match="cannot be opened"):
        read(path)
