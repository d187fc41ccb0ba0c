"""Every form of paper is read or set aside with its reason; no bytes at all crash a reader."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procuratorate_node.casefiles.faults import Fault, UnreadablePaper
from procuratorate_node.casefiles.paper_text import Line, flow
from procuratorate_node.casefiles.reading import SUFFIXES, decode, read_pages

TEXT = "询问笔录\n被询问人：李晓梅"


def text_of(content: bytes, suffix: str) -> str:
    pages, _ = read_pages(content, suffix, None)
    return flow(pages).text


def fault_of(content: bytes, suffix: str) -> Fault:
    with pytest.raises(UnreadablePaper) as caught:
        read_pages(content, suffix, None)
    return caught.value.fault


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_plain_text_is_read_in_every_usual_encoding(encoding: str) -> None:
    assert text_of(TEXT.encode(encoding), ".txt") == TEXT


def test_a_word_file_gives_paragraphs_and_table_cells(word_bytes: Callable[..., bytes]) -> None:
    assert text_of(word_bytes("询问笔录", "被询问人：李晓梅"), ".docx") == TEXT


def test_a_word_file_with_entities_is_not_read() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY b "bbb">]><a>&b;</a>')

    assert fault_of(packed.getvalue(), ".docx") is Fault.DAMAGED


@pytest.mark.parametrize(
    ("content", "suffix", "fault"),
    [
        (b"", ".txt", Fault.EMPTY),
        (b"  \r\n ", ".txt", Fault.EMPTY),
        (b"\xd0\xcf\x11\xe0 old word", ".doc", Fault.UNKNOWN_FORM),
        (b"PK\x03\x04 broken", ".docx", Fault.DAMAGED),
        (b"%PDF-1.7 broken", ".pdf", Fault.DAMAGED),
        (b"\xff\xfe\xff", ".txt", Fault.DAMAGED),
        (b"\x00\x01\x02\xff\xff\xfe", ".txt", Fault.DAMAGED),
    ],
)
def test_what_cannot_be_read_says_why(content: bytes, suffix: str, fault: Fault) -> None:
    if suffix == ".pdf":
        pytest.importorskip("pypdfium2", reason="the extra `casefiles` is not installed")
    assert fault_of(content, suffix) is fault
    assert fault.words


def test_a_picture_without_the_extra_says_what_to_install() -> None:
    pictures = pytest.importorskip("PIL.Image", reason="the extra `casefiles` is not installed")
    packed = io.BytesIO()
    pictures.new("RGB", (60, 60), "white").save(packed, "PNG")

    assert fault_of(packed.getvalue(), ".png") is Fault.NO_OCR
    assert "casefiles" in Fault.NO_OCR.words


@given(st.binary(max_size=600), st.sampled_from([*SUFFIXES, ".doc", ""]))
def test_no_bytes_crash_a_reader(content: bytes, suffix: str) -> None:
    try:
        read_pages(content, suffix, lambda image: (Line("x"),))
    except UnreadablePaper as refused:
        assert refused.fault in Fault


@given(st.binary(max_size=200))
def test_decoding_gives_text_or_a_fault(content: bytes) -> None:
    try:
        assert "\x00" not in decode(content)
    except UnreadablePaper as refused:
        assert refused.fault is Fault.DAMAGED


def test_lines_broken_by_the_margin_are_joined_and_headings_are_not() -> None:
    wide = "被告人钱多多，男，一九八二年九月一日出生，公民身份号码3270241982090"
    page = [
        Line("起 诉 书"),
        Line(wide),
        Line("18453，汉族，初中文化，务农，户籍所在地江南省澜州市云桥县柳湾镇何湾"),
        Line("村。"),
        Line("经审查查明："),
    ]

    paper = flow([page])

    assert paper.text.split("\n") == ["起诉书", wide + page[2].text + "村。", "经审查查明："]


def test_a_page_number_is_known_for_every_offset() -> None:
    paper = flow([[Line("第一页", full=False)], [Line("第二页", full=False)]])

    assert [paper.page_of(0), paper.page_of(paper.text.index("二"))] == [1, 2]
