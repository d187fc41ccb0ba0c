"""Read the text of page images with RapidOCR and the models it ships with; nothing is ever fetched.

Optional: the extra `casefiles`. One engine per process, one thread per engine: papers are read side by side instead.
"""

from __future__ import annotations

import functools
import importlib.util
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from procuratorate_node.casefiles.paper_text import SAME_EDGE, Line
from procuratorate_node.casefiles.reading import Image, Page, Recogniser

LEAST_SCORE: Final = 0.5
SAME_ROW: Final = 0.6  # Boxes whose middles lie nearer than this share of their height stand on one row.
PARAMETERS: Final = {
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "Global.log_level": "error",
}


@dataclass(frozen=True, slots=True)
class Box:
    """One piece of text found on a page, in dots."""

    left: float
    right: float
    top: float
    bottom: float
    text: str

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    def __repr__(self) -> str:
        return f"Box({self.left:.0f}, {self.top:.0f})"


def has_ocr() -> bool:
    """Tell whether the extra is installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


def recogniser() -> Recogniser | None:
    """Return a reader of page images, None where the extra is missing. The engine is loaded at the first image."""
    return recognise if has_ocr() else None


@functools.cache
def _engine() -> Any:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from rapidocr import RapidOCR

    return RapidOCR(params=dict(PARAMETERS))


def recognise(image: Image) -> Page:
    """Return the lines of one page, top to bottom."""
    return in_rows(boxes_on(image))


def boxes_on(image: Image) -> list[Box]:
    """Return the pieces of text on one page with their places."""
    found = _engine()(image)
    if found.boxes is None:
        return []
    pieces = zip(found.boxes, found.txts, found.scores, strict=True)
    return [_box(corners, text) for corners, text, score in pieces if score >= LEAST_SCORE and text.strip()]


def _box(corners: Sequence[Sequence[float]], text: str) -> Box:
    across, down = [float(c[0]) for c in corners], [float(c[1]) for c in corners]
    return Box(min(across), max(across), min(down), max(down), text)


def in_rows(boxes: Sequence[Box]) -> Page:
    """Put boxes into rows, left to right; a row is full where it reaches the right edge of the page's text."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: b.middle):
        last = rows[-1][-1] if rows else None
        if last is not None and box.middle - last.middle < SAME_ROW * min(box.bottom - box.top, last.bottom - last.top):
            rows[-1].append(box)
        else:
            rows.append([box])
    left = min((b.left for b in boxes), default=0.0)
    edge = left + (max((b.right for b in boxes), default=0.0) - left) * SAME_EDGE
    return tuple(_row(sorted(row, key=lambda b: b.left), edge) for row in rows)


def _row(row: list[Box], edge: float) -> Line:
    return Line(" ".join(b.text for b in row), full=row[-1].right >= edge)
