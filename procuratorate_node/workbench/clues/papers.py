"""Evidence from the case's papers: passages with names hidden; whole pages as pictures only once a clue was opened.

A page of a paper names everybody in it, so it follows the rule of names: the two people who opened the clue see it,
watermarked, and every look is noted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from starlette.responses import Response

from linkage.errors import NotFoundError, PolicyRefusal
from linkage.web.page import Page
from linkage.web.routes import get
from linkage.web.texts import Text
from procuratorate_node.casefiles.evidence import Passage, passages_of
from procuratorate_node.casefiles.faults import UnreadablePaper
from procuratorate_node.casefiles.page_images import has_pages, page_image
from procuratorate_node.casework import Casework
from procuratorate_node.clues import Clue
from procuratorate_node.node import Node
from procuratorate_node.workbench.clues import words
from procuratorate_node.workbench.clues.watermark import marked_image, seen_by

TITLE: Final = Text("卷宗依据", "Evidence in the case file")


def show(page: Page) -> Response:
    node = page.node(Node)
    clue, work = node.book.get(page.parameters["clue"]), node.casework_kept()
    return page.render(
        "clues/papers.html",
        title=TITLE,
        clue=clue,
        passages=passages_of(clue, work),
        papers=work.papers.by_case.get(clue.case_number, ()),
        opened=_may_see(page, clue),
        words=words,
    )


def _may_see(page: Page, clue: Clue) -> bool:
    opened = (o for o in page.node(Node).desk.openings(clue.clue_id) if o.approved_by)
    return clue.confirmed and any(page.officer in (o.requested_by, o.approved_by) for o in opened)


def sheet(page: Page) -> Response:
    """Show the passages of one page as they are written, beside its picture; one audit entry first."""
    clue, found, file = _opened_page(page)
    paper, number = _numbers(page)
    return page.render(
        "clues/sheet.html",
        title=TITLE,
        clue=clue,
        paper=paper,
        number=number,
        passages=found,
        drawn=has_pages(file.suffix),
        mark=seen_by(page),
        words=words,
    )


def image(page: Page) -> Response:
    """Draw one page with the passages framed and the viewer's mark over it; one audit entry each time."""
    _, found, file = _opened_page(page)
    _, number = _numbers(page)
    try:
        drawn = page_image(file.read_bytes(), file.suffix, number, [p.words for p in found])
    except (UnreadablePaper, OSError):
        drawn = None
    if drawn is None:
        raise PolicyRefusal("这份文书没有可显示的页面图像", "this paper has no page to draw")
    return Response(marked_image(drawn, seen_by(page)), media_type="image/svg+xml")


def _opened_page(page: Page) -> tuple[Clue, list[Passage], Path]:
    """Return the clue, the passages of the page asked for and its file, after the audit entry.

    Raises PermissionRefused, RoundStateError, NotFoundError.
    """
    node = page.node(Node)
    clue, work = node.desk.require_opened(page.parameters["clue"], by=page.officer), node.casework_kept()
    paper, number = _numbers(page)
    file = _file_of(clue, work, node, paper)
    node.trail.note("paper.shown", {"clue": clue.clue_id, "paper": paper, "page": number, "by": page.officer})
    return clue, [p for p in passages_of(clue, work) if (p.paper, p.page) == (paper, number)], file


def _numbers(page: Page) -> tuple[int, int]:
    texts = page.parameters["paper"], page.parameters["page"]
    if not all(text.isdecimal() and len(text) < 5 for text in texts):
        raise _no_page()
    return int(texts[0]), int(texts[1])


def _file_of(clue: Clue, work: Casework, node: Node, paper: int) -> Path:
    papers = work.papers.by_case.get(clue.case_number, ())
    if not 0 < paper <= len(papers):
        raise _no_page()
    return node.config.cases / papers[paper - 1].name


def _no_page() -> NotFoundError:
    return NotFoundError("没有这一页", "there is no such page")


ROUTES: Final = (
    get("/clues/{clue}/papers", "papers.show", show),
    get("/clues/{clue}/papers/{paper}/{page}", "papers.show", sheet),
    get("/clues/{clue}/papers/{paper}/{page}/image", "papers.show", image),
)
