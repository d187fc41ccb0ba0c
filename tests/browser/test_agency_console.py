"""The agency's console over a real consortium: warrants, imports, releases, referrals, receipts, risk, and every no."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from linkage.demo import steps
from linkage.demo.consortium import APPROVING, REQUESTING
from linkage.demo.consortium import OPERATOR as ON_DUTY
from tests.browser.conftest import MINUTES, People, Surfer
from tests.browser.serving import served
from tests.browser.town import CLERK, OFFICE, OTHER, Town, running_town

pytestmark = pytest.mark.slow
Open = Callable[[str, People], Surfer]
PLACES = ("rounds", "registers", "releases", "referrals", "receipts", "courier", "risk", "accounts")
SEEN = {
    "operator": {"rounds", "registers", "releases", "referrals", "receipts", "courier", "risk"},
    "approver": {"rounds", "registers", "releases", "referrals", "receipts", "risk"},
    "auditor": {"rounds", "registers", "releases", "receipts", "accounts"},
    "security-administrator": {"risk", "accounts"},
    "system-administrator": {"registers"},
}
NAMED = {"operator": CLERK, "approver": ON_DUTY}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with running_town(tmp_path_factory.mktemp("town")) as found:
        yield found


@pytest.fixture(scope="module")
def address(town: Town) -> Iterator[str]:
    with served("agency_node", town.running.files[OFFICE], town.out / "console.log") as found:
        yield found


@pytest.fixture
def at(town: Town, address: str, surf: Open) -> Callable[[str], Surfer]:
    """Return what opens a window of the console with this person signed in."""

    def signed_in(name: str) -> Surfer:
        surfer = surf(address, town.people)
        surfer.sign_in(name)
        return surfer

    return signed_in


def export_of(folder: Path) -> Path:
    """Write what a clerk's system exports: a list in GB18030, with titles nobody has seen."""
    rows = [["家庭成员（全名）", "公民证号", "性别", "低保证号", "救助类别", "状态"]]
    for at in range(80):
        day = f"19{50 + at % 50}0{1 + at % 9}1{at % 9}"
        rows.append(
            [f"测试{chr(0x4E00 + at)}", number(f"327024{day}{100 + at}"), "女", f"D{at:05d}", "农村低保", "正常"]
        )
    target = folder / "低保家庭成员导出202611.csv"
    with target.open("w", encoding="gb18030", newline="") as out:
        csv.writer(out).writerows(rows)
    return target


def number(body: str) -> str:
    """Return a citizen number with its check digit (GB 11643)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def test_a_warrant_is_read_approved_and_followed_until_its_person_is_helped(
    town: Town, at: Callable[[str], Surfer]
) -> None:
    round_id, waiting = town.ask()
    boss = at(ON_DUTY)
    page = boss.open("/rounds")
    boss.reload_until("县人民检察院")
    boss.is_sound("rounds")
    page = boss.open(f"/rounds/{round_id}")
    expect(page.locator("main")).to_contain_text("行会被编码", timeout=MINUTES)
    boss.is_sound("warrant")
    told = page.inner_text("main")
    assert "县人民检察院" in told and "司法救助线索筛查" in told and "参加编码的栏目" in told
    assert "演示 demonstration" in told and "检察官甲" in told and "检察官乙" in told
    boss.confirm("同意")
    assert "已同意，节点会签名送出" in page.inner_text("main")
    expect(page.locator("main")).to_contain_text("已编码并上传 完成", timeout=MINUTES)
    boss.is_sound("warrant-approved")
    town.over(waiting)

    running = town.running
    clue = steps.open_one_clue(running, town.view)
    assert clue is not None
    population = min(steps.LINK.findall(running.procuratorate("clues", "show", clue)), key=lambda link: link[1])[0]
    words = ["--population", population, "--fields", "status,start", "--purpose", "核实救助条件", "--by", REQUESTING]
    running.procuratorate("release", "ask", clue, *words)
    page = boss.open("/releases")
    boss.reload_until("待决定")
    boss.is_sound("releases")
    boss.confirm("同意")
    boss.reload_until("已答复")

    referral = running.procuratorate("referral", "draft", clue, "--service", "dibao", "--by", REQUESTING).split()[0]
    running.procuratorate("referral", "approve", referral, "--by", APPROVING)
    running.procuratorate("referral", "send", referral, "--by", REQUESTING)
    handle_referral(at(CLERK))

    page = boss.open("/receipts")
    boss.reload_until("转介状态")
    boss.is_sound("receipts")
    told = page.inner_text("main")
    assert "供县人民检察院的轮次" in told and "调取答复：" in told and "行（其中虚设" in told


def handle_referral(clerk: Surfer) -> None:
    page = clerk.open("/referrals")
    clerk.reload_until("待受理")
    clerk.is_sound("referrals")
    page.locator("tbody a").first.click()
    page.wait_for_load_state()
    sealed = page.inner_text("main")
    clerk.is_sound("referral-sealed")
    page.get_by_role("button", name="打开", exact=True).click()
    page.wait_for_load_state()
    opened = page.inner_text("main")
    assert "公民身份号码" in opened and "公民身份号码" not in sealed
    assert f"查看人 {CLERK}" in opened and not re.search(r"\d{17}", page.url + page.title())
    clerk.is_sound("referral-opened")
    clerk.confirm("受理")
    assert "已受理" in page.inner_text("main")
    for _ in range(60):
        if "正在送出" not in page.inner_text("main"):
            break
        page.wait_for_timeout(1000)
        page.reload()
    clerk.confirm("办结")
    assert "已办结" in page.inner_text("main")


def test_a_refusal_needs_a_reason_and_ends_the_round(town: Town, at: Callable[[str], Surfer]) -> None:
    round_id, waiting = town.ask()
    boss = at(ON_DUTY)
    page = boss.open("/rounds?state=WAITING")
    boss.reload_until("县人民检察院")
    boss.open(f"/rounds/{round_id}")
    boss.confirm("拒绝", reason="身份证号 11010519491231002X 有误")
    assert "像个人号码" in page.inner_text("main")
    boss.open(f"/rounds/{round_id}")
    boss.confirm("拒绝", reason="本月已答复过同一批人")
    expect(page.locator("main")).to_contain_text("有单位拒绝", timeout=MINUTES)
    expect(page.locator("main")).to_contain_text("已编码并上传 没有进行", timeout=MINUTES)
    boss.is_sound("warrant-refused")

    assert town.over(waiting) == 1
    assert "本月已答复过同一批人" in town.running.agency(OTHER, "rounds") + waiting.text()


def test_an_export_is_tried_mapped_and_kept_or_refused_whole(at: Callable[[str], Surfer], tmp_path: Path) -> None:
    clerk = at(CLERK)
    page = clerk.open("/registers")
    clerk.is_sound("registers")
    page.locator("tbody a").first.click()
    expect(page.locator("main")).to_contain_text("行可编码", timeout=MINUTES)
    clerk.is_sound("register-check")

    bad = tmp_path / "低保名册202610.csv"
    bad.write_text("成员姓名,成员身份证号,低保证号\n" + "某某某,123,1\n" * 30, "utf-8")
    page = clerk.open("/registers/import")
    clerk.is_sound("import")
    page.set_input_files("[name=file]", bad)
    clerk.press("上传并检查")
    expect(page.locator("main")).to_contain_text("整个文件不采用", timeout=MINUTES)
    clerk.is_sound("import-refused")
    assert page.get_by_role("button", name="采用", exact=True).count() == 0
    with page.expect_download() as sent:
        page.get_by_text("下载清单").click()
    assert "UNUSABLE" in Path(sent.value.path()).read_text("utf-8-sig")
    clerk.press("不采用，删除文件")

    clerk.open("/registers/import")
    page.set_input_files("[name=file]", export_of(tmp_path))
    page.select_option("[name=preset]", "dibao")
    clerk.press("上传并检查")
    expect(page.locator("main")).to_contain_text("缺少", timeout=MINUTES)
    clerk.is_sound("import-columns")
    assert "测试" not in page.inner_text("main"), "no cell is shown"
    page.locator("[name='field:name']").select_option("家庭成员（全名）")
    page.locator("[name='field:id_number']").select_option("公民证号")
    clerk.press("改好了，重新检查")
    expect(page.locator("main")).to_contain_text("行可编码", timeout=MINUTES)
    clerk.is_sound("import-ready")
    clerk.press("采用")
    assert "已导入" in page.inner_text("main") and "dibao.20261130.csv" in page.inner_text("main")


def test_the_risk_meter_runs_on_the_offices_own_rows(at: Callable[[str], Surfer]) -> None:
    clerk = at(CLERK)
    page = clerk.open("/risk")
    page.select_option("[name=dataset]", "dibao")
    page.fill("[name=people]", "60")
    clerk.press("开始测评")
    clerk.is_sound("risk-running")
    expect(page.locator("main")).to_contain_text("测评完成", timeout=MINUTES)
    page.reload()
    clerk.is_sound("risk")

    assert page.locator("tbody tr").count() == 5


@pytest.mark.parametrize("role", SEEN)
def test_every_role_sees_its_own_pages_and_no_other(town: Town, at: Callable[[str], Surfer], role: str) -> None:
    surfer = at(NAMED.get(role, role))
    surfer.is_sound(f"home-{role}")
    links = surfer.page.locator("nav[aria-label=主导航] a")
    shown = {str(links.nth(n).get_attribute("href")).strip("/") for n in range(links.count())} - {""}
    codes = {place: surfer.page.request.get(surfer.address + place).status for place in PLACES}

    assert shown == SEEN[role]
    assert {place for place, code in codes.items() if code == 200} == SEEN[role]
    assert set(codes.values()) <= {200, 403}
    log = town.running.linkage("audit", "show", str(steps.audit_of(town.running, OFFICE)))
    assert log.count("action.refused") >= len(set(PLACES) - SEEN[role])


def test_the_security_administrator_makes_an_account_that_signs_in(
    town: Town, address: str, at: Callable[[str], Surfer], surf: Open
) -> None:
    keeper = at("security-administrator")
    page = keeper.open("/accounts")
    keeper.is_sound("accounts")
    page.fill("form[action='/accounts/add'] [name=name]", "新来的人")
    page.select_option("[name=role]", "operator")
    page.locator("#f-new").fill("正确的马电池订书钉-42")
    keeper.press("建立")
    typed = page.inner_text("main")
    assert "只显示这一次" in typed
    town.people.secrets["新来的人"] = bytes.fromhex(town.people.book.get("新来的人").secret)
    newcomer = surf(address, town.people)
    newcomer.sign_in("新来的人")
    assert "新来的人" in newcomer.page.inner_text("header")

    keeper.open("/accounts")
    row = page.locator("tr", has_text="新来的人")
    row.locator("summary").click()
    row.get_by_role("button", name="停用", exact=True).click()
    page.wait_for_load_state()
    newcomer.open("/rounds")
    assert newcomer.page.url.endswith("/sign-in")


def test_everything_can_be_reached_by_keyboard_and_read_in_english(at: Callable[[str], Surfer]) -> None:
    boss = at(ON_DUTY)
    page = boss.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.getAttribute('href') || document.activeElement.innerText"))
    assert {"/rounds", "/registers", "/receipts", "退出", "English"} <= reached
    boss.press("English")
    for place in ("", *sorted(SEEN["approver"])):
        boss.open(f"/{place}")
        boss.is_sound(f"en-{place or 'home'}")
        assert page.locator("html").get_attribute("lang") == "en"
