"""From draft to sent: two officers, an identified clue, the least data, one relay, nothing personal in the open."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest

from linkage.errors import AuditError, ConfigError, InputError, NotFoundError, PermissionRefused, RoundStateError
from linkage.owner.participation import Participation
from procuratorate_node.cluework.board import Board
from procuratorate_node.cluework.deadlines import load_deadlines
from procuratorate_node.cluework.finding import Part, Wanted
from procuratorate_node.letters.filling import paragraphs_of
from procuratorate_node.letters.templates import shipped_templates
from procuratorate_node.referrals import desk
from procuratorate_node.referrals.least import NO_HOME_CONTACT
from procuratorate_node.referrals.states import State
from procuratorate_node.referrals.workplace import open_particulars
from procuratorate_node.store import CLUES, Store
from tests.procuratorate_node.cluework.conftest import assert_kept
from tests.procuratorate_node.conftest import LI, TODAY
from tests.procuratorate_node.referrals.conftest import MONDAY

LI_FACTS = ("李晓梅", LI, "柳湾镇钟桥村3组6号", "14100000001")


def text_of(content: bytes) -> str:
    return "\n".join(p.text for p in paragraphs_of(docx.Document(BytesIO(content))))


def test_a_referral_reaches_its_unit_with_the_least_data_a_number_a_due_day_and_the_letter(bureau: Any) -> None:
    found = bureau.sent("temporary", note="请尽快")

    (content,) = bureau.at_the_unit()
    assert dict(content.person) == {
        "name": "李晓梅",
        "id_number": LI,
        "address": "柳湾镇钟桥村3组6号",
        "phone": "14100000001",
        "need": "民政救济：临时救助",
    }
    assert (content.number, content.asked_by, content.approved_by) == ("示检救助建〔2026〕1号", "甲", "乙")
    assert (content.expected.due, found.due, content.expected.bands[0]) == ("2026-11-16", "2026-11-16", "1000元以下")
    assert content.referral == found.referral_id and found.clue_id not in str(content.to_content())
    assert content.letter is not None and content.letter.digest == found.letter_digest
    assert all(
        fact in text_of(content.letter.content) for fact in (*LI_FACTS, "2026年11月16日", "2026年11月2日", "请尽快")
    )


@pytest.mark.parametrize(
    ("service", "given", "fields"),
    [
        ("psychology", [], {"phone"}),
        ("enforcement", [], {"case_number"}),
        ("green-channel", ["hospital=县医院"], {"name", "phone", "hospital"}),
        ("legal-aid", [], {"name", "phone", "case_number"}),
        ("job", ["skill=缝纫"], {"name", "phone", "skill"}),
    ],
)
def test_a_service_gets_its_least_data_and_nothing_else(
    bureau: Any, service: str, given: list[str], fields: set[str]
) -> None:
    without = ("judgment",) if service == "enforcement" else ()
    found = bureau.drafted(service, given=given, without=without)

    held = open_particulars(bureau.place.keys, found.referral_id, found.sealed)
    assert set(found.fields) == set(held.person) == fields


@pytest.mark.parametrize("given", [["diagnosis=抑郁"], ["address=某处"], ["phone"], ["phone="]])
def test_a_field_the_service_does_not_have_cannot_be_sent_and_no_value_is_quoted(bureau: Any, given: list[str]) -> None:
    with pytest.raises(InputError) as raised:
        bureau.drafted("psychology", given=given)

    assert "抑郁" not in str(raised.value) and "某处" not in str(raised.value)


def test_a_field_nobody_knows_must_be_added_or_left_out(bureau: Any) -> None:
    clue = bureau.clue()
    with pytest.raises(InputError, match="hospital"):
        bureau.drafted("medical-aid", clue)

    assert bureau.drafted("medical-aid", clue, without=("hospital",)).fields == ("name", "id_number", "phone")


def test_a_clue_that_was_not_opened_or_not_confirmed_is_not_referred(bureau: Any) -> None:
    clue = bureau.clue()
    bureau.opened.clear()

    with pytest.raises(RoundStateError, match="opened"):
        bureau.drafted("temporary", clue)
    with pytest.raises(NotFoundError):
        bureau.drafted("temporary", "none")


def test_who_drafts_and_who_approves_are_two_people_with_the_duty(bureau: Any) -> None:
    found = bureau.drafted()
    for by in ("甲", "丙", "丁"):
        with pytest.raises(PermissionRefused):
            desk.approve(bureau.place, found.referral_id, by=by, now=MONDAY)
    with pytest.raises(RoundStateError, match="approved"):
        desk.send(bureau.place, found.referral_id, by="甲", now=MONDAY)

    assert bureau.state(found) is State.DRAFT and bureau.outbox() == []


def test_lists_go_by_a_referral_that_was_sent(bureau: Any) -> None:
    place, clue_id = bureau.place, bureau.clue()
    board = Board(Store(place.table.engine), load_deadlines(None), place.calendar)
    board.store.update(CLUES, clue_id, status="identified")
    assert_kept(board)

    bureau.sent(clue=clue_id)

    assert board.find(Wanted(status="referred"), Part(), today=TODAY)[0] == 1
    assert_kept(board)


def test_a_referral_is_sent_once(bureau: Any) -> None:
    found = bureau.sent()
    with pytest.raises(RoundStateError):
        desk.send(bureau.place, found.referral_id, by="甲", now=MONDAY)

    assert len(bureau.outbox()) == 1


def test_without_a_durable_audit_entry_nothing_is_sent(bureau: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = bureau.drafted()
    desk.approve(bureau.place, found.referral_id, by="乙", now=MONDAY)

    def full(kind: str, facts: object) -> None:
        raise AuditError("盘满", "disk full")

    monkeypatch.setattr(bureau.place.trail._log, "append", full)
    with pytest.raises(AuditError):
        desk.send(bureau.place, found.referral_id, by="甲", now=MONDAY)
    assert bureau.state(found) is State.APPROVED and bureau.outbox() == []


def test_the_same_service_for_the_same_person_is_not_drafted_twice(bureau: Any) -> None:
    first = bureau.drafted("temporary", bureau.clue())
    other = bureau.clue(model="SX-2")

    with pytest.raises(RoundStateError, match=first.referral_id[:8]):
        bureau.drafted("temporary", other)
    assert bureau.drafted("dibao", other).service == "dibao"


def test_letters_of_a_year_are_numbered_in_turn(bureau: Any) -> None:
    clue = bureau.clue()
    numbers = []
    for service in ("temporary", "dibao", "legal-aid"):
        found = bureau.drafted(service, clue)
        numbers.append(desk.approve(bureau.place, found.referral_id, by="乙", now=MONDAY).letter_number)

    assert numbers == [1, 2, 1]  # 建议函 and 转介函 count apart.


def test_a_unit_without_a_node_gets_no_relay(bureau: Any) -> None:
    found = bureau.sent("charity")

    assert (found.party, found.relay_id, bureau.outbox()) == ("", "", [])


@pytest.mark.parametrize(("case", "row"), [("c4", "D2"), ("c7", "D6")])
def test_minors_sexual_cases_and_people_of_unknown_age_are_not_pushed_to_the_grid(
    bureau: Any, case: str, row: str
) -> None:
    with pytest.raises(PermissionRefused, match="goes to the home"):
        bureau.drafted("field-visit", bureau.clue(case, row), given=["questions=家庭收入"])


def test_a_grown_persons_case_may_be_checked_on_the_spot(bureau: Any) -> None:
    assert bureau.drafted("field-visit", given=["questions=家庭收入"]).fields == ("name", "address", "questions")


def test_violence_at_home_withholds_the_address_and_warns_the_unit(bureau: Any) -> None:
    bureau.sent("temporary", clue=bureau.clue("c5", "D3"))

    (content,) = bureau.at_the_unit()
    assert "address" not in content.person and content.cautions == (NO_HOME_CONTACT,)
    assert content.letter is not None and "不得联系或前往家庭住址" in text_of(content.letter.content)
    assert "石桥镇" not in text_of(content.letter.content)


def test_a_preview_is_masked_and_the_clear_letter_is_an_audit_entry(bureau: Any) -> None:
    found = bureau.drafted()
    preview = desk.letter_of(bureau.place, found.referral_id, by="甲", now=MONDAY, mask=True)
    assert "【姓名】" in text_of(preview) and not any(fact in text_of(preview) for fact in LI_FACTS)
    assert "referral.letter" not in bureau.log()

    clear = desk.letter_of(bureau.place, found.referral_id, by="甲", now=MONDAY, mask=False)
    assert all(fact in text_of(clear) for fact in LI_FACTS) and "referral.letter" in bureau.log()


def test_neither_log_nor_database_nor_outbox_shows_who_is_referred(bureau: Any, tmp_path: Path) -> None:
    found = bureau.sent(note="李晓梅急需")
    desk.open_referral(bureau.place, found.referral_id, by="甲")
    bureau.place.table.engine.dispose()

    files = [f for f in bureau.config.state.rglob("*") if f.is_file()]
    held = b"".join(f.read_bytes() for f in files)
    assert found.referral_id.encode() in held
    assert not any(fact.encode() in held for fact in LI_FACTS)
    assert not any(fact in repr(found) for fact in LI_FACTS)
    kinds = ("referral.drafted", "referral.approved", "referral.sent", "referral.opened")
    assert all(kind in bureau.log() for kind in kinds)


def test_a_referral_the_coordinator_refused_is_told_and_leaves_again_byte_for_byte(bureau: Any) -> None:
    found, outbox = bureau.sent(), Participation(bureau.place.table.engine)
    (waiting,) = outbox.outbox()
    with pytest.raises(RoundStateError, match="not refused"):
        desk.resend(bureau.place, found.referral_id, by="甲")
    outbox.posted(waiting.number, fault="每天最多转递 500 件")
    assert [o.fault for o in desk.undelivered(bureau.place).values()] == ["每天最多转递 500 件"]
    assert outbox.outbox() == ()

    desk.resend(bureau.place, found.referral_id, by="甲")
    assert (outbox.outbox(), desk.undelivered(bureau.place)) == ((waiting,), {})


def test_a_template_that_cannot_be_used_is_told_before_anything_is_drafted(bureau: Any, tmp_path: Path) -> None:
    (tmp_path / "suggestion.docx").write_bytes(b"no document")
    bureau.place = replace(bureau.place, templates=shipped_templates(tmp_path))
    with pytest.raises(ConfigError, match=r"suggestion\.docx"):
        bureau.drafted("temporary")

    assert bureau.place.table.all() == []
