"""A scanned page is read with the models the extra ships; skipped where the extra or a Chinese font is missing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from procuratorate_node.casefiles.extract import extract
from procuratorate_node.casefiles.facts import Topic
from procuratorate_node.casefiles.ocr import Box, has_ocr, in_rows, recogniser
from procuratorate_node.casefiles.paper_text import flow
from procuratorate_node.casefiles.reading import read_pages
from tests.procuratorate_node.casefiles.conftest import AS_OF

SCAN = Path(__file__).parent / "scan.png"  # A made-up record, drawn and a little turned; all people are made up.


def test_pieces_of_one_row_are_joined_left_to_right_and_rows_run_down() -> None:
    boxes = [Box(300, 400, 12, 40, "性别：女"), Box(10, 280, 10, 38, "被询问人：李晓梅"), Box(10, 60, 60, 88, "问：")]

    rows = in_rows(boxes)

    assert [(r.text, r.full) for r in rows] == [("被询问人：李晓梅 性别：女", True), ("问：", False)]


@pytest.mark.skipif(not has_ocr(), reason="the extra `casefiles` is not installed")
@pytest.mark.parametrize("packed", ["png", "pdf"])
def test_a_scanned_record_gives_its_victim(packed: str) -> None:
    content, suffix = SCAN.read_bytes(), ".png"
    if packed == "pdf":
        pictures = pytest.importorskip("PIL.Image")
        target = io.BytesIO()
        pictures.open(SCAN).convert("RGB").save(target, "PDF", resolution=150)
        content, suffix = target.getvalue(), ".pdf"

    pages, scanned = read_pages(content, suffix, recogniser())
    (victim,) = extract(flow(pages), as_of=AS_OF, scanned=scanned).victims

    assert scanned
    assert (victim.name, victim.value(Topic.SEX)) == ("李晓梅", "女")
    assert victim.value(Topic.ID) == "327024198902010047"
    assert victim.value(Topic.COMPENSATION) == "NOT"
