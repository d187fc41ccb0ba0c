"""The search of one person, hidden in a batch of our own cases."""

from __future__ import annotations

import os

from starlette.responses import Response

from linkage.web.listing import Listing
from linkage.web.page import Page
from linkage.web.routes import Section, get, post
from linkage.web.texts import Text
from procuratorate_node.node import Node
from procuratorate_node.searching import NOTHING
from procuratorate_node.workbench.rounds.words import STATES

TITLE = Text("单人检索", "Search of one person")
CASE = Text("案号", "Case number")
PARTY = Text("当事人编号", "Party number")
REASON = Text("理由", "Reason")


def show(page: Page) -> Response:
    node = page.node(Node)
    found = list(reversed(node.searches.all()))
    listing = Listing.of(page.query, total=len(found))
    return page.render(
        "screening/search.html",
        title=TITLE,
        searches=listing.part(found),
        listing=listing,
        nothing=NOTHING,
        states=STATES,
        bounds=node.config.screening,
    )


def ask(page: Page) -> Response:
    """Ask for a search; the case files are read."""
    node, round_id = page.node(Node), os.urandom(16).hex()
    case, party = page.needed("case", CASE), page.needed("party", PARTY)
    reason, facts = page.needed("reason", REASON), node.casework().facts
    people = node.searches.ask(case, party, facts, reason=reason, by=page.officer, round_id=round_id, now=node.clock())
    said = Text(f"批次 {people} 人，等另一人批准", f"A batch of {people} people; another officer approves")
    return page.redirect(f"/rounds/{round_id}", said=said)


SECTION = Section(
    TITLE,
    get("/search", "search.list_searches", show),
    post("/search", "search.ask", ask),
)
