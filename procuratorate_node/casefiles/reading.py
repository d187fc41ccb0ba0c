"""Turn the bytes of a paper into its pages: plain text, Word, PDF with a text layer, scanned PDF, images.

Every form is told by its first bytes and its suffix. Sizes, pages and the growth of packed files are bounded, so that
one bad file costs little. Raises UnreadablePaper and nothing else.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any, Final, Protocol
from xml.etree import ElementTree

from procuratorate_node.casefiles.faults import Fault, UnreadablePaper
from procuratorate_node.casefiles.paper_text import Line

MAX_BYTES: Final = 64 << 20
MAX_TEXT: Final = 16 << 20
MAX_PAGES: Final = 300
LEAST_TEXT: Final = 12  # A PDF page with fewer characters is a picture.
DOTS_PER_POINT: Final = 150 / 72  # 150 dpi: small print is still read, a page takes seconds and not minutes.
MAX_SIDE: Final = 4000  # Dots; a larger page is rendered smaller.
WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
IMAGES: Final = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
SUFFIXES: Final = (".txt", ".docx", ".pdf", *IMAGES)
Image = Any  # A numpy array of rows × columns × 3, 8 bits.
Page = tuple[Line, ...]


class Recogniser(Protocol):
    """Reads the lines of one page image."""

    def __call__(self, image: Image) -> Page: ...


def read_pages(content: bytes, suffix: str, recognise: Recogniser | None) -> tuple[tuple[Page, ...], bool]:
    """Return the pages of a paper and whether any was read from a picture. `recognise` is None without OCR.

    Raises UnreadablePaper.
    """
    if not content.strip(b"\x00 \r\n\t"):
        raise UnreadablePaper(Fault.EMPTY)
    if len(content) > MAX_BYTES:
        raise UnreadablePaper(Fault.TOO_LARGE)
    kind = suffix.lower()
    if content.startswith(b"%PDF") or kind == ".pdf":
        return _pdf(content, recognise)
    if kind == ".docx":
        return (_word(content),), False
    if kind == ".txt":
        return tuple(map(_lines, _sheets(decode(content)))), False
    if kind in IMAGES:
        return tuple(_recognised(image, recognise) for image in images_of(content)), True
    raise UnreadablePaper(Fault.UNKNOWN_FORM)


def decode(content: bytes) -> str:
    """Decode UTF-8, with a mark or without, UTF-16 with a mark, else GB18030. Raises UnreadablePaper."""
    if len(content) > MAX_TEXT:
        raise UnreadablePaper(Fault.TOO_LARGE)
    marked = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise UnreadablePaper(Fault.DAMAGED)


def _sheets(text: str) -> list[str]:
    """Return the pages of a plain text; a form feed ends one."""
    sheets = [sheet for sheet in text.split("\f") if sheet.strip()]
    if not sheets:
        raise UnreadablePaper(Fault.EMPTY)
    return sheets


def _lines(text: str) -> Page:
    return tuple(Line(line) for line in re.split(r"\r\n|[\r\n\v\u2028\u2029]", text) if line.strip())


def _word(content: bytes) -> Page:
    """Read a Word file's paragraphs and table cells in their order."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if archive.getinfo("word/document.xml").file_size > MAX_TEXT:
                raise UnreadablePaper(Fault.TOO_LARGE)
            with archive.open("word/document.xml") as member:
                xml = member.read(MAX_TEXT + 1)  # The size in the directory may lie.
        if len(xml) > MAX_TEXT or b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
            raise UnreadablePaper(Fault.DAMAGED)  # A real Word file declares no entities; a made-up one could grow.
        root = ElementTree.fromstring(xml)
    except UnreadablePaper:
        raise
    except Exception:  # zipfile and zlib raise a dozen types on bytes that are no archive.
        raise UnreadablePaper(Fault.DAMAGED) from None
    return _whole(tuple(line for p in root.iter(f"{WORD}p") for line in _paragraph(p)))


def _paragraph(element: ElementTree.Element) -> Iterator[Line]:
    """Yield the lines of one paragraph; a paragraph holds full sentences, so none was broken by a margin."""
    marks = {f"{WORD}tab": " ", f"{WORD}br": "\n", f"{WORD}cr": "\n"}
    text = "".join((e.text or "") if e.tag == f"{WORD}t" else marks.get(e.tag, "") for e in element.iter())
    yield from (Line(line, full=False) for line in text.split("\n") if line.strip())


def _whole(lines: Page) -> Page:
    if not lines:
        raise UnreadablePaper(Fault.NO_TEXT)
    return lines


def open_pdf(content: bytes) -> Any:
    """Open a PDF; who opens it closes it. Raises UnreadablePaper."""
    try:
        import pypdfium2
    except ImportError:
        raise UnreadablePaper(Fault.NO_PDF_READER) from None
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise UnreadablePaper(Fault.LOCKED if "assword" in str(error) else Fault.DAMAGED) from None


def _pdf(content: bytes, recognise: Recogniser | None) -> tuple[tuple[Page, ...], bool]:
    document = open_pdf(content)
    import pypdfium2

    try:
        if len(document) > MAX_PAGES:
            raise UnreadablePaper(Fault.TOO_LARGE)
        read = [_pdf_page(document[number], recognise) for number in range(len(document))]
    except pypdfium2.PdfiumError:
        raise UnreadablePaper(Fault.DAMAGED) from None
    finally:
        document.close()
    if not any(page for page, _ in read):
        raise UnreadablePaper(Fault.NO_TEXT)
    return tuple(page for page, _ in read), any(scanned for _, scanned in read)


def _pdf_page(page: Any, recognise: Recogniser | None) -> tuple[Page, bool]:
    """Return one page's lines and whether they were read from its picture."""
    layer = page.get_textpage()
    text = str(layer.get_text_range())
    layer.close()
    if len(re.sub(r"[\s\ufffd\ufffe]", "", text)) >= LEAST_TEXT:
        return tuple(Line(line) for line in re.split(r"[\r\n]+", text) if line.strip()), False
    if not any(True for _ in page.get_objects(max_depth=2)):
        return (), False  # An empty sheet.
    if recognise is None:
        raise UnreadablePaper(Fault.NO_OCR)
    scale = min(DOTS_PER_POINT, MAX_SIDE / max(1.0, *page.get_size()))
    return recognise(page.render(scale=scale).to_numpy()), True


def _recognised(image: Image, recognise: Recogniser | None) -> Page:
    if recognise is None:
        raise UnreadablePaper(Fault.NO_OCR)
    return _whole(recognise(image))


def images_of(content: bytes) -> Iterator[Image]:
    """Yield the frames of an image file as arrays, each no larger than MAX_SIDE."""
    try:
        import numpy
        from PIL import Image as Pictures
        from PIL import ImageOps, ImageSequence
    except ImportError:
        raise UnreadablePaper(Fault.NO_OCR) from None
    try:
        with Pictures.open(io.BytesIO(content)) as picture:
            for number, frame in enumerate(ImageSequence.Iterator(picture)):
                if number >= MAX_PAGES:
                    raise UnreadablePaper(Fault.TOO_LARGE)
                upright = ImageOps.exif_transpose(frame).convert("RGB")
                upright.thumbnail((MAX_SIDE, MAX_SIDE))
                yield numpy.asarray(upright)
    except UnreadablePaper:
        raise
    except Pictures.DecompressionBombError:
        raise UnreadablePaper(Fault.TOO_LARGE) from None
    except Exception:  # Pillow's decoders raise many types on damaged images.
        raise UnreadablePaper(Fault.DAMAGED) from None
