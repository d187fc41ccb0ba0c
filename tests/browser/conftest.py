"""A real Chromium on the machine, and what every browser test asks of a page: sign in, no axe violations, a picture."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Cookie, Page, sync_playwright
from pypdfium2 import PdfDocument

from linkage.accounts.book import Account, AccountBook
from linkage.accounts.proofs import SECRET_BYTES, STEP_SECONDS, code_at, hash_password
from tests.browser.pictures import PAPER, SCREEN, WIDER, take

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
AXE = Path(__file__).with_name("vendor") / "axe.min.js"
PASSWORD = "正确的马电池订书钉-42"
HASHED = hash_password(PASSWORD, os.urandom)  # Once: it is slow on purpose.
WAIT_MS = 60_000
MINUTES = 480_000  # Milliseconds for what real programs do on a slow machine.


def browser_on_this_machine() -> str:
    """Return the browser's path, "" for none."""
    named = os.environ.get("LINKAGE_BROWSER", "")
    return named or next((found for name in BROWSERS if (found := shutil.which(name))), "")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the machine's Chromium; without one the tests are skipped, but in CI they fail."""
    path = browser_on_this_machine()
    if not path:
        absent = pytest.fail if os.environ.get("CI") else pytest.skip
        absent("no Chromium on this machine: install one, or name it in LINKAGE_BROWSER")
    with sync_playwright() as playwright:
        # Inside a container there is no user namespace for Chromium's own sandbox.
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@dataclass(slots=True)
class People:
    """The accounts of one node, with what their devices hold; `used` keeps a code from being tried twice.

    `sessions` are the cookies of those who signed in: a second code of one person would take half a minute.
    """

    book: AccountBook
    secrets: dict[str, bytes] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    sessions: dict[str, list[Cookie]] = field(default_factory=dict)

    def add(self, name: str, role: str) -> None:
        self.secrets[name] = os.urandom(SECRET_BYTES)
        self.book.add(Account(name, role, HASHED, self.secrets[name].hex()))

    def code(self, name: str) -> str:
        """Return the code of now; waits for the next one when this one was used."""
        while int(time.time()) // STEP_SECONDS <= self.used.get(name, 0):
            time.sleep(0.5)
        self.used[name] = int(time.time()) // STEP_SECONDS
        return code_at(self.secrets[name], datetime.now(UTC))


@dataclass(slots=True)
class Surfer:
    """One person at one browser window on one site."""

    page: Page
    address: str
    people: People

    @property
    def path(self) -> str:
        return "/" + self.page.url.removeprefix(self.address)

    def open(self, path: str) -> Page:
        self.page.goto(self.address.rstrip("/") + path)
        return self.page

    def sign_in(self, name: str) -> Page:
        """Go on with this person's session; where there is none, or it has ended, sign in by the form."""
        context = self.page.context
        context.add_cookies(self.people.sessions.get(name, []))  # type: ignore[arg-type]  # What `cookies` gave.
        self.open("/")
        if "/sign-in" in self.page.url:
            self._fill_in(name)
            self.people.sessions[name] = [c for c in context.cookies() if c["name"].endswith("-session")]
        return self.page

    def _fill_in(self, name: str) -> None:
        self.page.fill("[name=name]", name)
        self.page.fill("[name=password]", PASSWORD)
        self.page.fill("[name=code]", self.people.code(name))
        self.page.click("main button")
        self.page.wait_for_url(re.compile(r"/$"))

    def sign_out(self) -> None:
        self.page.click("header form[action='/sign-out'] button")
        self.page.wait_for_url(re.compile("/sign-in$"))

    def press(self, words: str) -> None:
        """Press the button with exactly these words and wait for the page that follows."""
        self.page.get_by_role("button", name=words, exact=True).click()
        self.page.wait_for_load_state()

    def confirm(self, words: str, *, last: str = "", **fields: str) -> None:
        """Open what the button with these words (and its key) asks, fill it in, and press the button inside."""
        summary = self.page.locator("summary", has_text=re.compile(rf"^\s*{re.escape(words)}(\s+\w)?\s*$"))
        box = self.page.locator("details.confirm", has=summary).first
        box.locator("summary").click()
        for name, value in fields.items():
            box.locator(f"[name={name}]").fill(value)
        box.get_by_role("button", name=last or words, exact=True).click()
        self.page.wait_for_load_state()

    def reload_until(self, words: str) -> None:
        """Load the page again until it shows these words: what other programs send takes its time."""
        for _ in range(MINUTES // 500):
            if words in self.page.inner_text("main"):
                return
            self.page.wait_for_timeout(500)
            self.page.reload()
        raise AssertionError(self.page.inner_text("main"))

    def violations(self) -> list[str]:
        """Return axe's serious and critical findings on the page as it is, each with where."""
        self.page.evaluate(AXE.read_text("utf-8"))  # The policy of the page binds its own scripts, not the debugger's.
        found = self.page.evaluate("async () => (await axe.run({resultTypes: ['violations']})).violations")
        return [
            f"{rule['id']}: {node['html'][:200]}"
            for rule in found
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"]
        ]

    def overflows(self) -> bool:
        """Tell whether the page is wider than the screen."""
        return bool(self.page.evaluate(WIDER))

    def overflows_on_paper(self) -> bool:
        self.page.emulate_media(media="print")
        self.page.set_viewport_size(PAPER)
        found = self.overflows()
        self.page.set_viewport_size(SCREEN)
        self.page.emulate_media(media="screen")
        return found

    def sheets(self) -> list[str]:
        """Return the text of each sheet of paper the page is printed on."""
        self.page.emulate_media(media="print")
        printed = self.page.pdf(format="A4", prefer_css_page_size=True)
        self.page.emulate_media(media="screen")
        with PdfDocument(printed) as paper:
            return [sheet.get_textpage().get_text_bounded() for sheet in paper]

    def is_sound_on_paper(self, name: str) -> None:
        """Assert that each sheet says what it is of and which of how many, and that none says nothing else."""
        running = self.page.locator("html").get_attribute("data-running") or ""
        sheets = self.sheets()
        for number, text in enumerate(sheets, 1):
            foot = (running, f"{number} / {len(sheets)}")
            assert (name, number, [words in text for words in foot]) == (name, number, [True, True]), text
            assert text.replace(foot[0], "").replace(foot[1], "").strip(), f"{name}: nothing on sheet {number}"

    def blocked(self) -> int:
        """Return how often the content security policy blocked something on this site."""
        # A connection kept open would be found closed by the server after five seconds without a request.
        asked = self.page.request.get(self.address + "csp-report", headers={"Connection": "close"})
        return int(asked.json()["violations"])

    def is_sound(self, name: str) -> None:
        """Assert of every page: no serious axe finding, nothing blocked, nothing wider than the screen or the paper."""
        take(self.page, name)
        assert (name, self.violations()) == (name, [])
        self.is_sound_on_paper(name)
        assert (name, self.overflows(), self.overflows_on_paper(), self.blocked()) == (name, False, False, 0)


@pytest.fixture
def surf(browser: Browser) -> Iterator[Callable[[str, People], Surfer]]:
    """Return what opens one more window, with cookies of its own, at an address."""
    contexts: list[BrowserContext] = []

    def opened(address: str, people: People) -> Surfer:
        context = browser.new_context(viewport=SCREEN, locale="zh-CN")
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        return Surfer(context.new_page(), address, people)

    yield opened
    for context in contexts:
        context.close()
