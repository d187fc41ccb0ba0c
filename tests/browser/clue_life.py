"""What officers do with a clue of a real round, page by page: from the list by keyboard to the follow-up."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Surfer

MODEL = "SX-3"
SERVICE, SERVICE_TITLE = "rehabilitation", "辅具适配、康复、托养"  # Of the one office that takes part.
ANSWERS = {"scope-1": "yes", "scope-2": "yes", "art7-3": "yes"} | {f"art8-{n}": "no" for n in range(1, 7)}
FACTS = {"case_type": "criminal_injury", "harm": "2", "fault": "none", "tier": "serious"}
PERSONAL = ("姓名", "公民身份号码")


@dataclass(slots=True)
class Life:
    """Who asks, who approves and who is never let in, the clue they meet at, and what was shown before its opening."""

    asks: Surfer
    signs: Surfer
    auditor: Surfer
    clue: str = ""
    masked: list[str] = field(default_factory=list)

    @property
    def at(self) -> str:
        return f"/clues/{self.clue}"

    def look(self, surfer: Surfer, name: str) -> None:
        """Look at a page that must name nobody."""
        surfer.is_sound(name)
        self.masked.append(surfer.page.inner_text("body"))


def confirmed_by_keyboard(life: Life) -> None:
    """Choose the first clue that the papers of its case speak of, look at its pages, confirm it."""
    asks = life.asks
    page = asks.open(f"/clues?sort=due&model={MODEL}&verdict=yes")
    life.look(asks, "clues-list")
    clues = page.locator("table.keys td a.code").all_inner_texts()
    life.clue = next(clue for clue in clues if asks.open(f"/clues/{clue}/papers").locator("mark").count())
    life.look(asks, "clue-papers")
    asks.open(f"{life.at}/person/1")
    life.look(asks, "clue-person")
    asks.open(f"/clues?sort=due&model={MODEL}&verdict=yes")
    for _ in range(clues.index(life.clue) + 1):
        page.keyboard.press("j")
    assert page.locator("tr[aria-selected=true] a.code").inner_text() == life.clue
    page.keyboard.press("r")
    page.locator("#f-reason-reject").wait_for(state="visible")
    life.look(asks, "clue-reject")
    page.go_back()
    page.locator("table.keys").wait_for()
    for _ in range(clues.index(life.clue) + 1):
        page.keyboard.press("j")
    page.keyboard.press("c")
    page.wait_for_url(f"**{life.at}#f-reason-confirm")
    page.locator("#f-reason-confirm").wait_for(state="visible")
    page.get_by_role("button", name="确认", exact=True).click()
    page.get_by_text("线索已确认").wait_for()
    life.look(asks, "clue")


def opened_by_two(life: Life) -> None:
    """Ask to open it; neither who asked nor a foreign role may approve; the other person does."""
    asks, signs = life.asks, life.signs
    page = asks.open(life.at)
    asks.confirm("申请还原身份", reason="告知权利")
    assert page.get_by_role("button", name="批准还原").count() == 0
    signs.open(life.at)
    life.look(signs, "clue-to-approve")
    opening = str(signs.page.locator("form[action$='/approve']").get_attribute("action"))
    life.auditor.open(life.at)
    life.look(life.auditor, "clue-refused")
    assert "无权执行" in life.auditor.page.inner_text("main")
    assert [_posted(surfer, opening) for surfer in (asks, life.auditor)] == [403, 403]
    assert asks.page.request.get(asks.address.rstrip("/") + f"{life.at}/people").status != 200

    signs.confirm("批准还原")
    signs.page.wait_for_url(f"**{life.at}/people")
    signs.is_sound("clue-people")
    assert "检察官乙" in signs.page.locator(".watermark").first.inner_text()
    for title in PERSONAL:
        value = signs.page.locator("dl.facts div", has_text=title).first.locator("dd").inner_text()
        assert len(value) > 1 and [text for text in life.masked if value in text] == []
    links = asks.open(f"{life.at}/papers").locator("tbody a")
    sheets = links.evaluate_all("all => all.map(one => one.getAttribute('href'))")
    asks.open(next(sheet for sheet in sheets if asks.open(sheet).locator("img.sheet").count()))
    page.locator("img.sheet").wait_for(state="visible")
    assert page.evaluate("document.querySelector('img.sheet').naturalWidth") > 500
    asks.is_sound("clue-sheet")


def _posted(surfer: Surfer, path: str) -> int:
    """Return what a form answers that this person's pages do not offer."""
    token = surfer.page.locator("input[name=csrf]").first.input_value()
    return surfer.page.request.post(surfer.address.rstrip("/") + path, form={"csrf": token}).status


def aided(life: Life) -> None:
    page = life.asks.open(f"{life.at}/amount")
    for name, value in FACTS.items():
        page.select_option(f"[name={name}]", value)
    page.fill("[name=award]", "50000")
    for code, answer in ANSWERS.items():
        page.select_option(f"[name=item-{code}]", answer)
    life.asks.press("计算")
    life.asks.is_sound("amount")
    life.asks.press("按此提出建议")
    page.wait_for_url(re.compile("/awards/"))
    signs = life.signs
    signs.open(life.asks.path)
    signs.is_sound("award-to-decide")
    signs.confirm("以职务批准", last="批准")
    signs.confirm("决定", **{"reason-peers": "伤情较轻"})
    assert "决定金额" in signs.page.inner_text("main")
    signs.is_sound("award-decided")
    page.reload()
    life.asks.confirm("登记支付", paid_on=f"{datetime.now(UTC):%Y-%m-%d}")
    assert "已登记支付" in page.inner_text("main")
    life.asks.is_sound("award-paid")


def referred(life: Life) -> None:
    """Refer the person to the office, by sealed message and by letter."""
    asks, signs = life.asks, life.signs
    page = asks.open(f"{life.at}/referrals")
    asks.is_sound("referral-suggestions")
    asks.open(f"{life.at}/referrals/new?service={SERVICE}&person=1")
    asks.is_sound("referral-form")
    _leave_out_what_is_missing(page)
    asks.press("拟稿")
    page.wait_for_url(re.compile("/referrals/[^/]+$"))
    asks.is_sound("referral-draft")
    signs.open(asks.path)
    signs.confirm("批准")
    page.reload()
    asks.confirm("发出")
    asks.is_sound("referral-sent")
    with page.expect_download() as letter:
        asks.confirm("下载函件")
    assert Path(letter.value.path()).stat().st_size > 5000


def _leave_out_what_is_missing(page: Page) -> None:
    missing = page.locator("tbody tr", has_text="请补充，或取消勾选").locator("input[type=checkbox]")
    for at in range(missing.count()):
        missing.nth(at).uncheck()


def followed_up(life: Life) -> None:
    """Read what the office did for the person, and note how the person is."""
    life.asks.reload_until("已办结")
    life.asks.is_sound("referral-done")
    page = life.asks.open(life.at)
    life.asks.confirm("回访", reason="已领到辅具，生活改善")
    expect(page.locator("main")).to_contain_text("已回访")
    life.asks.is_sound("clue-followed-up")
    life.asks.open(f"{life.at}/person/1")
    life.asks.is_sound("clue-person-followed-up")


def read_in_english(life: Life) -> None:
    """Look at the clue's pages in the other language, and at a list with nothing in it."""
    asks = life.asks
    asks.open("/clues?status=closed")
    asks.is_sound("clues-empty")
    asks.press("English")
    asks.open("/clues?status=all&sort=due")
    asks.is_sound("clues-list-en")
    for name in ("", "papers", "referrals", "person/1", "amount", "people"):
        asks.open(f"{life.at}/{name}".rstrip("/"))
        asks.is_sound(f"clue-{name.partition('/')[0] or 'page'}-en")
    asks.open(life.at)
    asks.confirm("Note", last="Write the note", reason="called")
    asks.press("中文")
