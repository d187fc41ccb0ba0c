"""What the reports tell of one round: figures, people acting, reasons, and nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import json
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from benchmarks.audit_town import make_town
from linkage.audit.choosing import Choice, parse_day, shown
from linkage.audit.export import keep_until, record_tables, write_tables
from linkage.audit.page import Page, Section, Table, to_html
from linkage.audit.reading import read_logs
from linkage.audit.rules import load_rules
from linkage.audit.story import Story, tell
from linkage.errors import InputError
from linkage.main import main


@pytest.fixture
def story(place: Any) -> Story:
    return tell(place.read(), place.manifest)


def test_the_story_is_that_of_the_round(story: Story) -> None:
    (found,) = story.rounds
    assert (found.requester, found.requested_by, found.approved_by, found.state) == (
        "jcy",
        "检察官甲",
        "检察官乙",
        "CLOSED",
    )
    assert found.legal_basis and found.clues == 80
    assert {u.population: (u.party, u.rows) for u in found.uploads} == {
        "parties": ("jcy", 379),
        "dibao": ("mz", 110),
        "tekun": ("mz", 15),
        "disabled": ("cl", 64),
    }
    assert {u.population for u in found.uploads if u.payload} == {"disabled"}
    assert {c.party: c.by for c in found.consents} == {"jcy": "policy", "mz": "policy", "cl": "值班员丙"}
    assert set(found.deleted) == {"hub", "jcy", "mz", "cl"}
    assert [(o.persons, o.reason) for o in story.openings] == [(2, "告知申请救助的权利")]
    assert [(r.party, r.given, r.asked_by) for r in story.releases] == [("cl", ("grade",), "检察官甲")]
    assert [(r.receiver, r.states[0][:2]) for r in story.referrals] == [("mz", ("ACCEPTED", "值班员丙"))]


def test_without_the_owners_logs_the_coordinators_tells_what_left(place: Any) -> None:
    (found,) = tell(place.read()[:1], place.manifest).rounds
    assert {(u.party, u.population, u.dataset, u.rows) for u in found.uploads} >= {("mz", "dibao", "", 110)}
    assert {c.party for c in found.consents} == {"jcy", "mz", "cl"}


@pytest.mark.parametrize(
    ("choice", "rows", "persons"),
    [
        (Choice(), 568, 2),
        (Choice(agency="mz"), 125, 2),
        (Choice(agency="mz", since=date(2026, 10, 1), until=date(2026, 10, 31)), 125, 2),
        (Choice(since=date(2026, 11, 1)), 0, 0),
        (Choice(officer="检察官乙"), 568, 2),
        (Choice(officer="值班员丙"), 568, 0),
        (Choice(officer="无此人"), 0, 0),
        (Choice(purpose="救助"), 568, 2),
        (Choice(purpose="别的"), 0, 0),
        (Choice(party="jcy"), 568, 2),
    ],
)
def test_a_choice_keeps_its_part(story: Story, choice: Choice, rows: int, persons: int) -> None:
    chosen = choice.apply(story)
    assert sum(u.rows for r in chosen.rounds for u in r.uploads) == rows
    assert sum(o.persons for o in chosen.openings) == persons


@pytest.mark.parametrize(
    ("text", "last", "day"),
    [
        ("2026-10", False, date(2026, 10, 1)),
        ("2026-10", True, date(2026, 10, 31)),
        ("2026-10-05", True, date(2026, 10, 5)),
    ],
)
def test_days_and_months_are_read(text: str, last: bool, day: date) -> None:
    assert parse_day(text, last=last) == day
    with pytest.raises(InputError):
        parse_day("October", last=last)


def test_times_are_shown_at_beijing_and_kept_for_three_years() -> None:
    assert shown("2026-10-31T16:30:00Z") == "2026-11-01 00:30"
    assert keep_until("2026-10-31T16:30:00Z") == "2029-11-01"
    assert keep_until("2028-02-29T01:00:00Z") == "2031-03-01"


def test_the_page_answers_in_text_and_html(place: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = ["--agency", "mz", "--since", "2026-10", "--until", "2026-10"]
    assert main(["audit", "report", *place.words(), *wanted]) == 0
    said = capsys.readouterr().out
    for part in (
        "以编码形式离开数据单位 125 行",
        "还原身份 2 人",
        "检察官乙",
        "告知申请救助的权利",
        "各方日志相互吻合",
    ):
        assert part in said
    assert main(["audit", "report", *place.words(), "--out", str(tmp_path / "page.html")]) == 0
    content = (tmp_path / "page.html").read_text("utf-8")
    assert "以编码形式离开数据单位 568 行" in content and "default-src &#x27;none&#x27;" not in content
    assert tags_of(content) <= {"html", "head", "meta", "title", "style", "body", "h1", "h2", "small", "p", "br"} | {
        "table", "thead", "tbody", "tr", "th", "td"
    }  # fmt: skip


def test_rows_about_nobody_are_told_apart(place: Any, capsys: pytest.CaptureFixture[str]) -> None:
    main(["audit", "report", *place.words(), "--agency", "mz"])

    assert "离开数据单位 125 行，其中虚设 12 行" in capsys.readouterr().out


def test_who_asked_is_told_apart_from_who_approved(story: Story) -> None:
    signed = {(d.officer, d.part) for d in story.deeds if d.kind == "screening.approved"}

    assert signed == {("检察官甲", "requested_by"), ("检察官乙", "by")}


def test_codes_are_told_in_words(place: Any, capsys: pytest.CaptureFixture[str]) -> None:
    main(["audit", "report", *place.words()])
    said = capsys.readouterr().out

    assert "低保家庭成员 subsistence allowance" in said and "已受理 accepted" in said and "ACCEPTED" not in said


def test_a_month_without_a_round_is_told_where_the_rounds_are(place: Any, capsys: pytest.CaptureFixture[str]) -> None:
    main(["audit", "report", *place.words(), "--since", "2026-09", "--until", "2026-09"])
    said = capsys.readouterr().out

    assert "共 0 轮" in said and "日志里的轮次 rounds in these logs：2026-10-08 至 to 2026-10-08" in said


def tags_of(content: str) -> set[str]:
    found: set[str] = set()

    class Collector(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.add(tag)
            assert not {name for name, _ in attrs} & {"src", "href", "onclick", "onload"}

    Collector().feed(content)
    return found


def test_nothing_that_others_wrote_becomes_markup() -> None:
    evil = "<script>alert(1)</script>"
    page = Page("报告", "report", (Section("一", "one", (evil,), (Table((("a", "b"),), ((evil,),)),)),))
    assert "script" not in tags_of(to_html(page))


def test_records_are_exported_in_three_forms(place: Any, tmp_path: Path) -> None:
    for name in ("records.xlsx", "records.json", "records"):
        assert main(["audit", "export", *place.words(), "--out", str(tmp_path / name)]) == 0
    found = json.loads((tmp_path / "records.json").read_text("utf-8"))
    assert {row["dataset"]: row["rows"] for row in found["processing"]} == {
        "parties": 379, "dibao": 110, "tekun": 15, "disabled": 64,
    }  # fmt: skip
    assert found["impact"][0]["persons_opened"] == 2 and found["processing"][0]["keep_until"] == "2029-10-08"
    book = load_workbook(tmp_path / "records.xlsx", read_only=True)
    assert book.sheetnames == ["处理记录", "影响评估事实", "还原身份", "调取字段", "拒绝与失败"]
    with (tmp_path / "records" / "processing.csv").open(encoding="utf-8-sig", newline="") as source:
        assert len(list(csv.DictReader(source))) == 4
    with pytest.raises(InputError):
        write_tables(tmp_path / "records.pdf", [])


def test_what_was_opened_and_released_is_counted_for_its_own_round(tmp_path: Path) -> None:
    town = make_town(tmp_path / "town", rounds=2)
    contents = read_logs(town.folders(), town.manifest, traffic=load_rules().traffic)
    impact = next(t for t in record_tables(tell(contents, town.manifest), town.manifest) if t.name == "impact")
    names = [en for _, en in impact.headings]

    assert [(row[names.index("persons_opened")], row[names.index("releases")]) for row in impact.rows] == [(2, 1)] * 2


def test_a_report_over_logs_that_do_not_agree_says_so(place: Any, capsys: pytest.CaptureFixture[str]) -> None:
    entries = place.folder("mz") / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b'"rows":110', b'"rows":111', 1))
    assert main(["audit", "report", *place.words()]) == 1
    assert "✗ 日志有" in capsys.readouterr().out
