"""From a request to an admitted page: its origin, the session, the gate; then its form; then the page's function.

Nothing of a form is read before the gate has admitted its sender, and never more than the route allows. The gate writes
a refusal into the audit log before anything is answered.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Message, Receive

from linkage.accounts.gate import OPEN, Gate
from linkage.database.opening import TAKES_NOTHING, unanswered
from linkage.errors import (
    InputError,
    LimitError,
    LinkageError,
    NotFoundError,
    PermissionRefused,
    PolicyRefusal,
    RoundStateError,
    TransportError,
)
from linkage.web.cookies import CookieCarrier, Cookies
from linkage.web.forgery import FIELD, token_for, verify_origin, verify_token
from linkage.web.page import SEE_OTHER, Page
from linkage.web.routes import FORM_BYTES, Route
from linkage.web.texts import Text

if TYPE_CHECKING:
    from linkage.web.site import Site

log = logging.getLogger(__name__)
FIELDS = 500
STATUS: Mapping[type[LinkageError], int] = {
    PermissionRefused: 403,
    NotFoundError: 404,
    RoundStateError: 409,
    PolicyRefusal: 409,
    LimitError: 429,
    InputError: 422,
    TransportError: 503,
}
Form = Mapping[str, str | UploadFile]
SIGN_IN = "/sign-in"


def endpoint(site: Site, route: Route) -> Callable[[Request], Awaitable[Response]]:
    """Return what the server calls for a route."""

    async def answer(request: Request) -> Response:
        entered = await run_in_threadpool(_enter, bare_page(site, request), route, request)
        return entered if isinstance(entered, Response) else await _answer(entered, route, request)

    return answer


async def _answer(page: Page, route: Route, request: Request) -> Response:
    """Read the form of an admitted request and let its page answer."""
    try:
        form = await read_form(request, route.body) if route.method == "POST" else {}
    except LinkageError as error:
        return await run_in_threadpool(failure, page, error)
    return await run_in_threadpool(_shown, replace(page, form=form), route)


def bare_page(site: Site, request: Request) -> Page:
    """Return the page of a request about which nothing is known yet."""
    cookies = Cookies(site.party, request.cookies)
    address = request.client.host if request.client else ""
    csrf = token_for(cookies.get("session"), site.seed)
    return Page(site, request.url.path, request.path_params, dict(request.query_params), {}, cookies, csrf, address)


def _enter(page: Page, route: Route, request: Request) -> Page | Response:
    """Admit a request before a byte of its form is read; return its page, or the answer that refuses it."""
    try:
        if route.method == "POST":
            verify_origin(request)
        gate = _gate(page, route)
        page = replace(page, account=gate.sessions.current())
        if _must_sign_in(page, gate, route):
            return page.cookies.put_on(_to_sign_in(page, route))
        return page if page.site.is_exercise else replace(page, officer=gate.admit(route.action))
    except LinkageError as error:
        return failure(page, error)
    except Exception as error:
        return broken(page, route, error)


def _shown(page: Page, route: Route) -> Response:
    try:
        if route.method == "POST":
            verify_token(page.field(FIELD), page.csrf)
        if page.site.is_exercise:
            page = replace(page, officer=_named(page, route))
        return page.cookies.put_on(route.show(page))
    except LinkageError as error:
        return failure(page, error)
    except Exception as error:
        return broken(page, route, error)


def _gate(page: Page, route: Route) -> Gate:
    sessions = replace(page.site.gate.sessions, carrier=CookieCarrier(page.cookies), counts=not route.live)
    return replace(page.site.gate, sessions=sessions)


def _must_sign_in(page: Page, gate: Gate, route: Route) -> bool:
    known = page.account is not None or OPEN in gate.rights.get(route.action, frozenset())
    return not known and not gate.book.is_empty()


def _named(page: Page, route: Route) -> str:
    """Return whom an exercise's form names as acting. Raises InputError where somebody must be named."""
    officer = _gate(page, route).admit(route.action, by=page.field("by"))
    if route.method == "POST" and OPEN not in page.site.gate.rights[route.action] and not officer:
        raise InputError("请填写经办人", "please say who acts")
    return officer


def _to_sign_in(page: Page, route: Route) -> Response:
    """Send the browser to sign in; a part of a page makes htmx send the whole page."""
    if page.cookies.get("session"):
        page.cookies.say(Text("登录已过期，请重新登录", "The session has ended: please sign in again"))
    if route.live:
        return Response(status_code=204, headers={"HX-Redirect": SIGN_IN})
    return RedirectResponse(SIGN_IN, SEE_OTHER)


def failure(page: Page, error: LinkageError) -> Response:
    """Show an error as its two texts say it; none holds a personal value."""
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
    shown = page.render("failure.html", title=Text("没有执行", "Not done"), status=status, error=error)
    return page.cookies.put_on(shown)


def broken(page: Page, route: Route, error: Exception) -> Response:
    """Show that the program failed; the error's text goes nowhere, because it may quote a row."""
    log.error("%s %s failed: %s", route.method, route.path, type(error).__name__)
    if isinstance(error, TAKES_NOTHING):
        return failure(page, unanswered())
    told = LinkageError(
        "程序出错，没有完成；原因记在日志里，不含个人信息",
        "the program failed; the log says where, without personal values",
    )
    return page.cookies.put_on(page.render("failure.html", title=Text("出错", "Failed"), status=500, error=told))


async def unknown(request: Request, _: Exception) -> Response:
    """Answer for a path that no page has, or not with this method."""
    error = NotFoundError("没有这个页面", "there is no such page")
    return await run_in_threadpool(failure, bare_page(request.app.state.site, request), error)


async def read_form(request: Request, most: int) -> Form:
    """Read a form of at most so many bytes. Raises LimitError or InputError."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > most:
        raise _too_large(most)
    try:
        found = await Request(request.scope, _bounded(request.receive, most)).form(
            max_files=1, max_fields=FIELDS, max_part_size=min(most, FORM_BYTES)
        )
    except HTTPException:
        raise InputError("表单不完整或格式不对", "the form is incomplete or malformed") from None
    return dict(found)


def _bounded(receive: Receive, most: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise _too_large(most)
        return message

    return counted


def _too_large(most: int) -> LimitError:
    size = f"{most // 1024} KiB" if most < 1 << 20 else f"{most >> 20} MiB"
    return LimitError(f"提交的内容超过 {size}", f"more than {size} were sent")
