"""The pages of a case's papers, so that a word shown to a reviewer comes with the place where it stands.

A paper is named by its kind and its number in the case's folder (sorted by name), never by its file name: file names
often hold names of people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from procuratorate_node.casefiles.cache import PaperCache
from procuratorate_node.casefiles.facts_json import pages_from_json
from procuratorate_node.casefiles.faults import UnreadablePaper
from procuratorate_node.casefiles.reading import MAX_BYTES, read_pages

KINDS: Final = (
    *(
        "提请批准逮捕意见书",
        "提请批准逮捕书",
        "起诉意见书",
        "不起诉决定书",
        "起诉书",
        "刑事判决书",
        "民事判决书",
        "询问笔录",
        "讯问笔录",
    ),
    *("鉴定意见", "鉴定书", "道路交通事故认定书", "事故认定书", "和解协议", "调解协议", "谅解书", "执行裁定书"),
)
TITLE_LINES: Final = 6


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the paper's number in the case's folder, its kind, the page's number, all from 1, and the text."""

    paper: int
    kind: str
    number: int
    text: str = field(repr=False)

    @property
    def place(self) -> str:
        return f"文书{self.paper}（{self.kind}）第{self.number}页"


PagesOf = Callable[[str], Sequence[Page]]


def no_pages(_: str) -> Sequence[Page]:
    """Stand for an office without papers."""
    return ()


def pages_of(cases: Path, cache: Path | None = None) -> PagesOf:
    """Return the reader of a case's pages below the cases folder.

    Scans are there once they were read into `cache`, the cache of the case files; unreadable papers have no pages.
    """

    def read(case: str) -> Sequence[Page]:
        folder = cases / "documents" / case
        if not folder.is_dir():
            return ()
        with closing(PaperCache(cache)) as kept:
            files = enumerate(sorted(folder.iterdir()), 1)
            return [page for number, path in files for page in _pages(number, path, kept)]

    return read


def _pages(paper: int, path: Path, kept: PaperCache) -> list[Page]:
    texts = _texts(path, kept)
    kind = kind_of("\n".join(texts))
    return [Page(paper, kind, n, re.sub(r"\s+", "", text)) for n, text in enumerate(texts, 1) if text.strip()]


def _texts(path: Path, kept: PaperCache) -> list[str]:
    """Return the text of each page, [] for a paper that cannot be read."""
    try:
        known, _ = kept.text(kept.digest(path)) if path.is_file() else ("", "")
        if known:
            pages, _ = pages_from_json(known)
        elif path.is_file() and path.stat().st_size <= MAX_BYTES:
            pages, _ = read_pages(path.read_bytes(), path.suffix, None)
        else:
            return []
    except (OSError, UnreadablePaper):
        return []
    return ["\n".join(line.text for line in page) for page in pages]


def kind_of(text: str) -> str:
    """Return the kind of paper that its first lines name, "文书" where they name none."""
    title = re.sub(r"\s+", "", "".join(text.strip().splitlines()[:TITLE_LINES]))
    return next((kind for kind in KINDS if kind in title), "文书")
