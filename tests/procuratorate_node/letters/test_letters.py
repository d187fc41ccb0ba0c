"""Letters: placeholders checked and filled wherever a word processor put them, marked with who made them, masked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import docx
import pytest
from docx.document import Document
from hypothesis import given
from hypothesis import strategies as st

from linkage.errors import ConfigError, InputError, LimitError
from linkage.owner.referrals import MAX_LETTER_BYTES, Letter
from procuratorate_node.letters.chinese import date_in_han, date_text
from procuratorate_node.letters.filling import Values, fill, paragraphs_of
from procuratorate_node.letters.layout import build_document
from procuratorate_node.letters.templates import parse_templates, shipped_templates
from procuratorate_node.letters.writing import DRAFT, Origin, write_letter

NOW = datetime(2026, 11, 5, 20, 30, tzinfo=UTC)  # Already the sixth in China.
ORIGIN = Origin("示例县人民检察院", "甲", NOW, "ab12cd")
VALUES = Values({name: f"〈{name}〉" for name in Values.NAMES} | {"fields": "姓名：某\n住址：某处", "note": ""})


def text_of(document: Document) -> str:
    return "\n".join(p.text for p in paragraphs_of(document))


def opened(content: bytes) -> Document:
    return docx.Document(BytesIO(content))


@pytest.mark.parametrize("code", ["suggestion", "referral", "advice"])
def test_a_shipped_letter_has_its_number_and_no_placeholder_left(code: str) -> None:
    text = text_of(opened(write_letter(shipped_templates(), code, VALUES, origin=ORIGIN, masked=False)))

    assert "〈number〉" in text and "{{" not in text and "〈office〉" in text
    assert DRAFT not in text


def test_every_field_has_a_line_and_a_line_of_nothing_is_left_out() -> None:
    text = text_of(opened(write_letter(shipped_templates(), "suggestion", VALUES, origin=ORIGIN, masked=False)))

    assert text.splitlines().count("姓名：某") == text.splitlines().count("住址：某处") == 1
    assert "说明：" not in text and "特别提示：〈cautions〉" in text


def test_every_page_says_who_made_the_letter_and_a_preview_says_that_it_is_one() -> None:
    document = opened(write_letter(shipped_templates(), "referral", VALUES, origin=ORIGIN, masked=True))

    (section,) = document.sections
    foot = "\n".join(p.text for p in section.footer.paragraphs)
    assert "示例县人民检察院 · 甲 生成于 2026-11-06 04:30 · 编号 ab12cd" in foot
    assert DRAFT in "\n".join(p.text for p in section.header.paragraphs)


def test_a_placeholder_split_over_runs_is_filled_and_keeps_the_look_of_its_first_run() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph()
    for part, bold in (("致{", False), ("{ rec", True), ("eiver }", False), ("}：好{{number}}", False)):
        paragraph.add_run(part).bold = bold
    fill(document, Values({"receiver": "民政局", "number": "一"}))

    assert paragraph.text == "致民政局：好一"
    assert [r.text for r in paragraph.runs if r.bold] == [""]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=20), st.integers(1, 6))
def test_a_placeholder_is_filled_however_it_is_cut(value: str, cut: int) -> None:
    text = "甲{{number}}乙"
    document = docx.Document()
    paragraph = document.add_paragraph()
    for start in range(0, len(text), cut):
        paragraph.add_run(text[start : start + cut])
    fill(document, Values({"number": value}))

    assert paragraph.text == f"甲{value.replace('{{', '{ {')}乙"


@pytest.mark.parametrize("value", ["某\x00某", "某\x0b某", "某\ufffe某", "某\ud800某"])
def test_characters_no_document_can_hold_are_left_out(value: str) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("{{number}}")
    fill(document, Values({"number": value}))

    assert paragraph.text == "某某"


def test_placeholders_in_tables_and_headers_are_filled() -> None:
    document = docx.Document()
    document.add_table(1, 1).cell(0, 0).text = "{{number}}"
    document.sections[0].header.paragraphs[0].text = "{{office}}"
    fill(document, Values({"number": "一", "office": "某院"}))

    assert text_of(document).split() == ["一", "某院"]


def own_template(folder: Path, *lines: str) -> Path:
    document = build_document(lines)
    document.save(str(folder / "suggestion.docx"))
    return folder


def test_an_office_may_bring_its_own_letter(tmp_path: Path) -> None:
    shipped = shipped_templates().named("suggestion").lines
    templates = shipped_templates(own_template(tmp_path, *shipped, "body: 本院电话：12309"))
    text = text_of(opened(write_letter(templates, "suggestion", VALUES, origin=ORIGIN, masked=False)))

    assert "本院电话：12309" in text


def test_all_faults_of_an_offices_letter_are_told_at_once(tmp_path: Path) -> None:
    templates = shipped_templates(own_template(tmp_path, "body: {{number}}{{sum}}{{gift}}"))
    with pytest.raises(ConfigError) as raised:
        templates.document("suggestion")

    for said in ("suggestion.docx", "unknown {{gift}}, {{sum}}", "missing", "{{fields}}", "{{due}}"):
        assert said in raised.value.en


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04broken", b"x" * (1 << 20 | 1)])
def test_a_file_that_is_no_docx_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "suggestion.docx").write_bytes(content)

    with pytest.raises(ConfigError, match="no usable"):
        shipped_templates(tmp_path).document("suggestion")


def test_a_wrong_file_of_templates_is_refused_whole() -> None:
    text = (
        '[table]\nid = "t"\nversion = 1\ntitle = "t"\n[[letters]]\ncode = "a"\ntitle = "t"\nnumber = "{year}{what}"\n'
    )
    with pytest.raises(ConfigError) as raised:
        parse_templates((text + "required = []\nlines = []\n[more]\n").encode(), name="letters.toml")

    assert "number may use" in raised.value.en and "more" in raised.value.en


def test_numbers_of_letters_take_the_chinese_form() -> None:
    assert shipped_templates().named("suggestion").numbered("云检", 2026, 7) == "云检救助建〔2026〕7号"


@pytest.mark.parametrize(
    ("day", "arabic", "han"),
    [
        (date(2026, 11, 5), "2026年11月5日", "二〇二六年十一月五日"),
        (date(2030, 10, 20), "2030年10月20日", "二〇三〇年十月二十日"),
        (date(2027, 1, 31), "2027年1月31日", "二〇二七年一月三十一日"),
        (date(2027, 12, 10), "2027年12月10日", "二〇二七年十二月十日"),
    ],
)
def test_dates_are_written_as_chinese_letters_have_them(day: date, arabic: str, han: str) -> None:
    assert (date_text(day), date_in_han(day)) == (arabic, han)


def test_a_letter_too_large_to_travel_is_refused() -> None:
    Letter("函.docx", b"x" * MAX_LETTER_BYTES)
    with pytest.raises(LimitError, match="128 KiB"):
        Letter("函.docx", b"x" * (MAX_LETTER_BYTES + 1))
    with pytest.raises(InputError):
        Letter("../函.docx", b"x")


def test_what_is_filled_in_is_never_shown() -> None:
    assert "某" not in repr(VALUES) and "某" not in repr(replace(VALUES))
