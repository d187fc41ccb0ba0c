"""Models and tables, figures and the day's list in pages."""

from __future__ import annotations

import base64
import csv
import io
import threading
from datetime import date

import pytest
from openpyxl import load_workbook

from linkage.plan import Verdict
from procuratorate_node.cases.records import RowRef, Source
from procuratorate_node.clues import make_clue
from procuratorate_node.cluework.records import CLUE_WORK
from procuratorate_node.cluework.work import ClueWork
from procuratorate_node.governance.collecting import Heard, collect
from procuratorate_node.governance.rows import Rows
from procuratorate_node.outcome import ClueRow
from procuratorate_node.pending import pending_for
from procuratorate_node.store import Store
from procuratorate_node.warning.file import shipped
from procuratorate_node.workbench.governance import figures
from tests.procuratorate_node.workbench.conftest import Arrive, Visitor

TREE = shipped("tree.toml").decode()
CHANGED = TREE.replace("version = 1", "version = 2", 1).replace(
    'lowered_grades = ["B", "D", "E"]', 'lowered_grades = ["D", "E"]', 1
)

IN_FORM = base64.b64encode(CHANGED.encode()).decode()


def seeded(visitor: Visitor) -> str:
    """Put one clue into the office's book, and return its id."""
    row = ClueRow("SX-1", "c1", "p", (RowRef(Source.PARTIES, "c1", "D1"),), Verdict.YES, "A", ("DIBAO",))
    clue = make_clue(row, visitor.node.casework().facts, locality=None)
    visitor.node.book.take_round("r1", ["SX-1"], [clue], at="2026-01-05T08:00:00Z")
    return clue.clue_id


def tried(visitor: Visitor, content: str) -> str:
    files = {"file": ("tree.toml", content.encode(), "application/toml")}
    return str(visitor.client.post("/rules/check", data={"csrf": visitor.token()}, files=files).text)


def test_every_model_and_table_is_listed_and_shown_in_words_with_its_text(arrive: Arrive) -> None:
    officer = arrive("甲")
    listed, shown = officer.get("/rules").text, officer.get("/rules/model/YQ-M1").text

    assert all(key in listed for key in ("SX-1", "YQ-M1", "lexicon", "tree", "charge-models"))
    assert "诉讼中未获赔偿的困难被害人" in shown and "不含已全部赔偿的" in shown and "expiry_days = 30" in shown
    assert officer.get("/rules/model/NO-1").status_code == 404


def test_a_trial_shows_examples_and_differences_and_stores_nothing(arrive: Arrive) -> None:
    officer = arrive("甲")
    page = tried(officer, CHANGED)

    assert "不差于现行" in page and "<del>-version = 1</del>\n<ins>+version = 2</ins>\n" in page
    assert officer.node.rule_book.history() == ()
    assert "有误" in tried(officer, TREE.replace("version = 1", "version = -1", 1))


def test_a_change_takes_effect_with_the_second_officer_and_is_taken_back(arrive: Arrive) -> None:
    officer, approver = arrive("甲"), arrive("乙")
    path = officer.post("/rules/activate", content=IN_FORM).headers["location"]

    assert officer.post(f"{path}/approve").status_code == 403
    assert officer.node.library().table.tree.head.version == 1
    assert "lowered_grades" in approver.get(path).text and "判对" in approver.get(f"{path}/examples").text
    assert approver.post(f"{path}/approve").status_code == 303
    assert officer.node.library().table.tree.head.version == 2
    back = officer.post("/rules/model/tree/revert").headers["location"]
    assert approver.post(f"{back}/approve").status_code == 303
    assert officer.node.library().table.tree.head.version == 1
    assert officer.get("/rules/changes").text.count("/rules/changes/") == 2


def test_the_approver_does_not_ask_for_changes(arrive: Arrive) -> None:
    assert arrive("乙").post("/rules/activate", content=IN_FORM).status_code == 403
    assert arrive("甲").post("/rules/activate", content="damaged!").status_code == 422
    assert arrive("系统").get("/rules").status_code == 403


def test_figures_are_drawn_and_downloaded_with_small_counts_hidden(arrive: Arrive) -> None:
    officer = arrive("甲")
    seeded(officer)
    page = officer.get("/figures?since=2026-01-01&until=2026-12-31")
    book = load_workbook(io.BytesIO(officer.get("/figures/figures.xlsx?since=2026-01-01").content))
    lines = list(csv.reader(io.StringIO(officer.get("/figures/figures.csv").content.decode("utf-8-sig"))))

    assert page.status_code == 200 and "线索漏斗" in page.text and "＊" in page.text
    assert "线索漏斗" in book.sheetnames and ["进展 how far", "线索 clues"] in lines
    assert officer.get("/figures?since=2026-02-01&until=2026-01-01").status_code == 422
    assert officer.get("/figures?since=x").status_code == 422
    assert arrive("系统").get("/figures/figures.csv").status_code == 403
    log = (officer.node.config.state / "audit" / "entries.jsonl").read_text("utf-8")
    assert log.count("figures.exported") == 2


def test_figures_that_take_long_show_how_far_they_are_and_then_themselves(
    arrive: Arrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, go, begun = arrive("甲"), threading.Event(), threading.Event()
    seeded(officer)

    def slowly(store: Store, heard: Heard) -> Rows:
        heard(5000, 100_000)
        begun.set()
        assert go.wait(60)
        return collect(store)

    monkeypatch.setattr(figures, "collect", slowly)
    monkeypatch.setattr(figures, "PATIENCE_SECONDS", 0)
    asked = "since=2026-01-01&until=2026-12-31"
    officer.get(f"/figures?{asked}&anew=1")
    begun.wait(60)
    page = officer.get(f"/figures?{asked}").text
    assert "5,000 / 100,000" in page and "线索漏斗" not in page
    assert "5,000 / 100,000" in officer.get(f"/figures/progress?{asked}").text

    go.set()
    job = officer.node.jobs.find("figures 2026-01-01 2026-12-31")
    assert job is not None
    job.wait(60)
    assert officer.get(f"/figures/progress?{asked}").headers["HX-Redirect"] == f"/figures?{asked}"
    assert "线索漏斗" in officer.get(f"/figures?{asked}").text
    assert arrive("系统").get(f"/figures/progress?{asked}").status_code == 403


def test_the_day_shows_each_role_what_waits_for_it(arrive: Arrive) -> None:
    officer, approver = arrive("甲"), arrive("乙")
    clue = seeded(officer)
    assert "未分派</a> <strong>1</strong>" in officer.get("/").text
    officer.node.store.update(CLUE_WORK, clue, officer="甲")
    officer.post("/screening/request", reference="专项", **{"model-SX-1": "on"})

    mine, theirs = officer.get("/").text, approver.get("/").text
    assert f"/clues/{clue}" in mine and "逾期" in mine
    assert "筛查申请待批准签署" in theirs and "筛查申请待批准签署" not in mine and f"/clues/{clue}" not in theirs
    assert "没有等您处理的事项" in arrive("审计").get("/").text


def test_an_opening_waits_for_the_approver_until_it_is_approved(arrive: Arrive) -> None:
    officer = arrive("甲")
    clue, node = seeded(officer), officer.node
    ClueWork(node.store, node.trail, node.config).confirm(clue, by="甲", now=node.clock(), reason="已核对")
    node.desk.request(clue, by="甲", reason="告知权利", now=node.clock())
    waiting = pending_for(node.store, lambda action: True, today=date(2026, 11, 2))

    assert [(kind.action, kind.count) for kind in waiting] == [("people.approve", 1)]
    assert (waiting[0].items[0].key, waiting[0].items[0].about) == (clue, "告知权利")


def test_pages_name_nobody(arrive: Arrive) -> None:
    officer = arrive("甲")
    seeded(officer)
    pages = "".join(officer.get(path).text for path in ("/", "/rounds", "/rules", "/figures", "/search", "/standing"))

    assert not [name for name in ("李晓梅", "周志强", "吴大海", "钱多多") if name in pages]
