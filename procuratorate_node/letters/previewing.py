"""Read a letter back as text, so that what a page shows is what the .docx says."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO

from procuratorate_node.letters.filling import paragraphs_of


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph: its text and how it stands: left, center, right or justify."""

    text: str = field(repr=False)
    align: str


def letter_text(content: bytes) -> tuple[Paragraph, ...]:
    """Return the paragraphs of a .docx that `write_letter` wrote, headers and footers last."""
    import docx

    document = docx.Document(BytesIO(content))
    aligned = ((p.text.strip(), p.alignment) for p in paragraphs_of(document))
    return tuple(
        Paragraph(text, align.name.lower() if align is not None else "left") for text, align in aligned if text
    )
