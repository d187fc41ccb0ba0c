"""Tell what a file is by its first bytes, whatever its name says; refuse with a reason what cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from linkage.errors import InputError

FileKind = Literal["text", "xlsx", "xls"]
TEXT_SUFFIXES = frozenset({".csv", ".txt", ".tsv"})
WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".et"})
SUFFIXES = TEXT_SUFFIXES | WORKBOOK_SUFFIXES
SNIFF_BYTES = 4096
NUL_SHARE = 10  # Of UTF-16 text the digits and commas alone give more; other text has none.
OLE2 = bytes.fromhex("D0CF11E0A1B11AE1")
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def file_kind(path: Path) -> FileKind:
    """Return how to read the file. Raises InputError for a missing, empty, disguised or foreign file."""
    if not path.is_file():
        raise InputError(f"找不到文件：{path.name}", f"no such file: {path.name}")
    with path.open("rb") as file:
        start = file.read(SNIFF_BYTES)
    if not start.strip(b"\x00\x20\t\r\n\xef\xbb\xbf"):
        raise InputError(f"文件是空的：{path.name}", f"the file is empty: {path.name}")
    found = _content_kind(path.name, start)
    expected = "text" if path.suffix.lower() in TEXT_SUFFIXES else "workbook"
    if (found == "text") != (expected == "text"):
        _refuse_disguise(path.name, found)
    return found


def _content_kind(name: str, start: bytes) -> FileKind:
    if start.startswith(OLE2):
        return "xls"
    if start.startswith(b"PK\x03\x04"):
        return "xlsx"
    lowered = start[:1024].lower().lstrip(b"\xef\xbb\xbf \t\r\n")
    if lowered.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<style", b"<div", b"<?xml")):
        raise InputError(
            f"{name} 其实是网页（HTML/XML），只是换了扩展名",
            f"{name} is a web page (HTML/XML) under another name",
            hint_zh="用 Excel 或 WPS 打开，另存为 .xlsx 后重试",
            hint_en="open it in a spreadsheet program and save it as .xlsx",
        )
    if start.startswith(b"%PDF"):
        raise InputError(f"{name} 是 PDF，不是表格", f"{name} is a PDF, not a table")
    if not start.startswith(UTF16_MARKS) and start.count(0) * NUL_SHARE > len(start):
        raise InputError(
            f"{name} 含大量空字节，可能是没有标记的 UTF-16 或文件损坏",
            f"{name} is full of NUL bytes: UTF-16 without a mark, or damaged",
            hint_zh="另存为 UTF-8 编码的 CSV",
            hint_en="save it as a CSV file in UTF-8",
        )
    return "text"


def _refuse_disguise(name: str, found: FileKind) -> None:
    if found == "text":
        raise InputError(
            f"{name} 的内容是文本，不是工作簿",
            f"{name} holds text, not a workbook",
            hint_zh="把扩展名改为 .csv",
            hint_en="rename it to .csv",
        )
    raise InputError(
        f"{name} 的内容是 Excel 工作簿，不是 CSV",
        f"{name} holds a workbook, not CSV",
        hint_zh=f"把扩展名改为 .{found}",
        hint_en=f"rename it to .{found}",
    )
