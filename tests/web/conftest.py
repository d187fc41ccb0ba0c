"""A small site with real accounts and a real book, a clock that can be moved, and a visitor without a browser."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from httpx import Response as Answer
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient

from linkage.accounts.book import Account, AccountBook
from linkage.accounts.carriers import FileCarrier
from linkage.accounts.desk import ADMINISTRATORS
from linkage.accounts.desk import RIGHTS as ACCOUNT_RIGHTS
from linkage.accounts.gate import Gate, Rights, roles
from linkage.accounts.proofs import code_at, hash_password
from linkage.accounts.sessions import Sessions
from linkage.errors import InputError
from linkage.keys.canonical import JSON
from linkage.web.page import Page
from linkage.web.routes import Section, get, post
from linkage.web.site import Site
from linkage.web.texts import Text

PASSWORD = "正确的马电池订书钉-42"
HASHED = hash_password(PASSWORD, os.urandom)  # Once: it is slow on purpose.
SECRET = bytes(range(20))
TITLES = {**ADMINISTRATORS, "clerk": ("经办人", "clerk"), "chief": ("科长", "chief")}
ROLES = roles("clerk", "chief")
RIGHTS: Rights = {**ACCOUNT_RIGHTS, "pages.home": ROLES, "look": ROLES, "sign": roles("chief")}


def home(page: Page) -> Response:
    return page.render("failure.html", title=Text("首页", "Start"), error=InputError("中文<b>", "English <b>"))


def act(page: Page) -> Response:
    done.append((page.officer, page.field("word"), "file" in page.form))
    return page.redirect("/", said=Text("办好了", "Done it"))


def crash(page: Page) -> Response:
    raise ValueError("张三 11010119900101123X")


def without_database(page: Page) -> Response:
    raise sa.exc.OperationalError("SELECT name", {"name": "张三"}, Exception("the connection was closed"))


done: list[tuple[str, str, bool]] = []
SECTION = Section(
    Text("首页", "Start"),
    get("/", "pages.home", home),
    get("/look", "look", lambda page: PlainTextResponse(page.officer)),
    get("/watch", "look", lambda page: PlainTextResponse("seen"), live=True),
    get("/crash", "look", crash),
    get("/without-database", "look", without_database),
    post("/look", "look", act),
    post("/sign", "sign", act),
    post("/unlisted", "unheard-of", act),
    post("/large", "look", act, body=1 << 20),
)


@dataclass(slots=True)
class Desk:
    """One site, its clock and its audit entries."""

    state: Path
    single_user: bool = False
    moment: datetime = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
    entries: list[tuple[str, Mapping[str, JSON]]] = field(default_factory=list)

    @property
    def book(self) -> AccountBook:
        return AccountBook(self.state, frozenset(TITLES))

    def site(self) -> Site:
        def record(kind: str, facts: Mapping[str, JSON]) -> None:
            self.entries.append((kind, facts))

        sessions = Sessions(self.book, FileCarrier(self.state / "session"), record, lambda: self.moment, os.urandom)
        gate = Gate(RIGHTS, self.book, sessions, record, self.single_user, TITLES)
        return Site(Text("试验站", "Trial site"), "civil", "民政局", gate, (SECTION,), "linkage.web")

    def add(self, name: str, role: str) -> None:
        self.book.add(Account(name, role, HASHED, SECRET.hex()))

    def later(self, **span: float) -> None:
        self.moment += timedelta(**span)

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.entries]


@dataclass(slots=True)
class Visitor:
    """Somebody at a browser: keeps cookies, follows no redirect by itself, sends forms with the page's own token."""

    desk: Desk
    client: TestClient
    site: Site

    def get(self, path: str, **headers: str) -> Answer:
        answer: Answer = self.client.get(path, headers=headers)
        return answer

    def post(self, path: str, *, headers: Mapping[str, str] | None = None, **fields: str) -> Answer:
        data = {"csrf": self.token(), **fields}
        answer: Answer = self.client.post(path, data=data, headers=dict(headers or {}))
        return answer

    def token(self) -> str:
        page = self.client.get("/sign-in", follow_redirects=True).text
        found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
        assert found
        return found[1]

    def sign_in(self, name: str, *, password: str = PASSWORD, code: str | None = None) -> Answer:
        """Sign in, by default with what is right and a code that was not used yet."""
        self.desk.later(seconds=60)
        return self.post("/sign-in", name=name, password=password, code=code or code_at(SECRET, self.desk.moment))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    done.clear()
    return Desk(tmp_path)


@pytest.fixture
def acts() -> list[tuple[str, str, bool]]:
    """Return what the site's forms did: (officer, word, whether there was a file)."""
    return done


@pytest.fixture
def arrive(desk: Desk) -> Iterator[Callable[[], Visitor]]:
    """Return what brings one more visitor, with cookies of their own, to the same site."""
    site = desk.site()

    def arrived(**options: Any) -> Visitor:
        client = TestClient(site.application(), base_url="https://127.0.0.1", follow_redirects=False, **options)
        return Visitor(desk, client, site)

    yield arrived


@pytest.fixture
def visitor(arrive: Callable[[], Visitor], desk: Desk) -> Visitor:
    """Return a visitor to a site with one clerk's account, not signed in."""
    desk.add("甲", "clerk")
    return arrive()
