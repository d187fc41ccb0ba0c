"""Pictures of every page in both languages, on screen and on paper: `python -m tests.browser.pictures OUT [--renew]`.

The browser tests bring every page about over real programs, and with LINKAGE_PICTURES set keep each one they look at.
This runs them so, and tells which routes of the three sites no picture shows. `--renew` renews docs/images from them.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize

from agency_node.console import SECTIONS as CONSOLE
from linkage.review.serving import SECTIONS as REVIEW
from linkage.web.routes import Section
from procuratorate_node.workbench import SECTIONS as WORKBENCH

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = "LINKAGE_PICTURES"
SCREEN: Final[ViewportSize] = {"width": 1366, "height": 768}
PAPER: Final[ViewportSize] = {"width": 680, "height": 962}  # A4 within margins of 15 mm, at 96 dots an inch.
WIDER: Final = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
SEEN: Final = "seen.txt"
SITES: Final[dict[str, tuple[tuple[str, str], tuple[Section, ...]]]] = {
    "console": (("数据单位控制台", "Agency console"), CONSOLE),
    "workbench": (("检察官工作台", "Prosecutor's workbench"), WORKBENCH),
    "reviewer": (("审查人页面", "Reviewer's view"), REVIEW),
}
NO_PAGE: Final = re.compile(r"\{suffix\}$|\.(html|xlsx|csv)$|/(rejects|image|open)$|/proof/|/files/")  # Sent as a file.
COLOURS: Final = 64
# What the README and the guides show, and the picture it is made of.
SHOWN: Final = {
    "console-home": "console-home-operator",
    "console-import": "console-import-columns",
    "console-receipts": "console-receipts",
    "console-warrant": "console-warrant",
    "reviewer-changed": "reviewer-changed-logs",
    "reviewer-rounds": "reviewer-round-opened",
    "workbench-amount": "workbench-amount",
    "workbench-clue": "workbench-clue",
    "workbench-clues": "workbench-clues-list",
    "workbench-referral": "workbench-referral-draft",
    "workbench-round": "workbench-round-delivered",
    "workbench-screening": "workbench-screening-preview",
}


def take(page: Page, name: str) -> None:
    """Keep a page, and the same in English, in the folder that LINKAGE_PICTURES names, if it does."""
    if not os.environ.get(FOLDER):
        return
    folder = Path(os.environ[FOLDER])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / SEEN).open("a", encoding="utf-8") as seen:
        print(_site(page), urlsplit(page.url).path, file=seen)
    target = folder / f"{_site(page)}-{name}"
    _shoot(page, target)
    browser = page.context.browser
    if browser is not None and page.locator("html").get_attribute("lang") != "en":
        _shoot_in_english(browser, page, target)


def _site(page: Page) -> str:
    title = page.locator(".site a").inner_text()
    return next(name for name, (words, _) in SITES.items() if title in words)


def _shoot_in_english(browser: Browser, page: Page, target: Path) -> None:
    """Open the same address in a window of its own, which leaves the test's page as it is."""
    context = browser.new_context(viewport=SCREEN, storage_state=page.context.storage_state())
    twin = context.new_page()
    answer = twin.goto(page.url)
    if answer and answer.status in (200, 403):
        twin.click("button[name=language]")
        twin.wait_for_load_state("networkidle")
        _shoot(twin, target)
    context.close()


def _shoot(page: Page, target: Path) -> None:
    language = page.locator("html").get_attribute("lang")
    page.screenshot(path=f"{target}.{language}.png", full_page=True)
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    assert not page.evaluate(WIDER), f"{target.name}.{language} is wider than the paper"
    page.screenshot(path=f"{target}.{language}.paper.png", full_page=True)
    page.pdf(path=f"{target}.{language}.pdf", format="A4", prefer_css_page_size=True)
    page.set_viewport_size(SCREEN)
    page.emulate_media(media="screen")


def untaken(seen: str) -> Iterator[str]:
    """Yield the pages of the three sites that no line of SEEN shows."""
    for site, (_, sections) in SITES.items():
        taken = [line.split()[1] for line in seen.splitlines() if line.startswith(site)]
        for route in (route for section in sections for route in section.routes):
            is_page = route.method == "GET" and not route.live and not NO_PAGE.search(route.path)
            shape = re.compile(re.sub(r"\{\w+\}", "[^/]+", route.path))
            if is_page and not any(shape.fullmatch(path) for path in taken):
                yield f"{site} {route.path}"


def renew(pictures: Path) -> None:
    """Make the documents' images of these: what a screen of 1366×768 shows, in few colours."""
    for shown, name in SHOWN.items():
        with Image.open(pictures / f"{name}.zh-CN.png") as picture:
            screen = picture.convert("RGB").crop((0, 0, SCREEN["width"], SCREEN["height"]))
        screen.quantize(COLOURS, dither=Image.Dither.NONE).save(ROOT / f"docs/images/{shown}.png", optimize=True)


def main(argv: list[str]) -> int:
    """Take every picture; 1 when a test failed or a page has no picture."""
    folder = Path(argv[0])
    os.environ[FOLDER] = str(folder)
    failed = pytest.main(["-q", str(ROOT / "tests" / "browser")])
    without = list(untaken((folder / SEEN).read_text("utf-8")))
    print("\n".join(f"没有图片 no picture: {page}" for page in without))
    if "--renew" in argv:
        renew(folder)
    return 1 if failed or without else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
