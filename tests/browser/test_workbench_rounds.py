"""Rounds in a real browser over real programs: request, approval, live round, refusal, restarts, and every no."""

from __future__ import annotations

import io
import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from rich.console import Console

from linkage.accounts.book import AccountBook
from linkage.accounts.sessions import IDLE_SECONDS
from linkage.demo.consortium import APPROVING, OPERATOR, REQUESTING, read_county
from linkage.demo.county import generate_county
from linkage.demo.parties import PROCURATORATE, find_offices
from linkage.demo.processes import Programs
from linkage.demo.running import Running, start_consortium
from linkage.demo.view import View
from procuratorate_node.casefiles.reading import decode
from procuratorate_node.rights import APPROVER, OFFICER, ROLES
from procuratorate_node.warning.file import shipped
from procuratorate_node.workbench import SECTIONS
from tests.browser import clue_life
from tests.browser.conftest import MINUTES, People, Surfer
from tests.browser.serving import ROOT, served
from tests.procuratorate_node.workbench.clues.office import pdf

pytestmark = pytest.mark.slow
Open = Callable[[str, People], Surfer]
OFFICE = "disabled_federation"
MODULE = "procuratorate_node.command"
# What the demonstration's officers may not do, where they are written down, and the office's tables of amounts.
DUTIES = {
    '"request", ': '"request", "assign", "award", ',
    '"approve", "confirm"]': '"approve", "confirm"]\nroles = ["chief_prosecutor"]',
}
ADDED = """
[work]
region = "example"
[[standing]]
id = "monthly"
models = ["SX-3"]
reference = "月度筛查"
every = "month"
expires = 2099-12-31
max_rounds = 12
"""


@dataclass(frozen=True, slots=True)
class City:
    """Linkage unit, one office and the procuratorate as real programs, and who has an account at the last."""

    running: Running
    people: People
    port: int
    out: Path

    @property
    def config(self) -> Path:
        return self.running.files[PROCURATORATE]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    out = tmp_path_factory.mktemp("city")
    generate_county(out / "county", seed=5, population=3000)
    for folder in (out / "county" / "agencies").iterdir():
        if folder.name != OFFICE:
            shutil.rmtree(folder)
    _print_papers(out / "county" / "procuratorate" / "documents")
    (out / "logs").mkdir()
    view = View(Console(file=io.StringIO(), width=120))
    offices = find_offices(out / "county")
    with Programs(out / "logs", {"PYTHONPATH": str(ROOT)}) as programs:
        county = read_county(out / "county")
        running = start_consortium(programs, out / "state", county, offices=offices, by_hand=OFFICE, view=view)
        config = running.files[PROCURATORATE]
        config.write_text(_with_duties(config.read_text("utf-8")) + ADDED, "utf-8")
        people = People(AccountBook(config.parent, ROLES))
        for name, role in {REQUESTING: OFFICER, APPROVING: APPROVER}.items():
            people.add(name, role)
        for role in sorted(ROLES - {OFFICER, APPROVER}):
            people.add(role, role)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        yield City(running, people, port, out)


def _print_papers(documents: Path) -> None:
    """Make PDFs of the papers in plain text, so that they have pages to show."""
    index = documents.with_name("documents_index.csv")
    for paper in documents.rglob("*.txt"):
        paper.with_suffix(".pdf").write_bytes(pdf(decode(paper.read_bytes()).splitlines()))
        paper.unlink()
    index.write_text(index.read_text("utf-8-sig").replace(".txt,", ".pdf,"), "utf-8")


def _with_duties(text: str) -> str:
    for words, more in DUTIES.items():
        text = text.replace(words, more)
    return text


@pytest.fixture(scope="module")
def address(city: City) -> Iterator[str]:
    with served(MODULE, city.config, city.out / "pages.log") as found:
        yield found


@pytest.fixture
def at(city: City, address: str, surf: Open) -> Callable[[str], Surfer]:
    """Return what opens a window with this person signed in."""

    def signed_in(name: str) -> Surfer:
        surfer = surf(address, city.people)
        surfer.sign_in(name)
        return surfer

    return signed_in


def requested(officer: Surfer, *, picture: str = "") -> str:
    """Choose the model, read what will be asked, request; return the round's id."""
    page = officer.open("/screening")
    page.check(f"[name=model-{clue_life.MODEL}]")
    if picture:
        officer.is_sound("screening-choose")
    officer.press("下一步：看要问什么")
    expect(page.locator("#estimate")).to_contain_text("参加比对的本院人员", timeout=MINUTES)
    if picture:
        officer.is_sound("screening-preview")
    page.fill("[name=reference]", "残疾人司法救助专项")
    officer.press("提出申请")
    page.wait_for_url(re.compile(r"/rounds/[0-9a-f]{32}$"))
    return page.url.rpartition("/")[2]


def signed_and_started(officer: Surfer, approver: Surfer, round_id: str, *, picture: str = "") -> None:
    page = approver.open(f"/rounds/{round_id}")
    expect(page.locator("#estimate")).to_contain_text("参加比对的本院人员", timeout=MINUTES)
    if picture:
        approver.is_sound("round-to-approve")
    approver.confirm("批准并签署")
    expect(page.locator("#progress h2 .badge").first).to_have_text("已签署", timeout=MINUTES)
    officer.open(f"/rounds/{round_id}")
    officer.press("启动")


def state_of(page: Page) -> str:
    return page.locator("#progress h2 .badge").first.inner_text()


def test_a_refusal_shows_which_office_and_why(city: City, at: Callable[[str], Surfer]) -> None:
    officer, approver = at(REQUESTING), at(APPROVING)
    round_id = requested(officer, picture="yes")
    expect(officer.page.get_by_text("批准并签署", exact=True)).to_have_count(1)  # The step, not the button.
    approver.open("/")
    approver.is_sound("todo-approver")
    assert round_id in approver.page.content()
    signed_and_started(officer, approver, round_id, picture="yes")
    expect(officer.page.locator("#progress")).to_contain_text("等各单位同意", timeout=MINUTES)
    officer.is_sound("round-waiting")
    _decided(city, "refuse", round_id, "--reason", "本月名册正在更新")

    expect(officer.page.locator("#progress")).to_contain_text("本月名册正在更新", timeout=MINUTES)
    expect(officer.page.locator("#progress")).to_contain_text("残疾人联合会")
    assert state_of(officer.page) == "被拒绝"
    expect(officer.page.locator("#progress tr", has_text="残疾人联合会")).to_contain_text("已拒绝", timeout=MINUTES)
    expect(officer.page.get_by_role("button", name="取消")).to_have_count(0)
    officer.is_sound("round-refused")


def test_a_clue_lives_from_the_request_through_restarts_to_the_follow_up(
    city: City, at: Callable[[str], Surfer], surf: Open
) -> None:
    officer, approver = at(REQUESTING), at(APPROVING)
    round_id = requested(officer)
    signed_and_started(officer, approver, round_id)
    delivered_through_restarts(city, surf, round_id)
    officer.open(f"/rounds/{round_id}")
    officer.is_sound("round-delivered")
    officer.open("/rounds")
    officer.is_sound("rounds")
    officer.open("/")
    officer.is_sound("todo-officer")

    life = clue_life.Life(officer, approver, at("auditor"))
    clue_life.confirmed_by_keyboard(life)
    clue_life.opened_by_two(life)
    clue_life.aided(life)
    clue_life.referred(life)
    helped_by_the_office(city.running, officer)
    clue_life.followed_up(life)
    clue_life.read_in_english(life)


def delivered_through_restarts(city: City, surf: Open, round_id: str) -> None:
    """Stop and start the pages' server and the node while a browser shows the round; the office approves in between."""
    with served(MODULE, city.config, city.out / "second.log", port=city.port) as other:
        # A second server of the same pages, which is then stopped and started again under the browser.
        second = surf(other, city.people)
        second.sign_in(APPROVING)
        live = second.open(f"/rounds/{round_id}")
        expect(live.locator("#progress")).to_contain_text("等各单位同意", timeout=MINUTES)
    expect(live.locator("[data-lost]")).to_be_visible(timeout=MINUTES)
    with served(MODULE, city.config, city.out / "third.log", port=city.port):
        expect(live.locator("[data-lost]")).to_be_hidden(timeout=MINUTES)
        running = city.running
        running.programs.kill(running.program(PROCURATORATE))
        running.start_procuratorate()
        _decided(city, "approve", round_id)
        expect(live.locator("#progress")).to_contain_text("已同意", timeout=MINUTES)
        expect(live.locator("#progress")).to_contain_text("看线索", timeout=MINUTES)
    assert state_of(live) == "已交付"


def helped_by_the_office(running: Running, officer: Surfer) -> None:
    """Let the office take the referral that the officer's page shows, and say what it did."""
    words = _printed(lambda: running.agency(OFFICE, "referrals"), clue_life.SERVICE_TITLE)
    referral = next(line.split()[0] for line in words.splitlines() if clue_life.SERVICE_TITLE in line)
    running.agency(OFFICE, "referral-update", referral, "ACCEPTED", "--by", OPERATOR)
    officer.reload_until("已受理")
    done = ["--item", "辅具适配", "--date", f"{datetime.now(UTC):%Y-%m-%d}"]
    running.agency(OFFICE, "referral-update", referral, "DONE", *done, "--by", OPERATOR)


def test_every_other_page_is_sound_on_screen_and_on_paper(at: Callable[[str], Surfer]) -> None:
    officer = at(REQUESTING)
    for path, name in {
        "/standing": "standing",
        "/standing/monthly": "standing-order",
        "/search": "search",
        "/rules": "rules",
        "/rules/model/YQ-M2": "rules-model",
        "/rules/changes": "rules-changes-none",
        "/figures?since=2020-01-01": "figures",
    }.items():
        page = officer.open(path)
        expect(page.locator("main")).not_to_contain_text("正在用标注样例试验", timeout=MINUTES)
        expect(page.locator("main")).not_to_contain_text("已统计的线索", timeout=MINUTES)
        officer.is_sound(name)
    officer.press("English")
    officer.is_sound("figures-en")
    officer.open("/rules/model/YQ-M2")
    expect(officer.page.locator("main")).to_contain_text("not worse", timeout=MINUTES)
    officer.is_sound("rules-model-en")


def test_a_changed_table_takes_effect_with_two_officers(at: Callable[[str], Surfer], tmp_path: Path) -> None:
    tree = shipped("tree.toml").decode().replace("version = 1", "version = 2", 1)
    file = tmp_path / "tree.toml"
    file.write_text(tree.replace('lowered_grades = ["B", "D", "E"]', 'lowered_grades = ["D", "E"]', 1), "utf-8")
    officer, approver = at(REQUESTING), at(APPROVING)
    page = officer.open("/rules")
    page.set_input_files("[name=file]", file)
    officer.press("试验")
    expect(page.locator("main")).to_contain_text("判对", timeout=MINUTES)
    officer.is_sound("rules-check")
    officer.press("申请生效")
    page.wait_for_url("**/rules/changes/*", timeout=MINUTES)
    path = page.url.partition("/rules/changes/")[2]
    approver.open(f"/rules/changes/{path}")
    expect(approver.page.locator("main")).to_contain_text("判对", timeout=MINUTES)
    approver.is_sound("rules-change")
    approver.confirm("批准生效")
    expect(approver.page.locator(".alert.good")).to_contain_text("已生效", timeout=MINUTES)
    approver.open("/rules/changes")
    approver.is_sound("rules-changes")


PLACES = tuple(section.path.strip("/") for section in SECTIONS if section.path != "/")
LOOKS = {"rounds", "standing", "search", "rules", "figures"}
SEEN: dict[str, set[str]] = {
    REQUESTING: LOOKS | {"clues", "screening"},
    APPROVING: LOOKS | {"clues"},
    "auditor": LOOKS | {"record", "accounts"},
    "security-administrator": {"rules", "accounts"},
    "system-administrator": set(),
}


@pytest.mark.parametrize("name", SEEN)
def test_a_role_sees_its_own_places_and_is_refused_the_others(name: str, at: Callable[[str], Surfer]) -> None:
    surfer = at(name)
    offered = {place for place in PLACES if surfer.page.locator(f"nav a[href='/{place}']").count()}
    answers = {place: surfer.page.request.get(f"{surfer.address}{place}").status for place in PLACES}
    if name == "system-administrator":
        surfer.open("/rounds")
        surfer.is_sound("forbidden")
    for place in {"auditor": ["record"], "security-administrator": ["accounts"]}.get(name, []):
        surfer.open(f"/{place}")
        surfer.is_sound(place)

    assert offered == SEEN[name]
    assert {place for place, status in answers.items() if status == 200} == SEEN[name]
    assert set(answers.values()) <= {200, 403}


def test_an_idle_session_ends_though_a_live_round_asks_all_the_time(city: City, at: Callable[[str], Surfer]) -> None:
    officer = at(REQUESTING)
    round_id = requested(officer)
    officer.open(f"/rounds/{round_id}")
    idle = lambda account: replace(account, seen_at=account.seen_at - IDLE_SECONDS - 1)  # noqa: E731
    city.people.book.change(REQUESTING, idle)
    officer.page.wait_for_url("**/sign-in", timeout=MINUTES)
    officer.is_sound("session-ended")


def _decided(city: City, step: str, round_id: str, *words: str) -> None:
    """Let the office's operator decide, once its node has seen the round."""
    _printed(lambda: city.running.agency(OFFICE, "rounds"), round_id)
    city.running.agency(OFFICE, step, round_id, "--by", OPERATOR, *words)


def _printed(command: Callable[[], str], words: str) -> str:
    """Return what a command prints once these words are in it."""
    until = time.monotonic() + MINUTES / 1000
    while words not in (printed := command()) and time.monotonic() < until:
        time.sleep(1)
    assert words in printed
    return printed
