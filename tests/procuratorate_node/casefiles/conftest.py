"""Papers made on the spot: text, Word, PDF pages as pictures."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from procuratorate_node.casefiles.extract import extract
from procuratorate_node.casefiles.facts import PaperFacts
from procuratorate_node.casefiles.paper_text import Line, flow

AS_OF = date(2026, 10, 31)
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def facts_of(text: str, *, scanned: bool = False, known: tuple[str, ...] = ()) -> PaperFacts:
    """Return the facts of a paper given as text, one paragraph to a line."""
    lines = [Line(line, full=False) for line in text.splitlines() if line.strip()]
    return extract(flow([lines]), as_of=AS_OF, scanned=scanned, known=known)


def write_word(path: Path, *paragraphs: str) -> None:
    body = "".join(f"<w:p><w:r><w:t>{p}</w:t></w:r></w:p>" for p in paragraphs)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>')


@pytest.fixture
def word_bytes(tmp_path: Path) -> Callable[..., bytes]:
    def make(*paragraphs: str) -> bytes:
        write_word(tmp_path / "made.docx", *paragraphs)
        return (tmp_path / "made.docx").read_bytes()

    return make
