"""The pages of a case's papers, so that a word shown to a reviewer comes with the place where it stands.

A paper is named by its kind and its number in the case's folder (sorted by name), never by its file name: file names
often hold names of people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from procuratorate_node.papers import read_paper

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
PAGE_BREAK: Final = "\f"
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


def pages_of(cases: Path) -> PagesOf:
    """Return the reader of a case's pages below the cases folder; scanned and unreadable papers have none."""

    def read(case: str) -> Sequence[Page]:
        folder = cases / "documents" / case
        if not folder.is_dir():
            return ()
        return [page for number, path in enumerate(sorted(folder.iterdir()), 1) for page in _pages(number, path)]

    return read


def _pages(paper: int, path: Path) -> list[Page]:
    text = read_paper(path) or ""
    kind = kind_of(text)
    pages = enumerate(text.split(PAGE_BREAK), 1)
    return [Page(paper, kind, number, re.sub(r"\s+", "", page)) for number, page in pages if page.strip()]


def kind_of(text: str) -> str:
    """Return the kind of paper that its first lines name, "文书" where they name none."""
    title = re.sub(r"\s+", "", "".join(text.strip().splitlines()[:TITLE_LINES]))
    return next((kind for kind in KINDS if kind in title), "文书")
