"""Papers speak for victims whose row has no note; the latest paper that says something wins."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest

from procuratorate_node.cases.preset import standard_preset
from procuratorate_node.cases.reading import read_cases
from procuratorate_node.cases.records import Compensation
from procuratorate_node.papers import read_dates, read_paper, states_from_papers
from tests.procuratorate_node.conftest import PARTY_HEADING, write_table

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def write_word(path: Path, *paragraphs: str) -> None:
    body = "".join(f"<w:p><w:r><w:t>{p}</w:t></w:r></w:p>" for p in paragraphs)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>')


@pytest.fixture
def folder(cases: Path) -> Path:
    """Give case c1 two victims without a note and a folder for papers."""
    rows = ["D1,c1,被害人,李晓梅,女,,,,,,,,否,,,", "D2,c1,被害人,吴大海,男,,,,,,,,否,,,"]
    write_table(cases / "parties.csv", PARTY_HEADING, rows)
    (cases / "documents" / "c1").mkdir(parents=True)
    return cases


def states(folder: Path, dates: dict[str, date] | None = None) -> dict[str, Compensation]:
    file = read_cases(folder, standard_preset()).file
    return {ref.row: s for ref, s in states_from_papers(file, folder, dates=dates or {}).states.items()}


def put(folder: Path, name: str, text: str, *, encoding: str = "utf-8") -> None:
    (folder / "documents" / "c1" / name).write_bytes(text.encode(encoding))


def test_each_victim_gets_the_sentences_about_him(folder: Path) -> None:
    put(folder, "1.txt", "起诉书\n钱多多致李晓梅受伤。\n赔偿款已全部付清。\n又殴打吴大海。\n至今未赔偿。\n2026年1月5日")

    assert states(folder) == {"D1": Compensation.FULL, "D2": Compensation.NOT}


def test_a_later_paper_overrides_an_earlier_one_and_a_silent_one_does_not(folder: Path) -> None:
    put(folder, "1.txt", "询问笔录\n被询问人：李晓梅\n问：对方赔偿了吗？\n答：没有。\n2026年1月5日", encoding="gb18030")
    write_word(
        folder / "documents" / "c1" / "2.docx",
        "和解协议",
        "乙方：李晓梅",
        "赔偿款当日付清，乙方已收讫。",
        "2026年2月1日",
    )
    put(folder, "3.txt", "鉴定意见\n被鉴定人李晓梅，损伤属轻伤二级。\n2026年3月1日")

    assert states(folder) == {"D1": Compensation.FULL}
    later = {"documents/c1/1.txt": date(2026, 5, 1), "documents/c1/2.docx": date(2026, 2, 1)}
    assert states(folder, later) == {"D1": Compensation.NOT}


def test_what_a_court_orders_is_not_what_was_paid(folder: Path) -> None:
    put(folder, "1.txt", "判决书\n钱多多致李晓梅受伤。\n判决如下：\n钱多多赔偿李晓梅30000元，已全部付清")

    assert states(folder) == {}


def test_unreadable_papers_are_counted_not_guessed(folder: Path) -> None:
    (folder / "documents" / "c1" / "scan.jpg").write_bytes(b"\xff\xd8")
    (folder / "documents" / "c1" / "bad.docx").write_bytes(b"PK\x03\x04 broken")
    put(folder, "1.txt", "李晓梅尚未获得赔偿")

    found = states_from_papers(read_cases(folder, standard_preset()).file, folder, dates={})

    assert (found.read, found.unread) == (1, 2)


def test_a_word_file_with_entities_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY b "bbb">]><a>&b;</a>')

    assert read_paper(path) is None


def test_the_index_gives_dates(folder: Path) -> None:
    write_table(folder / "documents_index.csv", "案号,文件,入卷日期", ["c1,documents/c1/1.txt,2026-01-05", "c1,x,某日"])

    assert read_dates(folder) == {"documents/c1/1.txt": date(2026, 1, 5)}
