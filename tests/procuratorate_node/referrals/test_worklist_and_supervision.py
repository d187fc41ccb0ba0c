"""Those no register knew are visited, aided, then suggested; unpaid judgment debts go to a lane of their own."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest

from linkage.database.copying import copy_out
from linkage.errors import InputError, NotFoundError, PermissionRefused, RoundStateError
from linkage.owner.database import OWNER
from procuratorate_node.anchors import Placed
from procuratorate_node.cases.records import RowRef, Source
from procuratorate_node.clues import CONFIRMED
from procuratorate_node.letters.filling import paragraphs_of
from procuratorate_node.referrals.supervision import Lane, Supervisions, SupervisionTable, months_after
from procuratorate_node.referrals.worklist import MODEL, Unmatched, Visit, unmatched_of, visited_clue
from procuratorate_node.store import PROCURATORATE
from tests.procuratorate_node.referrals.conftest import MONDAY

AT = "2026-11-02T01:00:00Z"


def placed(bureau: Any, *rows: tuple[str, str]) -> list[Placed]:
    refs = [RowRef(Source.PARTIES, case, row) for case, row in rows]
    return [Placed(bureau.work.facts.person_of[r], "", r.case, 1, {"sx-1.a": (r,)}) for r in refs]


def unmatched(bureau: Any, *rows: tuple[str, str]) -> list[Unmatched]:
    place = bureau.place
    anchors = placed(bureau, *rows)
    clues, rule = place.book.list(), place.catalogue.worklist
    return unmatched_of("r1", anchors, clues, facts=bureau.work.facts, table=place.colours, rule=rule)


EVERYBODY = (("c1", "D1"), ("c4", "D2"), ("c5", "D3"), ("c6", "D4"), ("c6", "D5"), ("c7", "D6"))


def test_the_gravely_harmed_and_unpaid_are_listed_gravest_first_and_suspects_never(bureau: Any) -> None:
    found = unmatched(bureau, *EVERYBODY)

    assert [(u.case_number, u.harm) for u in found] == [("c1", 3), ("c4", 3), ("c7", 3), ("c5", 2), ("c6", 2)]
    assert all(u.row != "D4" for u in found)


def test_whom_a_register_knew_is_not_listed(bureau: Any) -> None:
    bureau.clue("c1", "D1", tags=("DIBAO",))

    assert [u.case_number for u in unmatched(bureau, *EVERYBODY)] == ["c4", "c7", "c5", "c6"]


def test_a_later_round_that_finds_the_person_takes_him_off_the_list(bureau: Any) -> None:
    table, found = bureau.place.worklist, unmatched(bureau, ("c1", "D1"), ("c5", "D3"))
    assert table.take_round(found, frozenset()) == 2
    assert table.take_round(found, frozenset({found[0].person})) == 0

    assert [u.state for u in table.all()] == [Visit.MATCHED, Visit.OPEN]


def visited(bureau: Any) -> tuple[Unmatched, str]:
    table = bureau.place.worklist
    table.take_round(unmatched(bureau, ("c1", "D1")), frozenset())
    found = table.get("c1", "D1")
    clue = visited_clue(found, bureau.work.facts)
    bureau.place.book.add(clue, found.round_id)
    table.step(found, Visit.VISITED, by="丙", at=AT, note="困难属实", clue_id=clue.clue_id)
    bureau.place.book.decide(clue.clue_id, status=CONFIRMED, by="丙", reason="", at=AT)
    bureau.opened.add(clue.clue_id)
    return table.get("c1", "D1"), clue.clue_id


def test_a_letter_of_suggestion_waits_until_the_visited_person_is_aided(bureau: Any) -> None:
    found, clue = visited(bureau)
    assert bureau.place.book.get(clue).model == MODEL
    with pytest.raises(RoundStateError, match="aided"):
        bureau.drafted("dibao", clue)
    bureau.place.worklist.step(found, Visit.AIDED, by="丙", at=AT, note="已决定救助")

    assert bureau.drafted("dibao", clue).letter == "suggestion"


def test_the_work_list_goes_one_way(bureau: Any) -> None:
    found, _ = visited(bureau)
    table = bureau.place.worklist

    with pytest.raises(RoundStateError):
        table.step(found, Visit.VISITED, by="丙", at=AT, note="再访")
    with pytest.raises(NotFoundError):
        table.get("c1", "D9")


def lane(bureau: Any) -> Supervisions:
    return Supervisions(bureau.place, SupervisionTable(bureau.place.table.engine))


def unpaid(bureau: Any) -> str:
    return bureau.clue("c6", "D4", tags=("ENF_UNPAID",), model="WD-3")  # type: ignore[no-any-return]


def advised(bureau: Any) -> tuple[Supervisions, str]:
    found, clue = lane(bureau), unpaid(bureau)
    found.accept(clue, by="甲", exhausted="no", helped="unknown", now=MONDAY)
    found.draft(clue, by="甲", finding="未查询车辆登记", advice="依法查询\n恢复执行", now=MONDAY)
    found.approve(clue, by="乙", now=MONDAY)
    return found, clue


def test_a_case_level_clue_becomes_advice_with_a_number_and_a_due_day(bureau: Any) -> None:
    found, clue = advised(bureau)

    entry = found.table.get(clue)
    assert (entry.state, entry.letter_number, entry.due) == (Lane.ADVISED, 1, "2027-02-02")
    assert (entry.exhausted, entry.helped, entry.drafted_by, entry.approved_by) == ("no", "unknown", "甲", "乙")
    assert [entry.is_overdue(date(2027, 2, day)) for day in (2, 3)] == [False, True]


def test_the_letter_speaks_of_the_case_and_its_judgment_and_names_nobody(bureau: Any) -> None:
    found, clue = advised(bureau)
    content = found.letter(clue, case="盗窃案（c6）", judgments=("（2026）江7425刑初9号",), by="甲", now=MONDAY)
    text = "\n".join(p.text for p in paragraphs_of(docx.Document(BytesIO(content))))

    for said in ("示检建〔2026〕1号", "人民法院", "（2026）江7425刑初9号", "未查询车辆登记", "依法查询", "3个月"):
        assert said in text
    assert "吴大海" not in text and "冯小满" not in text


def test_an_answer_notes_what_was_paid_since_and_the_clue_is_closed(bureau: Any) -> None:
    found, clue = advised(bureau)
    found.step(clue, Lane.ANSWERED, by="甲", reason="已恢复执行", now=MONDAY, recovered="30000.50")
    found.step(clue, Lane.CLOSED, by="甲", reason="办结", now=MONDAY)

    assert (found.table.get(clue).state, found.table.get(clue).recovered) == (Lane.CLOSED, "30000.5")


def test_the_lane_has_a_duty_of_its_own_and_two_people(bureau: Any) -> None:
    found, clue = lane(bureau), unpaid(bureau)
    with pytest.raises(PermissionRefused):
        found.accept(clue, by="丙", exhausted="no", helped="no", now=MONDAY)
    found.accept(clue, by="甲", exhausted="no", helped="no", now=MONDAY)
    with pytest.raises(RoundStateError, match="drafted"):
        found.approve(clue, by="乙", now=MONDAY)
    found.draft(clue, by="甲", finding="事实", advice="建议", now=MONDAY)
    with pytest.raises(PermissionRefused):
        found.approve(clue, by="甲", now=MONDAY)


def test_only_clues_of_the_lane_are_in_it_and_each_step_needs_the_one_before(bureau: Any) -> None:
    found, clue, other = lane(bureau), unpaid(bureau), bureau.clue()

    assert [c.clue_id for c in found.eligible()] == [clue]
    with pytest.raises(RoundStateError, match="lane"):
        found.accept(other, by="甲", exhausted="no", helped="no", now=MONDAY)
    with pytest.raises(RoundStateError):
        found.draft(clue, by="甲", finding="事实", advice="建议", now=MONDAY)
    with pytest.raises(RoundStateError):
        found.step(clue, Lane.ANSWERED, by="甲", reason="回复", now=MONDAY)
    with pytest.raises(InputError, match="yes, no or unknown"):
        found.accept(clue, by="甲", exhausted="perhaps", helped="no", now=MONDAY)


def test_what_an_officer_wrote_lies_sealed(bureau: Any, tmp_path: Path) -> None:
    advised(bureau)
    copy_out(bureau.config.place, tmp_path / "copy.sqlite", (OWNER, PROCURATORATE))
    bureau.place.table.engine.dispose()
    files = (tmp_path / "copy.sqlite", *bureau.config.state.glob("node.db*"))
    held = b"".join(file.read_bytes() for file in files)

    assert "未查询车辆登记".encode() not in held and b"ADVISED" in held


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 1, 15), 3, date(2026, 4, 15)),
    ],
)
def test_months_end_where_the_month_ends(day: date, months: int, after: date) -> None:
    assert months_after(day, months) == after
