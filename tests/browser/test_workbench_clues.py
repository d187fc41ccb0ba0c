"""A clue in a real browser over the real program: from the list by keyboard to the letter, and who is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from linkage.accounts.book import AccountBook
from procuratorate_node.rights import ROLES
from tests.browser.conftest import People, Surfer
from tests.browser.serving import served
from tests.procuratorate_node.workbench.clues.office import (
    ASKS,
    MARKED,
    OTHER,
    PEOPLE,
    SECRET,
    SIGNS,
    SmallOffice,
    make_office,
)

Open = Callable[[str, People], Surfer]
ANSWERS = {"scope-1": "yes", "scope-2": "yes", "art7-3": "yes"} | {f"art8-{n}": "no" for n in range(1, 7)}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    return make_office(tmp_path_factory.mktemp("workbench"))


@pytest.fixture(scope="module")
def site(office: SmallOffice, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, People]]:
    log = tmp_path_factory.mktemp("log") / "workbench.log"
    people = People(AccountBook(office.file.parent, ROLES), dict.fromkeys([*ROLES, *PEOPLE], SECRET))
    with served("procuratorate_node.command", office.file, log) as address:
        yield address, people


def follow(surfer: Surfer, label: str, *, fill: dict[str, str] | None = None, last: str = "") -> None:
    """Open the button's form, fill it in and send it."""
    part = surfer.page.locator("details.confirm", has=surfer.page.locator("summary", has_text=label)).first
    part.locator("summary").click()
    for name, value in (fill or {}).items():
        part.locator(f"[name={name}]").fill(value)
    part.get_by_role("button", name=last or label, exact=True).click()
    surfer.page.wait_for_load_state()


def names_in(surfer: Surfer) -> list[str]:
    return [text for text in MARKED if text in surfer.page.content()]


def test_a_clue_goes_from_the_list_to_the_letter(site: tuple[str, People], surf: Open, office: SmallOffice) -> None:
    clue = office.clues[0].clue_id
    asks, signs = surf(*site), surf(*site)
    asks.sign_in(ASKS)
    signs.sign_in(SIGNS)
    confirm_by_keyboard(asks, clue)
    open_by_two(asks, signs, clue)
    give_amount(asks, signs, clue)
    refer(asks, signs, clue)


def confirm_by_keyboard(asks: Surfer, clue: str) -> None:
    page = asks.open("/clues?sort=colour&model=SX-1")
    asks.is_sound("clues-list")
    page.keyboard.press("j")
    assert page.locator("tr[aria-selected=true] a").first.inner_text() == clue
    page.keyboard.press("c")
    page.wait_for_url(f"**/clues/{clue}#f-reason-confirm")
    page.locator("#f-reason-confirm").wait_for(state="visible")
    page.get_by_role("button", name="确认", exact=True).click()
    page.get_by_text("线索已确认").wait_for()
    asks.is_sound("clue")
    asks.open(f"/clues/{clue}/papers")
    asks.is_sound("clue-papers")
    asks.open(f"/clues/{clue}/person/1")
    asks.is_sound("clue-person")
    assert names_in(asks) == []


def open_by_two(asks: Surfer, signs: Surfer, clue: str) -> None:
    page = asks.open(f"/clues/{clue}")
    follow(asks, "申请还原身份", fill={"reason": "告知权利"})
    assert page.get_by_role("button", name="批准还原").count() == 0
    signs.open(f"/clues/{clue}")
    signs.is_sound("clue-to-approve")
    assert names_in(signs) == []
    follow(signs, "批准还原")
    signs.page.wait_for_url(f"**/clues/{clue}/people")
    signs.is_sound("clue-people")
    assert "李晓梅" in names_in(signs) and SIGNS in signs.page.locator(".watermark").first.inner_text()
    asks.open(f"/clues/{clue}/papers/1/1")
    page.locator("img.sheet").wait_for(state="visible")
    assert page.evaluate("document.querySelector('img.sheet').naturalWidth") > 500
    asks.is_sound("clue-sheet")


def give_amount(asks: Surfer, signs: Surfer, clue: str) -> None:
    _propose(asks, clue)
    signs.open(path_of(asks))
    signs.is_sound("award-to-decide")
    follow(signs, "以职务批准", last="批准")
    follow(signs, "决定", fill={"reason-peers": "伤情较轻"})
    assert "决定金额" in signs.page.inner_text("main")
    signs.is_sound("award-decided")


def refer(asks: Surfer, signs: Surfer, clue: str) -> None:
    page = asks.open(f"/clues/{clue}/referrals")
    asks.is_sound("referral-suggestions")
    asks.open(f"/clues/{clue}/referrals/new?service=temporary&person=1")
    asks.is_sound("referral-form")
    asks.press("拟稿")
    page.wait_for_url("**/referrals/*")
    asks.is_sound("referral-draft")
    assert names_in(asks) == []
    signs.open(path_of(asks))
    follow(signs, "批准")
    page.reload()
    follow(asks, "发出")
    asks.is_sound("referral-sent")
    with page.expect_download() as letter:
        follow(asks, "下载函件")
    assert Path(letter.value.path()).stat().st_size > 5000


def path_of(surfer: Surfer) -> str:
    return "/" + surfer.page.url.removeprefix(surfer.address)


def _propose(surfer: Surfer, clue: str) -> None:
    page = surfer.open(f"/clues/{clue}/amount")
    for name, value in {"case_type": "criminal_injury", "harm": "2", "fault": "none", "tier": "serious"}.items():
        page.select_option(f"[name={name}]", value)
    page.fill("[name=award]", "50000")
    for code, answer in ANSWERS.items():
        page.select_option(f"[name=item-{code}]", answer)
    surfer.press("计算")
    surfer.is_sound("amount")
    surfer.press("按此提出建议")
    page.wait_for_url(re.compile("/awards/"))


def test_the_two_person_rule_and_foreign_roles_are_refused(
    site: tuple[str, People], surf: Open, office: SmallOffice
) -> None:
    clue = office.fresh()
    surfer = surf(*site)
    surfer.sign_in(OTHER)
    page = surfer.open(f"/clues/{clue}")
    follow(surfer, "确认")
    follow(surfer, "申请还原身份", fill={"reason": "告知权利"})
    opening = office.node.desk.openings(clue)[0].opening_id
    token = page.locator("input[name=csrf]").first.input_value()
    refused = page.request.post(f"{site[0]}openings/{opening}/approve", form={"csrf": token})
    assert refused.status == 403 and "李晓梅" not in refused.text()
    surfer.sign_out()

    surfer.sign_in("auditor")
    assert page.get_by_role("link", name="线索", exact=True).count() == 0
    surfer.open(f"/clues/{clue}")
    surfer.is_sound("clue-refused")
    assert "无权执行" in page.inner_text("main")


def test_pages_are_sound_in_english_and_when_empty(site: tuple[str, People], surf: Open, office: SmallOffice) -> None:
    clue = office.clues[1].clue_id
    surfer = surf(*site)
    surfer.sign_in(OTHER)
    surfer.open("/clues?status=closed")
    surfer.is_sound("clues-empty")
    surfer.press("English")
    surfer.open("/clues?status=all&sort=due")
    surfer.is_sound("clues-list-en")
    for name in ("papers", "referrals", "person/1", "amount"):
        surfer.open(f"/clues/{clue}/{name}")
        surfer.is_sound(f"clue-{name.partition('/')[0]}-en")
    surfer.open(f"/clues/{clue}").keyboard.press("r")
    surfer.page.locator("#f-reason-reject").wait_for(state="visible")
    surfer.is_sound("clue-reject-en")
    follow(surfer, "Note", fill={"reason": "called"}, last="Write the note")
    surfer.is_sound("clue-en")
