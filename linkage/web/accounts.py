"""The accounts of a node, for its security administrator: the pages of the `accounts` commands."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from markupsafe import Markup
from starlette.responses import Response

from linkage.accounts.book import Account
from linkage.accounts.desk import AccountDesk
from linkage.accounts.picture import page_picture
from linkage.accounts.proofs import typed_secret
from linkage.web.page import Page
from linkage.web.routes import Section, get, post
from linkage.web.texts import Text

TITLE = Text("账户", "Accounts")


def show(page: Page) -> Response:
    now = page.site.gate.sessions.clock()
    rows = [
        (account, account.is_locked(now), datetime.fromtimestamp(account.seen_at, UTC) if account.seen_at else None)
        for account in page.site.gate.book.all()
    ]
    return page.render("accounts.html", title=TITLE, rows=rows)


def add(page: Page) -> Response:
    name, role = page.needed("name", Text("账户名", "account")), page.needed("role", Text("角色", "role"))
    return _shown_once(page, _desk(page).add(name, role, _password(page), by=page.officer))


def reset(page: Page) -> Response:
    name = page.needed("name", Text("账户名", "account"))
    return _shown_once(page, _desk(page).reset(name, _password(page), by=page.officer))


def disable(page: Page) -> Response:
    _desk(page).disable(page.needed("name", Text("账户名", "account")), by=page.officer)
    return page.redirect("/accounts", said=Text("已停用", "Disabled"))


def unlock(page: Page) -> Response:
    _desk(page).unlock(page.needed("name", Text("账户名", "account")), by=page.officer)
    return page.redirect("/accounts", said=Text("已解锁", "Unlocked"))


def _desk(page: Page) -> AccountDesk:
    gate = page.site.gate
    return AccountDesk(gate.book, gate.record, page.site.party_name, os.urandom)


def _password(page: Page) -> str:
    return str(page.form.get("password", ""))


def _shown_once(page: Page, account: Account) -> Response:
    """Show the second factor on the answer itself: it must be on no page that can be opened again."""
    uri = _desk(page).enrolment(account)
    return page.render(
        "enrolment.html",
        title=Text("动态码密钥", "Second factor"),
        name=account.name,
        uri=uri,
        picture=Markup(page_picture(uri)),
        typed=typed_secret(bytes.fromhex(account.secret)),
    )


SECTION = Section(
    TITLE,
    get("/accounts", "accounts.list", show),
    post("/accounts/add", "accounts.add", add),
    post("/accounts/reset", "accounts.reset", reset),
    post("/accounts/disable", "accounts.disable", disable),
    post("/accounts/unlock", "accounts.unlock", unlock),
)
