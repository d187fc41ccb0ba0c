"""What an officer does with one clue: check, confirm, reject, defer and the rest, each with its reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.responses import Response

from linkage.web.page import Page
from linkage.web.routes import Route, post
from linkage.web.texts import Text
from procuratorate_node.cluework.checks import UNSURE, Check
from procuratorate_node.cluework.elements import known_elements, load_elements
from procuratorate_node.cluework.measures import measures
from procuratorate_node.cluework.states import Action
from procuratorate_node.node import Node
from procuratorate_node.referrals.catalogue import load_catalogue
from procuratorate_node.workbench.clues import words
from procuratorate_node.workbench.clues.listing import officer_at, parse_day

REASON: Final = Text("理由", "reason")
NOTED: Final = Text("已记录", "Noted")


def _key(page: Page) -> str:
    return page.parameters["clue"]


def _done(page: Page, said: Text = NOTED) -> Response:
    return page.redirect(f"/clues/{_key(page)}", said=said)


def _verdict(page: Page) -> Check:
    return Check(**{name: page.field(name, missing=UNSURE) for name in words.CHECKS})


def _ticked(page: Page, kind: str) -> list[str]:
    """Return what is ticked of a list of boxes named "kind-code"."""
    return [name.removeprefix(f"{kind}-") for name in page.form if name.startswith(f"{kind}-")]


def assign(page: Page) -> Response:
    node, name = page.node(Node), officer_at(page, page.needed("to", Text("承办人", "officer")))
    node.work.assign([_key(page)], [name], by=page.officer, now=node.clock())
    return _done(page, Text("已分派", "Assigned"))


def check(page: Page) -> Response:
    node = page.node(Node)
    node.work.check(_key(page), _verdict(page), by=page.officer, now=node.clock(), note=page.field("reason"))
    return _done(page)


def confirm(page: Page) -> Response:
    node = page.node(Node)
    node.work.confirm(_key(page), by=page.officer, now=node.clock(), reason=page.field("reason"))
    return _done(page, Text("线索已确认", "The clue is confirmed"))


def reject(page: Page) -> Response:
    node = page.node(Node)
    reason, verdict = page.needed("reason", REASON), _verdict(page)
    node.work.reject(_key(page), by=page.officer, now=node.clock(), reason=reason, verdict=verdict)
    return _done(page, Text("线索已否定", "The clue is rejected"))


def defer(page: Page) -> Response:
    node, until = page.node(Node), parse_day(page.needed("until", Text("暂缓至", "until")))
    node.work.defer(_key(page), until, by=page.officer, now=node.clock(), reason=page.needed("reason", REASON))
    return _done(page, Text("已暂缓", "Deferred"))


def note(page: Page) -> Response:
    node = page.node(Node)
    node.work.note(_key(page), page.needed("reason", Text("备注", "note")), by=page.officer, now=node.clock())
    return _done(page)


def needs(page: Page) -> Response:
    node, codes = page.node(Node), _ticked(page, "need")
    measures(codes, load_catalogue(node.config.office.catalogue), tags=())  # An unknown need is refused.
    node.work.set_needs(_key(page), codes, by=page.officer, now=node.clock())
    return _done(page)


def elements(page: Page) -> Response:
    node, codes = page.node(Node), _ticked(page, "element")
    known_elements(codes, load_elements(node.config.work.elements))
    node.work.set_elements(_key(page), codes, by=page.officer, now=node.clock())
    return _done(page)


def watch(page: Page) -> Response:
    node = page.node(Node)
    reason, on = page.needed("reason", REASON), page.field("on") == "yes"
    node.work.watch(_key(page), on=on, by=page.officer, now=node.clock(), reason=reason)
    return _done(page)


def _simply(action: Action) -> Callable[[Page], Response]:
    def carried_out(page: Page) -> Response:
        node = page.node(Node)
        node.work.simply(_key(page), action, by=page.officer, now=node.clock(), reason=page.field("reason"))
        return _done(page)

    return carried_out


ROUTES: Final[tuple[Route, ...]] = (
    post("/clues/{clue}/assign", "cluework.assign", assign),
    post("/clues/{clue}/check", "cluework.check", check),
    post("/clues/{clue}/confirm", "cluework.confirm", confirm),
    post("/clues/{clue}/reject", "cluework.reject", reject),
    post("/clues/{clue}/defer", "cluework.defer", defer),
    post("/clues/{clue}/note", "cluework.note", note),
    post("/clues/{clue}/needs", "cluework.needs", needs),
    post("/clues/{clue}/elements", "cluework.elements", elements),
    post("/clues/{clue}/watch", "cluework.watch", watch),
    *(
        post(f"/clues/{{clue}}/{action.value}", f"cluework.{action.value}", _simply(action))
        for action in (Action.RESUME, Action.EXPLAIN, Action.FOLLOW, Action.CLOSE, Action.REOPEN)
    ),
)
