"""A file is what its bytes say; a disguise gets a reason and a hint."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import xlwt

from linkage.errors import InputError
from linkage.sources.kinds import file_kind

HTML = "<html><head><meta charset=gb2312></head><table><tr><td>姓名</td></tr></table></html>".encode("gb18030")


def xlsx_bytes(folder: Path) -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = "姓名"  # type: ignore[index]
    book.save(folder / "b.xlsx")
    return (folder / "b.xlsx").read_bytes()


def xls_bytes(folder: Path) -> bytes:
    book = xlwt.Workbook()
    book.add_sheet("一").write(0, 0, "姓名")
    book.save(str(folder / "b.xls"))
    return (folder / "b.xls").read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("a.xls", HTML, "HTML"),
        ("a.csv", b"\xef\xbb\xbf  <!DOCTYPE html><p>", "HTML"),
        ("a.xls", b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "XML"),
        ("a.csv", b"", "空"),
        ("a.xlsx", b"", "空"),
        ("a.csv", b"\xef\xbb\xbf\r\n  \r\n", "空"),
        ("a.xls", "姓名,身份证号\n".encode(), "文本"),
        ("a.csv", "姓名,身份证号\n".encode("utf-16-le"), "空字节"),
        ("a.csv", b"%PDF-1.7", "PDF"),
    ],
)
def test_disguised_file_is_refused(tmp_path: Path, name: str, content: bytes, text: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as refused:
        file_kind(path)
    assert text in refused.value.zh


def test_workbook_under_a_text_name_is_refused(tmp_path: Path) -> None:
    for content in (xlsx_bytes(tmp_path), xls_bytes(tmp_path)):
        (tmp_path / "a.csv").write_bytes(content)
        with pytest.raises(InputError, match="holds a workbook"):
            file_kind(tmp_path / "a.csv")


def test_workbook_under_the_other_workbook_name_is_read_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(xlsx_bytes(tmp_path))
    assert file_kind(tmp_path / "a.xls") == "xlsx"
    (tmp_path / "a.xlsx").write_bytes(xls_bytes(tmp_path))
    assert file_kind(tmp_path / "a.xlsx") == "xls"


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no such file: none\.csv"):
        file_kind(tmp_path / "none.csv")
