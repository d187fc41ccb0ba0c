"""The pages everybody may open: signing in and out, the language, how long the session lasts, blocked content."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from linkage.accounts.sessions import Sessions, seconds_left
from linkage.errors import LimitError, LinkageError
from linkage.web.cookies import YEAR_SECONDS, CookieCarrier
from linkage.web.page import UNPROCESSABLE, Page
from linkage.web.routes import get, post
from linkage.web.texts import LANGUAGES, Text

TITLE: Final = Text("登录", "Sign in")


def _sessions(page: Page) -> Sessions:
    return replace(page.site.gate.sessions, carrier=CookieCarrier(page.cookies))


def show_sign_in(page: Page) -> Response:
    if page.account is not None:
        return page.redirect("/")
    return page.render("sign_in.html", title=TITLE, error=None)


def sign_in(page: Page) -> Response:
    """Sign in with both factors; a wrong attempt shows the form again and says nothing about which was wrong."""
    name = page.field("name")
    try:
        if not page.site.sign_ins.allows(page.address):  # Checking a password is costly on purpose.
            raise LimitError("登录太频繁，请一分钟后再试", "too many attempts: try again in a minute")
        _sessions(page).sign_in(name, password=str(page.form.get("password", "")), code=page.field("code"))
    except LinkageError as error:
        return page.render("sign_in.html", title=TITLE, status=UNPROCESSABLE, error=error)
    return page.redirect("/")


def sign_out(page: Page) -> Response:
    _sessions(page).sign_out()
    return page.redirect("/sign-in", said=Text("已退出", "Signed out"))


def choose_language(page: Page) -> Response:
    """Keep the language in a cookie and go back to the page it was chosen on."""
    wanted, back = page.field("language"), urlsplit(page.field("back"))
    if wanted in LANGUAGES:
        page.cookies.set("language", wanted, seconds=YEAR_SECONDS)
    here = back.path if back.path.startswith("/") and not back.path.startswith("//") else "/"
    return page.redirect(here + (f"?{back.query}" if back.query else ""))


def session_left(page: Page) -> Response:
    """Say how many seconds the session lasts, for the page to lock itself; asking does not prolong it."""
    if page.account is None:
        return JSONResponse({"left": None if page.site.is_exercise else 0})
    return JSONResponse({"left": max(0, seconds_left(page.account, page.site.gate.sessions.clock()))})


OPEN_ROUTES: Final = (
    get("/sign-in", "accounts.sign_in", show_sign_in, live=True),
    post("/sign-in", "accounts.sign_in", sign_in),
    post("/sign-out", "accounts.sign_out", sign_out),
    post("/language", "accounts.whoami", choose_language),
    get("/session", "accounts.whoami", session_left, live=True),
)


def count_violations(request: Request) -> Response:
    """Answer how often browsers said that the content security policy blocked something here."""
    return JSONResponse({"violations": request.app.state.site.violations})


async def note_violation(request: Request) -> Response:
    """Count one report; its content is not read, because it quotes addresses."""
    request.app.state.site.violations += 1
    return Response(status_code=204)
