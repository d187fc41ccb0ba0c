"""The running text of one paper, and where in the paper every part of it stands."""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

ENDS: Final = "。；;：:？?！!"
SAME_EDGE: Final = 0.93  # A line that reaches so far towards the widest one was broken by the margin.
LEAST_WIDE: Final = 36  # A sheet whose widest line is narrower than this (in half-width cells) has no margin to tell.
# What begins a new paragraph even after a full line.
OPENING = re.compile(
    r"^\s*(?:　　|[一二三四五六七八九十]+、|\d+[.、．]|[(（][一二三四五六七八九十\d]+[)）]|问[:：]|答[:：])"
)
BLANKS = re.compile(r"[ \t\u00a0\u3000]+")


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """One line as it stands on a page; `full` tells that it ends at the right margin, None that nobody knows."""

    text: str
    full: bool | None = None


Pages = Sequence[Sequence[Line]]


@dataclass(frozen=True, slots=True, repr=False)
class PaperText:
    """The text of a paper: paragraphs divided by line feeds, single blanks inside. `starts` has each page's offset."""

    text: str
    starts: tuple[int, ...]

    def __repr__(self) -> str:
        return f"PaperText(pages={len(self.starts)}, characters={len(self.text)})"

    def page_of(self, offset: int) -> int:
        """Return the number of the page an offset stands on, from 1."""
        return max(1, bisect.bisect_right(self.starts, offset))

    def paragraphs(self) -> Iterator[tuple[int, int]]:
        """Yield (start, end) of every paragraph."""
        start = 0
        for part in self.text.split("\n"):
            yield start, start + len(part)
            start += len(part) + 1


def flow(pages: Pages) -> PaperText:
    """Join the lines that a margin broke. A line that ends a sentence, or is followed by a heading, stays a paragraph.

    The title of a form is often written with blanks between its characters; those are taken out.
    """
    parts: list[str] = []
    starts: list[int] = []
    length = 0
    before: Line | None = None
    for page in pages:
        starts.append(length)
        for line in _judged(page):
            joined = before is not None and before.full and not _divided(before.text, line.text)
            text = tidy(line.text)
            if not text:
                continue
            piece = text if joined or not parts else "\n" + text
            parts.append(piece)
            length += len(piece)
            before = line
    return PaperText("".join(parts), tuple(starts))


def tidy(line: str) -> str:
    """Return a line as compared: invisible characters gone, digits and letters of one width, single blanks."""
    narrow = "".join(unicodedata.normalize("NFKC", c) if "\uff10" <= c <= "\uff5a" and c.isalnum() else c for c in line)
    kept = "".join(c for c in narrow if c.isprintable() or c in "\t\u3000")
    text = BLANKS.sub(" ", kept).strip()
    return text.replace(" ", "") if _spaced_out(text) else re.sub(r"(?<=\d) (?=[\dXx])", "", text)


def _spaced_out(text: str) -> bool:
    """Tell whether blanks merely spread the characters of a heading: 起 诉 书."""
    words = text.split(" ")
    return len(words) > 2 and all(len(w) == 1 for w in words)


def _divided(before: str, after: str) -> bool:
    return before.rstrip()[-1:] in tuple(ENDS) or OPENING.match(after) is not None


def _judged(page: Sequence[Line]) -> Iterator[Line]:
    """Yield the page's lines, each told full or not; where the source did not say, the widths do."""
    widths = [cells(line.text) for line in page]
    widest = max(widths, default=0)
    edge = sorted(widths)[-2] if len(widths) > 1 else 0
    broken = LEAST_WIDE <= widest <= 2 * LEAST_WIDE * 2 and edge >= widest * SAME_EDGE
    for line, width in zip(page, widths, strict=True):
        yield line if line.full is not None else Line(line.text, broken and width >= widest * SAME_EDGE)


def cells(text: str) -> int:
    """Return the width of a text in half-width cells."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text.rstrip())
