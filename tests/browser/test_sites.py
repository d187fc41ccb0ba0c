"""Both sites as real programs in a real browser: sign in, forbidden pages, languages, the end of a session."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agency_node.rights import ROLES as AGENCY_ROLES
from linkage.accounts.book import AccountBook
from linkage.accounts.sessions import IDLE_SECONDS
from linkage.keys.quickstart import PartySpec, quickstart
from procuratorate_node.rights import ROLES as PROCURATORATE_ROLES
from tests.browser.conftest import People, Surfer
from tests.browser.serving import served

PARTIES = [
    PartySpec("coordinator", "链接单元", "coordinator"),
    PartySpec("procuratorate", "云桥县检察院", "procuratorate", ("parties",)),
    PartySpec("civil", "云桥县民政局", "agency", ("dibao",)),
]
NODES = {
    "agency": (
        "agency_node",
        "civil",
        AGENCY_ROLES,
        '[agency]\nstate = "."\ncoordinator = "localhost:1"\ndata = "."\n',
    ),
    "procuratorate": (
        "procuratorate_node.command",
        "procuratorate",
        PROCURATORATE_ROLES,
        '[node]\nstate = "."\ncoordinator = "localhost:1"\n[cases]\nfolder = "cases"\n',
    ),
}
Open = Callable[[str, People], Surfer]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sites")
    quickstart(out, consortium="c", parties=PARTIES, now=datetime.now(UTC), random_bytes=os.urandom)
    return out


@pytest.fixture(scope="module", params=NODES)
def site(request: pytest.FixtureRequest, folder: Path) -> Iterator[tuple[str, People]]:
    """Yield a running site's address and its people: one for every role, named like it."""
    module, party, roles, text = NODES[request.param]
    config = folder / party / "node.toml"
    config.write_text(text, "utf-8")
    people = People(AccountBook(folder / party, roles))
    for role in sorted(roles):
        people.add(role, role)
    with served(module, config, folder / f"{request.param}.log") as address:
        yield address, people


def test_a_person_signs_in_changes_the_language_and_leaves(site: tuple[str, People], surf: Open) -> None:
    surfer = surf(*site)
    surfer.open("/")
    surfer.is_sound("sign-in")
    page = surfer.sign_in("auditor")
    surfer.is_sound("home")
    assert page.locator("html").get_attribute("lang") == "zh-CN" and "审计员" in page.inner_text("header")
    surfer.press("English")
    surfer.is_sound("home-en")
    assert page.locator("html").get_attribute("lang") == "en" and "auditor" in page.inner_text("header")
    surfer.sign_out()

    surfer.open("/")
    assert page.url.endswith("/sign-in")


def test_a_session_that_has_idled_out_returns_to_sign_in(site: tuple[str, People], surf: Open) -> None:
    surfer = surf(*site)
    page = surfer.sign_in("approver")
    people = site[1]
    people.book.change("approver", lambda account: replace(account, seen_at=account.seen_at - IDLE_SECONDS - 1))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_url("**/sign-in")

    surfer.open("/")
    assert page.url.endswith("/sign-in")


def test_no_other_page_can_frame_or_script_ours(site: tuple[str, People], surf: Open) -> None:
    surfer = surf(*site)
    page = surfer.open("/sign-in")
    ran = page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
        " document.body.append(s); return window.ran === 1; }"
    )

    assert ran is False
