"""The pages of clues: what they show, what they refuse, and that none names anybody before two people opened a clue."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO

import docx
import openpyxl
import pytest

from procuratorate_node.cluework.deadlines import local_day
from procuratorate_node.model import choose_models
from procuratorate_node.referrals.worklist import MODEL as UNMATCHED
from procuratorate_node.rights import RIGHTS
from procuratorate_node.rounds.requests import new_request
from procuratorate_node.store import REQUESTS
from procuratorate_node.workbench.clues import SECTION
from tests.procuratorate_node.workbench.clues.conftest import Site, Visitor
from tests.procuratorate_node.workbench.clues.office import ASKS, MARKED, OTHER, PEOPLE, SIGNS

ADMINISTRATORS = ("auditor", "security-administrator", "system-administrator")
OWN_PAGES = ("", "/papers", "/amount", "/referrals", "/person/1")


@pytest.fixture
def asks(site: Site) -> Visitor:
    return site.visitor(ASKS)


@pytest.fixture
def signs(site: Site) -> Visitor:
    return site.visitor(SIGNS)


@pytest.fixture
def clue(site: Site) -> str:
    return site.office.fresh()


@pytest.fixture
def opened(clue: str, asks: Visitor, signs: Visitor) -> str:
    """Confirm a clue and open it by two people."""
    asks.post(f"/clues/{clue}/confirm")
    asks.post(f"/clues/{clue}/openings", reason="告知权利")
    assert "李晓梅" in signs.post(_opening(signs, clue)).text
    return clue


def _opening(visitor: Visitor, clue: str) -> str:
    found = re.search(r"/openings/[0-9a-f]+/approve", visitor.get(f"/clues/{clue}").text)
    assert found
    return found[0]


@pytest.mark.parametrize("name", [*ADMINISTRATORS, *PEOPLE])
def test_every_route_refuses_the_roles_without_its_right(site: Site, name: str) -> None:
    visitor, role = site.visitor(name), PEOPLE.get(name, name)
    forbidden = [route for route in SECTION.routes if role not in RIGHTS[route.action]]
    assert forbidden

    for route in forbidden:
        path = re.sub(r"\{\w+\}", "1", route.path)
        answer = visitor.get(path) if route.method == "GET" else visitor.post(path)
        assert (route.path, answer.status_code) == (route.path, 403)


@pytest.mark.parametrize("name", [ASKS, SIGNS])
def test_no_page_names_anybody_before_the_opening(site: Site, name: str, clue: str) -> None:
    visitor = site.visitor(name)
    paths = ["/clues", "/clues?status=all&sort=due", *(f"/clues/{clue}{own}" for own in OWN_PAGES)]
    seen = {path: visitor.get(path) for path in paths}

    assert {path: answer.status_code for path, answer in seen.items() if "amount" not in path} == {
        path: 200 for path in paths if "amount" not in path
    }
    assert [(path, text) for path, answer in seen.items() for text in MARKED if text in answer.text] == []


def test_evidence_comes_with_paper_and_page_and_names_hidden(site: Site, asks: Visitor, clue: str) -> None:
    text = asks.get(f"/clues/{clue}/papers").text

    assert "起诉书" in text and "轻伤二级" in text and "<mark>" in text and "□" in text


def test_pages_of_papers_wait_for_the_opening(asks: Visitor, clue: str) -> None:
    assert asks.get(f"/clues/{clue}/papers/1/1").status_code == 409
    assert asks.get(f"/clues/{clue}/papers/1/1/image").status_code == 409
    assert asks.get(f"/clues/{clue}/people").status_code == 409


def test_a_page_image_frames_the_words_and_carries_who_looks(site: Site, asks: Visitor, opened: str) -> None:
    answer = asks.get(f"/clues/{opened}/papers/1/1/image")

    assert answer.headers["content-type"] == "image/svg+xml" and answer.headers["cache-control"] == "no-store"
    assert answer.text.count(ASKS) > 3 and "<rect" in answer.text and "data:image/png;base64," in answer.text
    assert '"kind":"paper.shown"' in site.office.log()


def test_only_the_two_who_opened_see_the_names_each_time_noted(site: Site, asks: Visitor, opened: str) -> None:
    before = site.office.log().count('"kind":"person.shown"')
    text = asks.get(f"/clues/{opened}/people").text

    assert "李晓梅" in text and ASKS in text.split("watermark")[1]
    assert site.office.log().count('"kind":"person.shown"') == before + 1
    assert site.visitor(OTHER).get(f"/clues/{opened}/people").status_code == 403
    assert site.visitor(OTHER).get(f"/clues/{opened}/papers/1/1/image").status_code == 403


def test_who_asked_cannot_approve(site: Site, asks: Visitor, signs: Visitor, clue: str) -> None:
    asks.post(f"/clues/{clue}/confirm")
    asks.post(f"/clues/{clue}/openings", reason="告知权利")
    answer = asks.post(_opening(signs, clue))

    assert answer.status_code == 403 and "李晓梅" not in answer.text


def test_every_move_needs_what_the_rules_say(asks: Visitor, clue: str) -> None:
    assert asks.post(f"/clues/{clue}/reject").status_code == 422
    assert asks.post(f"/clues/{clue}/defer", until="2020-01-01", reason="等待").status_code == 422
    assert asks.post(f"/clues/{clue}/openings", reason="太早").status_code == 409
    assert asks.post(f"/clues/{clue}/note", reason="号码 11010119900101123X").status_code == 422
    assert "待分派" in asks.get(f"/clues/{clue}").text


def test_a_clue_is_checked_deferred_resumed_rejected_and_taken_up_again(asks: Visitor, clue: str) -> None:
    steps: tuple[tuple[str, dict[str, str], str], ...] = (
        ("check", {"person": "yes", "link": "unsure"}, "核查中"),
        ("defer", {"until": "2099-01-01", "reason": "等待鉴定"}, "暂缓"),
        ("resume", {}, "核查中"),
        ("reject", {"reason": "并非同一人", "link": "no"}, "已否定"),
        ("reopen", {"reason": "补充材料"}, "核查中"),
    )
    for step, fields, phase in steps:
        answer = asks.post(f"/clues/{clue}/{step}", fields)
        assert (step, answer.status_code) == (step, 200) and f"<dd>{phase}</dd>" in answer.text


def test_needs_lead_to_measures_and_special_cases_are_marked(asks: Visitor, clue: str) -> None:
    asks.post(f"/clues/{clue}/needs", {"need-GY-N-1": "1"})
    text = asks.post(f"/clues/{clue}/watch", on="yes", reason="命案家庭").text

    assert "referrals/new?service=" in text and "特别关注" in text


def test_the_list_filters_sorts_and_assigns(site: Site, asks: Visitor, clue: str) -> None:
    listed = asks.get("/clues?model=SX-1&colour=orange&sort=-due").text
    assert clue in listed and 'aria-sort="descending"' in listed
    assert clue not in asks.get("/clues?model=PA").text

    answer = asks.post("/clues/assign", {f"clue-{clue}": "1", "to-2": "1"})
    assert "已分派 1 条线索" in answer.text
    assert site.office.node.board.items([site.office.node.book.get(clue)])[0].officer == OTHER
    assert "请选择承办人" in asks.post("/clues/assign", {f"clue-{clue}": "1"}).text


def test_several_clues_are_given_to_several_officers_in_turn(site: Site, asks: Visitor) -> None:
    keys = sorted(site.office.fresh() for _ in range(3))
    asks.post("/clues/assign", {f"clue-{key}": "1" for key in keys} | {"to-0": "1", "to-2": "1"})

    node = site.office.node
    items = {item.clue.clue_id: item.officer for item in node.board.items([node.book.get(key) for key in keys])}
    assert [items[key] for key in keys] == [ASKS, OTHER, ASKS]


def test_a_clue_says_in_words_what_its_model_its_grade_and_its_registers_mean(asks: Visitor, clue: str) -> None:
    text = asks.get(f"/clues/{clue}").text

    assert "两库四比对之一" in text and "核对案情" in text
    assert "DIBAO" not in text and "类别 低保" in text


def test_a_person_no_register_knew_was_asked_for_with_every_model_of_the_round(site: Site, clue: str) -> None:
    node, asked = site.office.node, ["SX-1", "SX-2"]
    row = new_request(choose_models(node.models, asked), round_id="0" * 32, reference="专项", by=ASKS, now=node.clock())
    node.store.insert(REQUESTS, row)

    found = node.models_asked(replace(node.book.get(clue), model=UNMATCHED, last_round="0" * 32))
    assert [model.id for model in found] == asked


def test_a_page_beyond_the_end_shows_the_last_one(asks: Visitor, clue: str) -> None:
    assert clue in asks.get("/clues?status=all&page=9999").text


def test_an_export_is_masked_and_noted(site: Site, asks: Visitor, clue: str) -> None:
    answer = asks.post("/clues/export", {"form": ".xlsx", "status": "all"})
    rows = list(openpyxl.load_workbook(BytesIO(answer.content))["线索"].iter_rows(values_only=True))

    assert clue in {row[0] for row in rows} and '"kind":"clues.exported"' in site.office.log()
    assert [text for text in MARKED for row in rows for cell in row if text in str(cell)] == []


def test_the_timeline_joins_all_clues_of_a_person_without_naming_him(asks: Visitor, site: Site, clue: str) -> None:
    other = site.office.fresh()
    asks.post(f"/clues/{other}/note", reason="电话已联系")
    text = asks.get(f"/clues/{clue}/person/1").text

    assert other in text and "电话已联系" in text and asks.get(f"/clues/{clue}/person/2").status_code == 404
    assert [marked for marked in MARKED if marked in text] == []


ANSWERS = {"item-scope-1": "yes", "item-scope-2": "yes", "item-art7-3": "yes"} | {
    f"item-art8-{n}": "no" for n in range(1, 7)
}
FACTS = {"fault": "none", "tier": "serious", "harm": "2", "case_type": "criminal_injury", "award": "50000", "paid": "0"}


def test_the_calculator_shows_every_term_and_what_is_missing(asks: Visitor, clue: str) -> None:
    missing = asks.post(f"/clues/{clue}/amount", {"tier": ""})
    complete = asks.post(f"/clues/{clue}/amount", FACTS | ANSWERS)

    assert missing.status_code == 422 and "missing" in missing.text
    assert complete.status_code == 200 and "建议金额" in complete.text and "符合条件" in complete.text
    assert 'value="50000"' in complete.text and 'class="chart"' in complete.text and "±30%" in complete.text


def test_an_amount_is_proposed_decided_by_another_and_paid(site: Site, asks: Visitor, signs: Visitor) -> None:
    clue = site.office.fresh(1)
    asks.post(f"/clues/{clue}/confirm")
    asks.post(f"/clues/{clue}/openings", reason="告知权利")
    signs.post(_opening(signs, clue))
    award = str(asks.post(f"/clues/{clue}/amount/propose", FACTS | ANSWERS | {"harm": "3"}).url.path)
    assert award.startswith("/awards/")

    assert asks.post(f"{award}/decide").status_code == 403
    assert signs.post(f"{award}/pay", paid_on="2026-01-01").status_code == 403
    approval = {"subject": "decision", "role": "chief_prosecutor", "up_to": "100000"}
    assert signs.post(f"{award}/approve", approval).status_code == 200
    assert "决定金额" in signs.post(f"{award}/decide", {"reason-peers": "伤情更重"}).text
    today = local_day(site.office.node.clock()).isoformat()
    assert f"{today} {ASKS}" in asks.post(f"{award}/pay", paid_on=today).text


def test_a_referral_goes_from_draft_to_the_letter_by_two_people(asks: Visitor, signs: Visitor, opened: str) -> None:
    form = asks.get(f"/clues/{opened}/referrals/new?service=temporary&person=1").text
    fields = re.findall(r'name="send-(\w+)"', form)
    assert fields and "李晓梅" not in form
    wish = {f"send-{name}": "1" for name in fields} | {"service": "temporary", "person": "1"}
    drafted = asks.post(f"/clues/{opened}/referrals", wish)
    at = str(drafted.url.path)
    assert at.startswith("/referrals/"), drafted.text
    assert [marked for marked in MARKED if marked in drafted.text] == [] and "【姓名】" in drafted.text

    assert asks.post(f"{at}/approve").status_code == 403
    assert signs.post(f"{at}/approve").status_code == 200
    sent = asks.post(f"{at}/send")
    assert "已发出" in sent.text
    shown = asks.get(f"{at}/open").text
    letter = docx.Document(BytesIO(asks.post(f"{at}/letter", mask="no").content))
    paragraphs = [p.text.strip() for p in letter.paragraphs if p.text.strip()]
    assert any("李晓梅" in text for text in paragraphs)
    assert [text for text in paragraphs if text not in shown] == []
