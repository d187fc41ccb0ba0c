"""Write a letter: fill its template, mark who made it when, return the bytes. Nothing is written to disk here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Final

from procuratorate_node.letters.filling import Values, fill
from procuratorate_node.letters.templates import Templates
from procuratorate_node.working_days import local_moment

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

DRAFT: Final = "预览稿，个人信息已遮蔽，不得发出 | preview, masked, not to be sent"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who made a letter, when, and for which matter; stands at the foot of every page."""

    office: str
    by: str
    at: datetime
    reference: str

    def text(self) -> str:
        when = f"{local_moment(self.at):%Y-%m-%d %H:%M}"
        return f"{self.office} · {self.by} 生成于 {when} · 编号 {self.reference} · 内部材料，注意保密"


def write_letter(templates: Templates, code: str, values: Values, *, origin: Origin, masked: bool) -> bytes:
    """Return a .docx. `masked`: a preview, and every page says so. Raises ConfigError, NotFoundError."""
    document = templates.document(code)
    fill(document, values)
    for section in document.sections:
        section.footer.is_linked_to_previous = False
        _small_line(section.footer.add_paragraph(), origin.text())
        if masked:
            section.header.is_linked_to_previous = False
            _small_line(section.header.add_paragraph(), DRAFT)
    _describe(document, templates.named(code).title, origin)
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def _small_line(paragraph: Paragraph, text: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(text)
    run.font.size, run.font.color.rgb = Pt(9), RGBColor(0x80, 0x80, 0x80)


def _describe(document: Document, title: str, origin: Origin) -> None:
    about = document.core_properties
    about.title, about.author, about.last_modified_by, about.comments = (
        title,
        origin.office,
        origin.by,
        origin.reference,
    )
    about.created = about.modified = origin.at.replace(tzinfo=None)
