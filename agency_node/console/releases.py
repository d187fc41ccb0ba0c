"""Requests for fields of one row of a confirmed clue, and the office's answer."""

from __future__ import annotations

from starlette.responses import Response

from agency_node.check import FIELD_TITLES
from agency_node.console.office import Console
from agency_node.console.words import ANSWERS, word
from agency_node.datasets import office_presets
from agency_node.scan import Shelf
from linkage.web.listing import Listing
from linkage.web.page import Page
from linkage.web.routes import Section, get, post
from linkage.web.texts import Text

TITLE = Text("调取", "Releases")


def show(page: Page) -> Response:
    console = page.node(Console)
    found = console.answers.releases.all()[::-1]
    listing = Listing.of(page.query, total=len(found))
    rows = [(r, word(ANSWERS, r.state), console.party_name(r.sender)) for r in listing.part(found)]
    return page.render("releases.html", title=TITLE, listing=listing, rows=rows, words=_titles(console))


def _titles(console: Console) -> dict[str, str]:
    """Return the first title of every column and person's field of the office's registers."""
    presets = Shelf.split(office_presets(console.config.folder), console.keys.party.datasets).owned.values()
    return FIELD_TITLES | {name: titles[0] for p in presets for name, titles in p.columns.items() if titles}


def approve(page: Page) -> Response:
    return _decide(page, approve=True)


def refuse(page: Page) -> Response:
    return _decide(page, approve=False)


def _decide(page: Page, *, approve: bool) -> Response:
    answers, request = page.node(Console).answers, page.parameters["request"]
    answers.decide_release(request, approve=approve, by=page.officer, reason=page.field("reason"))
    return page.redirect("/releases", said=Text("已记下，节点会送出", "Noted: the node sends it"))


SECTION = Section(
    TITLE,
    get("/releases", "releases", show),
    post("/releases/{request}/approve", "release_approve", approve),
    post("/releases/{request}/refuse", "release_refuse", refuse),
)
