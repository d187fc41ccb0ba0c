"""The list of clues: filter, sort, assign many, export; masked facts only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from starlette.responses import Response

from linkage.errors import InputError
from linkage.web.listing import Listing
from linkage.web.page import Page
from linkage.web.routes import get, post
from linkage.web.texts import Text
from procuratorate_node.cluework.deadlines import local_day, missing_text
from procuratorate_node.cluework.finding import NOBODY, OPEN, SORTS, Part, Wanted
from procuratorate_node.export import HEADINGS, WORK_HEADINGS, item_lines, list_content
from procuratorate_node.node import Node
from procuratorate_node.workbench.clues import words

TITLE: Final = Text("线索", "Clues")
SIZE: Final = 50
FILTERS: Final = (
    *("model", "status", "change", "colour", "grade", "verdict", "category"),
    *("officer", "overdue", "watched"),
)
MINE: Final = "mine"
ALL: Final = "all"
TYPES: Final[Mapping[str, str]] = {
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def show(page: Page) -> Response:
    node, wanted = page.node(Node), wanted_of(page, page.query)
    today, board = local_day(node.clock()), node.board
    asked = Listing.of(page.query, total=10**9, sorts=SORTS, size=SIZE)
    part = Part(asked.sort, asked.descending, asked.start, SIZE)
    total, items = board.find(wanted, part, today=today)
    listing = Listing.of(page.query, total=total, sorts=SORTS, size=SIZE)
    if listing.start != asked.start:  # The list has become shorter than the page asked for.
        _, items = board.find(wanted, replace(part, start=listing.start), today=today)
    missing = {year for i in items if i.due is not None for year in i.due.missing}
    return page.render(
        "clues/list.html",
        title=TITLE,
        listing=listing,
        items=items,
        today=today,
        query=page.query,
        models=[m.id for m in node.models],
        officers=officers_of(node, "confirm"),
        changes=board.changes(),
        missing=missing_text(missing) if missing else "",
        filters=FILTERS,
        words=words,
    )


def officers_of(node: Node, duty: str) -> Sequence[str]:
    """Return the names of those who may do something; pages name them by their place, so that no URL holds one."""
    return [officer.name for officer in node.config.officers if duty in officer.may]


def wanted_of(page: Page, given: Mapping[str, str]) -> Wanted:
    """Read the filters. Raises InputError for a place of an officer that there is not."""
    officer = given.get("officer", "")
    if officer == MINE:
        officer = page.officer
    elif officer not in ("", NOBODY):
        officer = officer_at(page, officer)
    status = given.get("status", "") or OPEN
    return Wanted(
        model=given.get("model", ""),
        status="" if status == ALL else status,
        change=given.get("change", ""),
        colour=given.get("colour", ""),
        grade=given.get("grade", ""),
        verdict=given.get("verdict", ""),
        category=given.get("category", ""),
        officer=officer,
        overdue=bool(given.get("overdue")),
        watched=bool(given.get("watched")),
    )


def officer_at(page: Page, place: str) -> str:
    """Return the officer at a place of the list. Raises InputError."""
    names = officers_of(page.node(Node), "confirm")
    if not place.isdecimal() or int(place) >= len(names):
        raise InputError("没有这名承办人", "there is no such officer")
    return names[int(place)]


def assign(page: Page) -> Response:
    """Give the ticked clues to the ticked officers in turn; all of them, or none."""
    node = page.node(Node)
    keys = sorted(name.removeprefix("clue-") for name in page.form if name.startswith("clue-"))
    names = [name for place, name in enumerate(officers_of(node, "confirm")) if page.field(f"to-{place}")]
    if not names:
        raise InputError("请选择承办人", "please choose an officer")
    given = node.work.assign(keys, names, by=page.officer, now=node.clock())
    return page.redirect("/clues", said=Text(f"已分派 {len(given)} 条线索", f"{len(given)} clues assigned"))


def export(page: Page) -> Response:
    """Download what the filters let through, masked."""
    node, today = page.node(Node), local_day(page.node(Node).clock())
    suffix = page.field("form", missing=".xlsx")
    given = {name: page.field(name) for name in FILTERS}
    _, items = node.board.find(wanted_of(page, given), Part(), today=today)
    content = list_content(suffix, (*HEADINGS, *WORK_HEADINGS), item_lines(items, today=today))
    node.trail.note("clues.exported", {"clues": len(items), "score": False})
    return download(content, f"clues-{today}{suffix}", TYPES[suffix])


def download(content: bytes, name: str, kind: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def parse_day(text: str) -> date:
    """Read a day of a form. Raises InputError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("日期格式应为 2026-10-31", "a day must look like 2026-10-31") from None


ROUTES: Final = (
    get("/clues", "clues.list_clues", show),
    post("/clues/assign", "cluework.assign", assign),
    post("/clues/export", "clues.export", export),
)
