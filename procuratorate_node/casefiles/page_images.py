"""Draw one page of a paper as a picture, and say where some words stand on it. Raises UnreadablePaper.

A page of a PDF with text knows where every character is. On a scan the words are sought by reading it once more, where
the extra for that is installed; else nothing is marked. Plain text and Word files have no pages to draw.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

from procuratorate_node.casefiles.faults import Fault, UnreadablePaper
from procuratorate_node.casefiles.ocr import Box, boxes_on, has_ocr
from procuratorate_node.casefiles.reading import DOTS_PER_POINT, IMAGES, MAX_SIDE, images_of, open_pdf

LEAST_PIECE: Final = 4  # A box of a scan with fewer characters is not taken for part of the words.
BLANK: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class PageImage:
    """A PNG with its size in dots, and the places of the words on it."""

    png: bytes = field(repr=False)
    width: int
    height: int
    boxes: tuple[Box, ...]


def has_pages(suffix: str) -> bool:
    """Tell whether papers of this form can be drawn at all."""
    return suffix.lower() in (".pdf", *IMAGES)


def page_image(content: bytes, suffix: str, number: int, words: Sequence[str]) -> PageImage | None:
    """Return page `number`, from 1, of a paper; None for a form without pages or a page it has not."""
    sought = [BLANK.sub("", text) for text in words if text.strip()]
    if content.startswith(b"%PDF"):
        return _of_pdf(content, number, sought)
    if suffix.lower() not in IMAGES:
        return None
    frames = [frame for at, frame in enumerate(images_of(content), 1) if at == number]
    return _drawn(frames[0], tuple(_on_scan(frames[0], sought))) if frames else None


def _of_pdf(content: bytes, number: int, sought: Sequence[str]) -> PageImage | None:
    with closing(open_pdf(content)) as document:
        if not 0 < number <= len(document):
            return None
        page = document[number - 1]
        scale = min(DOTS_PER_POINT, MAX_SIDE / max(1.0, *page.get_size()))
        image = page.render(scale=scale, rev_byteorder=True).to_numpy()
        with closing(page.get_textpage()) as layer:
            found = tuple(_in_layer(layer, sought, scale=scale, height=page.get_height()))
            is_scan = not str(layer.get_text_range()).strip()
    return _drawn(image, tuple(_on_scan(image, sought)) if is_scan else found)


def _in_layer(layer: Any, sought: Sequence[str], *, scale: float, height: float) -> Iterator[Box]:
    """Yield one box for each line that the words stand on."""
    text = str(layer.get_text_range())
    places = [at for at, character in enumerate(text) if not character.isspace()]
    packed = "".join(text[at] for at in places)
    for words in sought:
        start = packed.find(words)
        if start >= 0:
            corners = [layer.get_charbox(at) for at in places[start : start + len(words)]]
            yield from _lines(
                [(x0 * scale, x1 * scale, (height - y1) * scale, (height - y0) * scale) for x0, y0, x1, y1 in corners],
                words,
            )


def _lines(characters: Sequence[tuple[float, float, float, float]], words: str) -> Iterator[Box]:
    line: list[tuple[float, float, float, float]] = []
    for corner in characters:
        if line and corner[0] < line[-1][0]:  # Back to the left: the next line.
            yield _around(line, words)
            line = []
        line.append(corner)
    if line:
        yield _around(line, words)


def _around(line: Sequence[tuple[float, float, float, float]], words: str) -> Box:
    left, right, top, bottom = zip(*line, strict=True)
    return Box(min(left), max(right), min(top), max(bottom), words)


def _on_scan(image: Any, sought: Sequence[str]) -> Iterator[Box]:
    if not sought or not has_ocr():
        return
    for box in boxes_on(image):
        piece = BLANK.sub("", box.text)
        if any(words in piece or (len(piece) >= LEAST_PIECE and piece in words) for words in sought):
            yield box


def _drawn(image: Any, boxes: tuple[Box, ...]) -> PageImage:
    try:
        from PIL import Image
    except ImportError:
        raise UnreadablePaper(Fault.NO_PDF_READER) from None
    target = io.BytesIO()
    picture = Image.fromarray(image[..., :3])
    picture.save(target, format="PNG")
    return PageImage(target.getvalue(), picture.width, picture.height, boxes)
