"""CSV as offices export it: encodings tried strictly, delimiters, titles, broken rows."""

from __future__ import annotations

import codecs
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest

from linkage.errors import InputError
from linkage.sources.csv_source import read_csv
from linkage.sources.encodings import find_encoding
from linkage.sources.table import Reject, RejectReason, Row, Table

TITLES = ("姓名", "身份证号", "住址")


def fit(cells: Sequence[str]) -> int:
    return sum(c in TITLES for c in cells)


def put(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "名册.csv"
    path.write_bytes(text.encode(encoding))
    return path


def rows_of(table: Table) -> list[Row]:
    return [r for r in table.rows if isinstance(r, Row)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030", "utf-16"])
def test_every_encoding_gives_the_same_rows(tmp_path: Path, encoding: str) -> None:
    table = read_csv(put(tmp_path, "姓名,身份证号,住址\n甲䶮,1,某村\n", encoding), fit)
    assert [r.cells for r in rows_of(table)] == [{"姓名": "甲䶮", "身份证号": "1", "住址": "某村"}]


def test_mark_of_utf8_is_not_part_of_the_first_title(tmp_path: Path) -> None:
    assert read_csv(put(tmp_path, "姓名,身份证号\n甲,1\n", "utf-8-sig"), fit).header == ("姓名", "身份证号")


def test_failure_of_every_encoding_names_row_and_byte(tmp_path: Path) -> None:
    path = tmp_path / "混合.csv"
    path.write_bytes("姓名,身份证号\n甲甲,1\n".encode() + b"\xff\xff,2\n")
    with pytest.raises(InputError) as refused:
        find_encoding(path)
    assert "UTF-8 在第 3 行第 1 字节" in refused.value.zh
    assert "UTF-8 at row 3, byte 1" in refused.value.en


def test_failure_beyond_the_first_chunk_is_placed_right(tmp_path: Path) -> None:
    line = "甲乙丙丁,1\n".encode()
    path = tmp_path / "长.csv"
    path.write_bytes(line * 100_000 + b"\xff\xff\n")
    with pytest.raises(InputError, match="UTF-8 at row 100001, byte 1"):
        find_encoding(path)


def test_utf8_read_as_gb18030_is_noticed_at_the_header(tmp_path: Path) -> None:
    path = tmp_path / "乱码.csv"
    mojibake = "姓名,身份证号,住址\n".encode().decode("gb18030", "replace").replace("\ufffd", "")
    path.write_bytes(mojibake.encode("gb18030") + "甲\n".encode("gb18030"))
    with pytest.raises(InputError) as refused:
        read_csv(path, fit)
    assert "GB18030" in refused.value.zh and "乱码" in refused.value.hint_zh


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiter_is_found_by_the_header(tmp_path: Path, delimiter: str) -> None:
    text = f"某县名册，2026,年\n{delimiter.join(TITLES)}\n{delimiter.join(('甲', '1', '某村'))}\n"
    table = read_csv(put(tmp_path, text), fit)
    assert table.header == TITLES
    assert [r.line for r in rows_of(table)] == [3]


def test_quoted_titles_and_line_breaks_keep_record_numbers(tmp_path: Path) -> None:
    text = '"姓名","身份证号","住址"\n甲,1,"某村\n二组"\n\n乙,2,某村\n'
    table = read_csv(put(tmp_path, text), fit)
    assert [(r.line, r.cells["姓名"]) for r in rows_of(table)] == [(2, "甲"), (4, "乙")]


def test_titles_above_are_kept(tmp_path: Path) -> None:
    table = read_csv(put(tmp_path, "某县名册 2026年10月,,\n姓名,身份证号,住址\n甲,1,村\n"), fit)
    assert table.titles == ("某县名册 2026年10月",) and table.header_line == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("甲,1,村,多", RejectReason.RAGGED),
        ("甲\x00,1,村", RejectReason.NUL_BYTE),
        ("姓名,身份证号,住址", RejectReason.REPEATED_HEADER),
    ],
)
def test_bad_rows_are_rejected_and_reading_goes_on(tmp_path: Path, line: str, reason: RejectReason) -> None:
    found = list(read_csv(put(tmp_path, f"姓名,身份证号,住址\n甲,0,村\n{line}\n乙,2,村\n"), fit).rows)
    assert [r.line for r in found] == [2, 3, 4]
    assert isinstance(found[1], Reject) and found[1].reason is reason


def test_empty_cells_beyond_the_header_are_no_fault(tmp_path: Path) -> None:
    assert len(rows_of(read_csv(put(tmp_path, "姓名,身份证号\n甲,1,,\n"), fit))) == 1


def test_short_row_says_which_columns_are_missing(tmp_path: Path) -> None:
    (row,) = rows_of(read_csv(put(tmp_path, "姓名,身份证号,住址\n甲,1\n"), fit))
    assert row.faults == {"住址": RejectReason.MISSING_CELL}


def test_unclosed_quotation_mark_names_its_record(tmp_path: Path) -> None:
    text = "姓名,身份证号\n甲,1\n" + '乙,"2\n' + "丙,3\n" * 200
    with pytest.raises(InputError, match="record 3"):
        list(read_csv(put(tmp_path, text), fit).rows)


def test_no_error_shows_a_cell(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read_csv(put(tmp_path, "秘密,秘密号\n秘密人,123\n"), fit)
    assert "秘密" not in "".join(refused.value.lines())


def test_memory_stays_bounded(tmp_path: Path) -> None:
    path = tmp_path / "大.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("姓名,身份证号,住址\n")
        file.writelines(f"甲{n},{n:018d},某乡某村{n}组\n" for n in range(60_000))
    assert path.stat().st_size > 2_500_000
    tracemalloc.start()
    try:
        count = sum(1 for _ in read_csv(path, fit).rows)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 60_000
    assert peak < 8_000_000


def test_byte_order_marks_choose_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(codecs.BOM_UTF16_LE + "姓名,身份证号\n".encode("utf-16-le"))
    assert find_encoding(path) == "utf-16"
