"""Pages of papers as pictures, with the words framed where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from procuratorate_node.casefiles.faults import UnreadablePaper
from procuratorate_node.casefiles.ocr import has_ocr
from procuratorate_node.casefiles.page_images import has_pages, page_image
from procuratorate_node.casefiles.reading import DOTS_PER_POINT
from tests.procuratorate_node.workbench.clues.office import PAPER, pdf

pytest.importorskip("pypdfium2", reason="the extra `casefiles` is not installed")
WORDS = "轻伤二级"


def test_words_of_a_pdf_are_framed_on_their_line() -> None:
    found = page_image(pdf(PAPER), ".pdf", 1, [WORDS])

    assert found is not None and found.png.startswith(b"\x89PNG")
    (box,) = found.boxes
    line = next(n for n, text in enumerate(PAPER) if WORDS in text)
    baseline = (842 - (780 - 30 * line)) * DOTS_PER_POINT
    assert box.top < baseline < box.bottom + 10 * DOTS_PER_POINT
    assert box.right - box.left == pytest.approx(len(WORDS) * 14 * DOTS_PER_POINT, rel=0.2)


def test_words_over_two_lines_get_a_frame_on_each() -> None:
    found = page_image(pdf(("被告人至今未赔偿", "被害人的经济损失。")), ".pdf", 1, ["至今未赔偿被害人"])

    assert found is not None and [box.left < 150 for box in found.boxes] == [False, True]


@pytest.mark.parametrize("number", [0, 2])
def test_a_page_that_a_paper_has_not_is_none(number: int) -> None:
    assert page_image(pdf(PAPER), ".pdf", number, []) is None


def test_texts_and_words_have_no_pages_to_draw() -> None:
    assert page_image("起诉书".encode(), ".txt", 1, []) is None
    assert [has_pages(suffix) for suffix in (".txt", ".docx", ".PDF", ".tif")] == [False, False, True, True]


def test_a_damaged_pdf_says_so_by_its_class() -> None:
    with pytest.raises(UnreadablePaper):
        page_image(b"%PDF-1.7 broken", ".pdf", 1, [])


@pytest.mark.skipif(not has_ocr(), reason="the extra `casefiles` is not installed")
def test_words_of_a_scan_are_sought_by_reading_it() -> None:
    scan = Path(__file__).with_name("scan.png").read_bytes()
    everything = page_image(scan, ".png", 1, [])
    assert everything is not None and everything.boxes == ()
    sought = page_image(scan, ".png", 1, ["李晓梅"])

    assert sought is not None and 0 < len(sought.boxes) < 30
    assert all(0 <= box.left < box.right <= sought.width for box in sought.boxes)
