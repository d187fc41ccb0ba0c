"""The reviewer's pages as the real program in a real browser, over exported logs: from the timeline to a proof."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from benchmarks.audit_town import SPECS, make_town
from linkage.accounts.book import AccountBook
from linkage.main import main
from tests.browser.conftest import People, Surfer
from tests.browser.serving import serving

PAGES = {
    "timeline": "/",
    "refusals": "/deeds",
    "openings": "/deeds/openings",
    "releases": "/deeds/releases",
    "referrals": "/deeds/referrals",
    "officers": "/deeds/officers",
    "logs": "/logs",
    "exports": "/exports",
}
Open = Callable[[str, People], Surfer]


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what the parties of a town handed to the reviewer, by the command of the guide."""
    out = tmp_path_factory.mktemp("reviewer")
    make_town(out / "town", 30)
    for spec in SPECS:
        words = ["audit", "copy", str(out / "town" / spec.id / "audit"), str(out / spec.id)]
        assert main([*words, "--manifest", str(out / "town" / "ceremony" / "consortium")]) == 0
    return out


def command(folder: Path) -> list[str]:
    logs = [str(folder / spec.id) for spec in SPECS]
    return ["linkage.main", "audit", "serve", *logs, "--manifest", logs[0]]


@pytest.fixture(scope="module")
def address(copies: Path) -> Iterator[str]:
    with serving(command(copies), copies / "serve.log") as found:
        yield found


@pytest.fixture
def surfer(address: str, surf: Open, tmp_path: Path) -> Surfer:
    return surf(address, People(AccountBook(tmp_path, frozenset())))


def test_every_page_is_sound_in_both_languages(surfer: Surfer) -> None:
    for name, path in PAGES.items():
        surfer.open(path)
        surfer.is_sound(f"{name}")
    surfer.press("English")
    for name, path in PAGES.items():
        page = surfer.open(path)
        surfer.is_sound(f"{name}-en")
        assert page.locator("html").get_attribute("lang") == "en"


def test_a_round_opens_where_it_stands_and_gives_the_proof_of_an_entry(surfer: Surfer, tmp_path: Path) -> None:
    page = surfer.open("/")
    first = page.locator("details.card").first
    first.locator("summary").first.click()
    expect(first.locator("h2")).to_have_count(6)
    surfer.is_sound("round-opened")
    first.locator("summary", has_text="日志条目与证明").click()
    with page.expect_download() as waiting:
        first.get_by_role("link", name="的证明").first.click()
    assert waiting.value.suggested_filename.startswith("proof-")
    first.locator(".facts a").first.click()
    page.wait_for_url("**/rounds/*")
    surfer.is_sound("round")


def test_the_keyboard_alone_opens_a_round(surfer: Surfer) -> None:
    page = surfer.open("/")
    page.locator("details.card summary").first.focus()
    page.keyboard.press("Enter")

    expect(page.locator("details.card").first.locator("h2")).to_have_count(6)


def test_a_search_keeps_to_its_choice_on_the_next_page_and_in_the_export(surfer: Surfer) -> None:
    page = surfer.open("/")
    page.select_option("[name=agency]", "cl")
    surfer.press("查找")
    assert "离开 64 行" in page.inner_text("main") and "共 30" in page.inner_text("main")
    page.get_by_role("link", name="下一页").click()
    page.wait_for_url("**page=2*")
    assert page.locator("details.card").count() == 10 and "已选取：残联" in page.inner_text("main")
    surfer.open("/exports?agency=cl")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="处理记录（XLSX）").click()
    assert waiting.value.suggested_filename == "records.xlsx"


def test_a_changed_log_is_shown_with_its_reason(copies: Path, surf: Open, tmp_path: Path) -> None:
    for spec in SPECS:
        shutil.copytree(copies / spec.id, tmp_path / spec.id)
    entries = tmp_path / "mz" / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b'"rows":110', b'"rows":111', 1))
    with serving(command(tmp_path), tmp_path / "serve.log") as address:
        surfer = surf(address, People(AccountBook(tmp_path, frozenset())))
        page = surfer.open("/")
        surfer.is_sound("changed-timeline")
        page.get_by_role("link", name="看原因").click()
        page.wait_for_url("**/logs")
        surfer.is_sound("changed-logs")
        assert "日志不吻合" in page.inner_text("main")
        assert "民政局" in page.locator("tr", has_text="✗").first.inner_text()
