"""Screening and rounds in pages: what is asked of whom, two officers, how far a round is, who may see and do what."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from linkage.errors import InputError
from linkage.owner.progress import Progress, Report
from linkage.rpc.v1 import linkage_pb2 as pb
from procuratorate_node.casework import Casework
from procuratorate_node.node import Node
from procuratorate_node.rounds.progress import RoundProgress, Upload, note_progress, progress_of
from procuratorate_node.store import REQUESTS
from procuratorate_node.workbench.rounds import acting
from procuratorate_node.workbench.rounds.live import signing
from procuratorate_node.workbench.screening import estimating
from tests.procuratorate_node.workbench.conftest import Arrive, Visitor

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


class Slow:
    """A reading of case files that says how far it is and waits until it may go on."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    def then(self, read: Callable[[Node, Report], Casework]) -> Callable[[Node, Report], Casework]:
        def slowly(node: Node, report: Report) -> Casework:
            report(Progress("papers", 30, 900, 1.0, 870.0))
            self.begun.set()
            assert self.go.wait(60)
            return read(node, report)

        return slowly


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Slow:
    """Have the case files read slowly, and nobody wait for it before the page is shown."""
    slow = Slow()
    monkeypatch.setattr(Node, "casework", slow.then(Node.casework))
    for pages in (acting, estimating):
        monkeypatch.setattr(pages, "PATIENCE_SECONDS", 0)
    return slow


def requested(officer: Visitor, model: str = "SX-1") -> str:
    """Ask for a round by the form, and return its id."""
    answer = officer.post("/screening/request", reference="2026年专项", **{f"model-{model}": "on"})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removeprefix("/rounds/")


def test_the_choice_names_every_model_with_its_registers_and_legal_basis(arrive: Arrive) -> None:
    page = arrive("甲").get("/screening").text

    assert 'name="model-SX-1"' in page and "低保对象" in page and "人民检察院开展国家司法救助工作细则" in page
    assert 'name="model-GY-M1-3"' not in page, "a search of one person has its own page"
    assert 'id="m-SX-3" disabled' in page and "没有单位提供" in page, "no office has the register of SX-3"
    shut = [bool(mark) for mark in re.findall(r'id="m-[A-Z0-9-]+"( disabled)?>', page.partition("专项行动")[0])]
    assert shut == sorted(shut) and set(shut) == {False, True}, "what may be chosen comes first"


def test_what_will_be_asked_stands_in_words_with_a_drawing_before_anything_is_stored(arrive: Arrive) -> None:
    officer = arrive("甲")
    page = officer.get("/screening/preview?model-SX-1=on").text

    assert "民政局" in page and "低保对象" in page and "<svg" in page and "被害人、申请人、申诉人" in page
    assert officer.node.rounds.count() == 0
    assert officer.get("/screening/preview").status_code == 422, "no model was chosen"


def test_the_estimate_counts_our_people_and_says_what_is_not_known(arrive: Arrive) -> None:
    page = arrive("甲").get("/screening/estimate?model-SX-1=on").text

    assert "参加比对的本院人员" in page and "未知" in page


@pytest.mark.parametrize(
    ("name", "path"), [("甲", "/screening/estimate?model-SX-1=on"), ("乙", "/rounds/{round_id}/draft?")]
)
def test_an_estimate_that_takes_long_shows_how_far_it_is_and_then_itself(
    arrive: Arrive, reading: Slow, name: str, path: str
) -> None:
    people = {who: arrive(who) for who in ("甲", "乙")}
    path, visitor = path.format(round_id=requested(people["甲"])), people[name]
    visitor.get(path)
    assert reading.begun.wait(60)
    waiting = visitor.get(path)
    assert "30 / 900" in waiting.text and "HX-Retarget" not in waiting.headers
    again = re.search(r'hx-get="([^"]+begun=1)" hx-trigger="every 1s"', waiting.text)
    assert again

    reading.go.set()
    ended = waiting
    while "every 1s" in ended.text:
        ended = visitor.get(unescape(again[1]))
    assert "参加比对的本院人员" in ended.text and ended.headers["HX-Retarget"] == "#estimate"


def test_why_there_is_no_estimate_stands_in_its_place_and_the_next_visit_counts_again(
    arrive: Arrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, read = arrive("甲"), Node.casework

    def broken(node: Node, report: Report) -> Casework:
        raise InputError("案件表读不出来", "the table of cases cannot be read")

    monkeypatch.setattr(Node, "casework", broken)
    assert "案件表读不出来" in officer.get("/screening/estimate?model-SX-1=on").text
    monkeypatch.setattr(Node, "casework", read)
    assert "参加比对的本院人员" in officer.get("/screening/estimate?model-SX-1=on").text


def test_who_requests_cannot_approve_and_who_approves_signs_the_warrant(arrive: Arrive) -> None:
    officer, approver = arrive("甲"), arrive("乙")
    round_id = requested(officer)
    read = approver.get(f"/rounds/{round_id}").text

    assert "批准并签署" in read and "待批准" in read and "低保对象" in read
    assert "批准并签署" not in officer.get(f"/rounds/{round_id}").text.replace('<span class="step">批准并签署', "")
    assert officer.post(f"/rounds/{round_id}/approve").status_code == 403
    assert approver.node.rounds.get(round_id).state == "REQUESTED"
    assert approver.post(f"/rounds/{round_id}/approve").status_code == 303
    assert approver.node.rounds.get(round_id).state == "APPROVED"
    assert approver.post(f"/rounds/{round_id}/start").status_code == 403, "who approves does not start"
    assert officer.post(f"/rounds/{round_id}/start").status_code == 303
    assert officer.node.rounds.get(round_id).wanted


def test_signing_what_takes_long_shows_how_far_it_is_and_happens_once(arrive: Arrive, reading: Slow) -> None:
    officer, approver = arrive("甲"), arrive("乙")
    round_id = requested(officer)
    part = f"/rounds/{round_id}/progress?state=REQUESTED"

    assert "HX-Refresh" not in approver.get(part).headers
    assert approver.post(f"/rounds/{round_id}/approve").status_code == 303
    assert reading.begun.wait(60)
    assert approver.post(f"/rounds/{round_id}/approve").status_code == 409, "it is under way already"
    page = approver.get(f"/rounds/{round_id}").text
    assert "正在签署" in page and "30 / 900" in page
    assert f"/rounds/{round_id}/approve" not in page and f"/rounds/{round_id}/draft" not in page
    assert "HX-Refresh" in approver.get(part).headers, "whoever has the page open gets the one that signs"
    assert officer.node.rounds.get(round_id).state == "REQUESTED"

    reading.go.set()
    job = approver.node.jobs.find(signing(round_id))
    assert job is not None
    job.wait(60)
    assert job.state == "done" and officer.node.rounds.get(round_id).state == "APPROVED"
    assert "HX-Refresh" in approver.get(f"{part}-signing").headers
    assert "委托书已签署" in approver.get(f"/rounds/{round_id}").text


def test_a_request_cancelled_while_it_was_being_signed_stays_cancelled_and_unsigned(
    arrive: Arrive, reading: Slow
) -> None:
    officer, approver = arrive("甲"), arrive("乙")
    round_id = requested(officer)
    approver.post(f"/rounds/{round_id}/approve")
    assert reading.begun.wait(60)

    assert officer.post(f"/rounds/{round_id}/cancel", reason="选错模型").status_code == 303
    reading.go.set()
    job = approver.node.jobs.find(signing(round_id))
    assert job is not None
    job.wait(60)

    row = officer.node.store.get(REQUESTS, round_id)
    assert (row["state"], row["envelope"], job.state) == ("CANCELLED", b"", "failed")
    assert "screening.approved" not in (officer.node.config.state / "audit" / "entries.jsonl").read_text("utf-8")


def test_why_signing_failed_stands_on_the_page_and_it_can_be_approved_again(
    arrive: Arrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    approver, read = arrive("乙"), Node.casework
    round_id = requested(arrive("甲"))

    def broken(node: Node, report: Report) -> Casework:
        raise InputError("案件表读不出来", "the table of cases cannot be read")

    monkeypatch.setattr(Node, "casework", broken)
    assert approver.post(f"/rounds/{round_id}/approve").status_code == 422
    page = approver.get(f"/rounds/{round_id}").text
    assert "案件表读不出来" in page and f"/rounds/{round_id}/approve" in page

    monkeypatch.setattr(Node, "casework", read)
    assert approver.post(f"/rounds/{round_id}/approve").status_code == 303
    assert approver.node.rounds.get(round_id).state == "APPROVED"


def test_a_round_is_cancelled_with_a_reason_only(arrive: Arrive) -> None:
    officer = arrive("甲")
    round_id = requested(officer)

    assert officer.post(f"/rounds/{round_id}/cancel").status_code == 422
    assert officer.post(f"/rounds/{round_id}/cancel", reason="选错模型").status_code == 303
    assert officer.node.rounds.get(round_id).state == "CANCELLED"
    assert "选错模型" in officer.get(f"/rounds/{round_id}").text
    assert officer.post(f"/rounds/{round_id}/close").status_code == 409, "nothing was delivered"


@pytest.mark.parametrize("path", ["/screening", "/screening/preview?model-SX-1=on", "/screening/estimate"])
@pytest.mark.parametrize("name", ["乙", "审计", "系统"])
def test_only_the_case_officer_asks_for_a_screening(arrive: Arrive, name: str, path: str) -> None:
    assert arrive(name).get(path).status_code == 403


def test_rounds_are_no_concern_of_the_system_administrator_and_the_auditor_only_reads(arrive: Arrive) -> None:
    round_id = requested(arrive("甲"))

    assert arrive("系统").get("/rounds").status_code == 403
    auditor = arrive("审计")
    assert round_id[:8] in auditor.get("/rounds").text
    assert "/cancel" not in auditor.get(f"/rounds/{round_id}").text
    assert auditor.post(f"/rounds/{round_id}/cancel", reason="x").status_code == 403


def test_the_list_comes_in_pages_and_by_group(arrive: Arrive) -> None:
    officer = arrive("甲")
    row = dict(officer.node.store.get(REQUESTS, requested(officer)))
    closed = row | {"state": "CLOSED", "requested_at": "2026-01-01T08:00:00Z"}
    officer.node.store.insert(REQUESTS, [closed | {"round_id": f"{n:032x}"} for n in range(60)])

    assert officer.get("/rounds").text.count('class="code"') == 50
    assert officer.get("/rounds?page=2").text.count('class="code"') == 11
    assert officer.get("/rounds?group=waiting").text.count('class="code"') == 1


def test_the_live_part_shows_consents_uploads_and_time_left_and_stops_when_it_is_over(arrive: Arrive) -> None:
    officer = arrive("甲")
    round_id = requested(officer)
    store = officer.node.store
    uploads = (Upload("dibao", "civil", 1200, 5000, 2500), Upload("parties", "procuratorate", 30, 900, 900, True))
    begun = "2026-11-02T07:59:50Z"
    seen = RoundProgress("2026-11-02T08:00:00Z", ("procuratorate",), uploads, "dibao", 100, 1000, begun)
    note_progress(store, round_id, seen)
    store.update(REQUESTS, round_id, state="MATCHING", proposed=True)
    live = officer.get(f"/rounds/{round_id}/progress").text

    assert "民政局" in live and "等待" in live and "已同意" in live and 'hx-trigger="every 2s"' in live
    assert "比对中" in live and "dibao" in live and "约剩 1 分 30 秒" in live
    assert "还没有新的消息" in live, "the last news is old"
    store.update(REQUESTS, round_id, state="REFUSED", reason="用途不符 | not our purpose")
    note_progress(store, round_id, replace(seen, refused_by="civil", consented=("procuratorate",)))
    changed = officer.get(f"/rounds/{round_id}/progress?state=MATCHING")
    over = officer.get(f"/rounds/{round_id}/progress").text
    assert changed.headers["HX-Refresh"] == "true", "what can be done has changed with the state"
    assert "用途不符" in over and "已拒绝" in over and "hx-trigger" not in over


def test_a_page_that_asks_by_itself_does_not_keep_a_session_alive(arrive: Arrive) -> None:
    officer = arrive("甲")
    round_id = requested(officer)
    book = officer.site.gate.book
    before = next(a.seen_at for a in book.all() if a.name == "甲")
    book.change("甲", lambda account: replace(account, seen_at=account.seen_at - 300))
    officer.get(f"/rounds/{round_id}/progress")

    assert next(a.seen_at for a in book.all() if a.name == "甲") == before - 300


def test_progress_keeps_when_a_stage_began_and_what_was_uploaded(arrive: Arrive) -> None:
    store = arrive("甲").node.store
    population = pb.PopulationProgress(population="dibao", owner="civil", rows_expected=9)
    first = pb.RoundStatus(stage="dibao", done=100, total=400, populations=[population], consented=["civil"])
    later = pb.RoundStatus(stage="dibao", done=300, total=400)
    note_progress(store, "r", RoundProgress.of(first, NOW))
    note_progress(store, "r", RoundProgress.of(later, NOW + timedelta(seconds=10)))
    found = progress_of(store, "r")

    assert found is not None
    assert (found.rate, found.seconds_left, found.consented) == (20.0, 5, ("civil",))
    assert found.uploads == (Upload("dibao", "civil", 9),)


def test_a_standing_order_needs_two_officers(arrive: Arrive) -> None:
    officer, approver = arrive("甲"), arrive("乙")

    assert "monthly" in officer.get("/standing").text
    assert officer.post("/standing/monthly/request").status_code == 303
    assert officer.post("/standing/monthly/approve").status_code == 403
    assert "待批准" in approver.get("/standing/monthly").text
    assert approver.post("/standing/monthly/approve").status_code == 303
    assert "执行中" in officer.get("/standing/monthly").text
    assert officer.post("/standing/monthly/stop").status_code == 303
    assert "已停止" in officer.get("/standing/monthly").text


def test_a_search_that_would_not_hide_its_person_is_refused(arrive: Arrive) -> None:
    officer = arrive("甲")
    answer = officer.post("/search", case="c1", party="D1", reason="本人来访")

    assert answer.status_code == 429 and "不足以隐藏一人" in answer.text
    assert officer.node.rounds.count() == 0
    assert arrive("乙").post("/search", case="c1", party="D1", reason="x").status_code == 403


def test_the_auditor_reads_the_log_newest_first_and_nobody_else_does(arrive: Arrive) -> None:
    officer = arrive("甲")
    round_id = requested(officer)
    officer.post(f"/rounds/{round_id}/approve")
    page = arrive("审计").get("/record").text

    assert page.index("screening.approve") < page.index(round_id), "the refusal came after the request"
    assert "申请筛查" in page
    assert officer.get("/record").status_code == 403


def test_what_pages_do_stands_in_the_audit_log_as_from_commands(arrive: Arrive) -> None:
    officer, approver = arrive("甲"), arrive("乙")
    round_id = requested(officer)
    approver.post(f"/rounds/{round_id}/approve")
    log = (officer.node.config.state / "audit" / "entries.jsonl").read_text("utf-8").splitlines()
    kinds = [entry["kind"] for line in log if round_id in line and (entry := json.loads(line))]

    assert kinds == ["screening.requested", "screening.approved"]
