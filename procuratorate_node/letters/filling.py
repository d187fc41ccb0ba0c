"""Fill the placeholders of a document, also those a word processor has split over several runs."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from linkage.errors import ConfigError

if TYPE_CHECKING:
    from docx.document import Document
    from docx.section import _Footer, _Header
    from docx.table import _Cell
    from docx.text.paragraph import Paragraph

PLACEHOLDER: Final = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")
NO_XML: Final = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
LINES: Final = ("fields", "cautions", "advice", "finding", "note")  # May take several lines: a paragraph for each.


@dataclass(frozen=True, slots=True, repr=False)
class Values:
    """What stands for each placeholder. Personal values are among them: no repr shows them."""

    texts: Mapping[str, str]
    NAMES: ClassVar[tuple[str, ...]] = (
        *("office", "number", "receiver", "service", "need", "basis", "items", "due", "date", "date_han"),
        *("fields", "note", "cautions", "asked_by", "approved_by"),
        *("case", "judgment", "finding", "advice", "months"),
    )

    def __repr__(self) -> str:
        return f"Values({sorted(self.texts)})"


def placeholders_in(text: str) -> list[str]:
    return PLACEHOLDER.findall(text)


def fill(document: Document, values: Values) -> None:
    """Fill every placeholder; a paragraph whose placeholders all stand for nothing is left out. Raises ConfigError."""
    for paragraph in list(paragraphs_of(document)):
        names = placeholders_in(paragraph.text)
        unknown = [n for n in names if n not in values.texts]
        if unknown:
            listed = ", ".join(sorted(set(unknown)))
            raise ConfigError(f"没有内容可填：{listed}", f"there is nothing to fill in for: {listed}")
        if names and not any(values.texts[n] for n in names):
            paragraph._p.getparent().remove(paragraph._p)
            continue
        _fill_paragraph(paragraph, values.texts)


def _fill_paragraph(paragraph: Paragraph, texts: Mapping[str, str]) -> None:
    lines = [n for n in placeholders_in(paragraph.text) if n in LINES and "\n" in texts[n]]
    if lines:
        # One copy of the paragraph for each line, in order, then the original goes.
        name = lines[0]
        for line in texts[name].split("\n"):
            twin = copy.deepcopy(paragraph._p)
            paragraph._p.addprevious(twin)
            _fill_paragraph(type(paragraph)(twin, paragraph._parent), {**texts, name: line})
        paragraph._p.getparent().remove(paragraph._p)
        return
    while found := PLACEHOLDER.search(paragraph.text):
        _replace(paragraph, found.start(), found.end(), _plain(texts[found[1]]))


def _plain(text: str) -> str:
    """Return a value without characters XML cannot hold, and without what would look like a placeholder."""
    return NO_XML.sub("", text).replace("{{", "{ {")


def _replace(paragraph: Paragraph, start: int, end: int, text: str) -> None:
    """Put a text in place of characters [start, end) of a paragraph; the run it begins in keeps its look."""
    at = 0
    for run in paragraph.runs:
        length = len(run.text)
        first, last = max(start - at, 0), min(end - at, length)
        if first < last:
            run.text = run.text[:first] + (text if start >= at else "") + run.text[last:]
        at += length


def paragraphs_of(document: Document) -> Iterator[Paragraph]:
    """Yield every paragraph: body, tables, headers and footers."""
    yield from _inside(document)
    for section in document.sections:
        yield from _inside(section.header)
        yield from _inside(section.footer)


def _inside(part: Document | _Cell | _Header | _Footer) -> Iterator[Paragraph]:
    yield from part.paragraphs
    for table in part.tables:
        for row in table.rows:
            for cell in row.cells:
                yield from _inside(cell)
