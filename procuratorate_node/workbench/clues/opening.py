"""Opening a clue to names: one asks with a reason, another approves, and only these two see them, each time noted."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from linkage.web.page import Page
from linkage.web.routes import get, post
from linkage.web.texts import Text
from procuratorate_node.node import Node
from procuratorate_node.workbench.clues import words
from procuratorate_node.workbench.clues.decisions import REASON
from procuratorate_node.workbench.clues.watermark import seen_by


def request(page: Page) -> Response:
    node, clue = page.node(Node), page.parameters["clue"]
    node.desk.request(clue, by=page.officer, reason=page.needed("reason", REASON), now=node.clock())
    return page.redirect(f"/clues/{clue}", said=Text("已申请，待另一人批准", "Asked for; another officer must approve"))


def approve(page: Page) -> Response:
    """Approve; the names are on the page that follows, so that going back shows none."""
    node, work = page.node(Node), page.node(Node).casework_kept()
    opening = node.desk.opening(page.parameters["opening"])
    node.desk.approve(
        opening.opening_id, by=page.officer, now=node.clock(), file=work.read.file, person_of=work.facts.person_of
    )
    return page.redirect(f"/clues/{opening.clue_id}/people", said=Text("已批准还原", "Opened"))


def people(page: Page) -> Response:
    """Show who a clue is about; every look is one audit entry for each person."""
    node, clue_id = page.node(Node), page.parameters["clue"]
    work = node.casework_kept()
    found = node.desk.show(clue_id, by=page.officer, file=work.read.file, person_of=work.facts.person_of)
    return page.render(
        "clues/people.html",
        title=Text("线索人员", "People of a clue"),
        clue=node.book.get(clue_id),
        people=found,
        mark=seen_by(page),
        words=words,
    )


ROUTES: Final = (
    post("/clues/{clue}/openings", "people.request", request),
    post("/openings/{opening}/approve", "people.approve", approve),
    get("/clues/{clue}/people", "people.show", people),
)
