"""Lay out a shipped template as an official document: A4, margins and types as GB/T 9704-2012 has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from docx.document import Document

HEAD_FONT: Final = "方正小标宋简体"
BODY_FONT: Final = "仿宋_GB2312"
LINE_POINTS: Final = 28
INDENT_CHARACTERS: Final = 2


@dataclass(frozen=True, slots=True)
class Style:
    """How a line looks: font, size in points, alignment, whether its first line is indented."""

    font: str
    points: float
    align: str
    indented: bool = False


STYLES: Final[Mapping[str, Style]] = {
    "heading": Style(HEAD_FONT, 26, "CENTER"),
    "title": Style(HEAD_FONT, 22, "CENTER"),
    "number": Style(BODY_FONT, 16, "CENTER"),
    "receiver": Style(BODY_FONT, 16, "LEFT"),
    "body": Style(BODY_FONT, 16, "JUSTIFY", indented=True),
    "sign": Style(BODY_FONT, 16, "RIGHT"),
}


def build_document(lines: Iterable[str]) -> Document:
    """Return a document of "style: text" lines."""
    import docx
    from docx.shared import Mm

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    for line in lines:
        style, _, text = line.partition(": ")
        _add(document, text, STYLES[style])
    return document


def _add(document: Document, text: str, style: Style) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    form = paragraph.paragraph_format
    form.alignment = getattr(WD_ALIGN_PARAGRAPH, style.align)
    form.line_spacing, form.space_after = Pt(LINE_POINTS), Pt(0)
    if style.indented:
        form.first_line_indent = Pt(style.points * INDENT_CHARACTERS)
    run = paragraph.add_run(text)
    run.font.name, run.font.size = style.font, Pt(style.points)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), style.font)
