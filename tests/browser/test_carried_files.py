"""An office without a network takes part from its console's pages alone: a warrant comes, its decision leaves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from agency_node.console.carrying import UPLOADED
from linkage.demo.consortium import OPERATOR as ON_DUTY
from linkage.demo.parties import COORDINATOR
from linkage.owner.courier.session import FOLDER
from linkage.owner.session import session_lock
from tests.browser.conftest import People, Surfer
from tests.browser.serving import served
from tests.browser.town import CLERK, OFFICE, OTHER, Town, running_town

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Yield a consortium one of whose offices has no program running and no address of the linkage unit."""
    with running_town(tmp_path_factory.mktemp("town")) as found:
        found.running.programs.kill(found.running.program(OFFICE))
        config = found.running.files[OFFICE]
        text = config.read_text("utf-8")
        config.write_text(re.sub(r'coordinator = ".*"', 'coordinator = "nowhere.invalid:1"', text), encoding="utf-8")
        yield found


@pytest.fixture
def at(town: Town, surf: Callable[[str, People], Surfer]) -> Iterator[Callable[[str], Surfer]]:
    with served("agency_node", town.running.files[OFFICE], town.out / "console.log") as address:

        def signed_in(name: str) -> Surfer:
            surfer = surf(address, town.people)
            surfer.sign_in(name)
            return surfer

        yield signed_in


def unit(town: Town, step: str, stick: Path, *words: str) -> None:
    """Let the linkage unit take the files of the stick, or write its own."""
    config = str(town.running.files[COORDINATOR])
    town.running.linkage("coordinator", "courier", step, str(stick), *words, "--config", config)


def take(clerk: Surfer, file: Path) -> None:
    clerk.page.set_input_files("input[type=file]", file)
    clerk.press("导入")


def test_a_warrant_is_taken_and_its_decision_carried_back_from_the_pages(
    town: Town, at: Callable[[str], Surfer], tmp_path: Path
) -> None:
    round_id, waiting = town.ask()
    waiting.wait_for(f"{round_id} PROPOSED", seconds=120)
    unit(town, "export", tmp_path, "--to", OFFICE)
    (brought,) = tmp_path.glob("*.linkage")
    clerk, approver = at(CLERK), at(ON_DUTY)
    page = clerk.open("/courier")
    clerk.is_sound("courier")
    state = town.running.root / OFFICE
    with session_lock(state):
        take(clerk, brought)
        clerk.reload_until("本单位的节点正在运行")
    assert list((state / FOLDER / UPLOADED).iterdir()) == [], "what was not taken is not left behind"
    take(clerk, brought)
    clerk.reload_until("已导入第 1 号文件：")
    expect(page.locator("main")).to_contain_text("委托书")
    clerk.is_sound("courier-taken")
    take(clerk, brought)
    clerk.reload_until("已在")
    expect(page.get_by_role("alert")).to_contain_text("导入过")

    assert approver.open("/courier").get_by_role("alert").inner_text().startswith("无权执行")
    approver.open(f"/rounds/{round_id}")
    approver.confirm("同意")
    clerk.press("制作要带走的文件")
    clerk.reload_until(f"{OFFICE}-to-{COORDINATOR}-000001.linkage")
    clerk.is_sound("courier-made")
    with page.expect_download() as download:
        page.click("a[download]")
    download.value.save_as(tmp_path / download.value.suggested_filename)
    unit(town, "import", tmp_path)

    town.running.program(OTHER).wait_for(f"round {round_id}: COLLECTING", seconds=120)
