"""Work on clues over the real store and log: duties, audit before storing, checks, history, reopening by a round."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from linkage.errors import InputError, LinkageError, NotFoundError, PermissionRefused, RoundStateError
from linkage.owner.trail import AuditTrail
from linkage.warrant import utc_text
from procuratorate_node.cases.records import RowRef, Source
from procuratorate_node.casework import Casework
from procuratorate_node.clues import Clue, ClueBook, make_clue
from procuratorate_node.cluework.board import Board, neglected, tasks
from procuratorate_node.cluework.checks import Check
from procuratorate_node.cluework.elements import known_elements, load_elements
from procuratorate_node.cluework.finding import Part, Wanted
from procuratorate_node.cluework.states import Action
from procuratorate_node.cluework.work import ClueWork
from tests.procuratorate_node.cluework.conftest import later, row
from tests.procuratorate_node.conftest import LI, NOW, TODAY

Audit = Callable[[], str]


def phase(board: Board, clue: Clue, book: ClueBook) -> str:
    return board.items([book.get(clue.clue_id)])[0].phase


def test_a_found_clue_waits_for_an_officer_within_five_working_days(clue: Clue, board: Board, book: ClueBook) -> None:
    item = board.items(book.list())[0]

    assert (item.phase, item.officer, item.found) == ("candidate", "", TODAY)
    assert item.due is not None and (item.due.day, item.due.missing) == (date(2026, 11, 6), ())
    assert not item.overdue(date(2026, 11, 6)) and item.overdue(date(2026, 11, 7))


def test_a_deadline_over_a_year_without_holidays_says_so(
    clue: Clue, board: Board, book: ClueBook, work: ClueWork
) -> None:
    work.check(clue.clue_id, Check(person="yes"), by="甲", now=later(60))

    due = board.items(book.list())[0].due

    assert due is not None and due.missing == (2027,) and "assumed" in due.text


def test_clues_are_assigned_in_turn_and_only_by_who_may(
    clue: Clue, casework: Casework, book: ClueBook, work: ClueWork, board: Board, audit: Audit
) -> None:
    other = make_clue(row(case="c2", rows=(RowRef(Source.PARTIES, "c2", "D3"),)), casework.facts, locality=None)
    book.take_round("r2", ["SX-1"], [clue, other], at=utc_text(NOW))
    keys = [clue.clue_id, other.clue_id]

    with pytest.raises(PermissionRefused):
        work.assign(keys, ["甲"], by="甲", now=NOW)
    with pytest.raises(PermissionRefused):
        work.assign(keys, ["财政局"], by="乙", now=NOW)
    assert "clue.step" not in audit()

    assert work.assign(keys, ["甲", "乙"], by="乙", now=NOW) == {clue.clue_id: "甲", other.clue_id: "乙"}
    assert {i.phase for i in board.items(book.list())} == {"assigned"}
    total, items = board.find(Wanted(officer="乙"), Part(), today=TODAY)
    assert (total, [i.clue.clue_id for i in items]) == (1, [other.clue_id])


def test_a_bulk_assignment_happens_whole_or_not_at_all(
    clue: Clue, work: ClueWork, board: Board, book: ClueBook
) -> None:
    with pytest.raises(NotFoundError):
        work.assign([clue.clue_id, "none"], ["甲"], by="乙", now=NOW)

    assert phase(board, clue, book) == "candidate"


@pytest.mark.parametrize("text", [f"号码{LI}", "电话 13800138000 可用", "139 1234 5678", "１３８００１３８０００", " "])
def test_a_note_with_a_personal_number_is_refused_and_never_quoted(
    text: str, clue: Clue, work: ClueWork, audit: Audit
) -> None:
    with pytest.raises(LinkageError) as raised:
        work.note(clue.clue_id, text, by="甲", now=NOW)

    assert isinstance(raised.value, InputError | RoundStateError)
    assert not text.strip() or text.strip() not in str(raised.value)
    assert "clue.step" not in audit()


def test_a_note_stands_in_the_history_with_who_and_when_and_not_in_the_log(
    clue: Clue, work: ClueWork, board: Board, audit: Audit
) -> None:
    work.note(clue.clue_id, "已联系村委会", by="甲", now=NOW)

    assert board.history(clue.clue_id)[-1] == (utc_text(NOW), "甲", "note", "candidate", "已联系村委会")
    assert "clue.step" in audit() and "村委会" not in audit()


def test_a_check_that_found_something_wrong_stops_the_confirmation(clue: Clue, work: ClueWork) -> None:
    work.check(clue.clue_id, Check(person="yes", link="no"), by="甲", now=NOW)

    with pytest.raises(RoundStateError, match="link"):
        work.confirm(clue.clue_id, by="甲", now=NOW)
    work.check(clue.clue_id, Check("yes", "yes", "yes"), by="乙", now=NOW)
    work.confirm(clue.clue_id, by="甲", now=NOW)
    assert work.last_check(clue.clue_id) == Check("yes", "yes", "yes")


def test_confirming_without_a_check_says_that_all_is_right(clue: Clue, work: ClueWork) -> None:
    work.confirm(clue.clue_id, by="甲", now=NOW)

    assert work.last_check(clue.clue_id) == Check("yes", "yes", "yes")


def test_a_check_says_something_and_in_known_words(clue: Clue, work: ClueWork) -> None:
    with pytest.raises(InputError):
        work.check(clue.clue_id, Check(), by="甲", now=NOW)
    with pytest.raises(InputError):
        Check(person="maybe")


def test_a_deferred_clue_comes_back_on_its_day(clue: Clue, work: ClueWork, board: Board, book: ClueBook) -> None:
    with pytest.raises(InputError):
        work.defer(clue.clue_id, TODAY, by="甲", now=NOW, reason="等鉴定")
    work.defer(clue.clue_id, date(2026, 11, 20), by="甲", now=NOW, reason="等鉴定")

    items = board.items(book.list())
    assert tasks(items, board.deadlines, today=date(2026, 11, 19)) == ()
    assert [t.en for t in tasks(items, board.deadlines, today=date(2026, 11, 20))] == [
        "the deferral is over: resume the check"
    ]
    work.simply(clue.clue_id, Action.RESUME, by="甲", now=NOW)
    assert board.items(book.list())[0].deferred_until is None


@pytest.mark.parametrize("end", ["reject", "close"])
def test_a_round_that_changes_an_ended_clue_reopens_it_with_a_new_deadline(
    end: str, clue: Clue, work: ClueWork, board: Board, book: ClueBook
) -> None:
    if end == "reject":
        work.reject(clue.clue_id, by="甲", now=NOW, reason="已获赔偿", verdict=Check(facts="no"))
    else:
        work.simply(clue.clue_id, Action.CLOSE, by="甲", now=NOW, reason="本人不愿申请")
    changed = replace(clue, tags=("DIBAO", "DIS12"))

    book.take_round("r2", ["SX-1"], [clue], at=utc_text(later(20)))
    assert phase(board, clue, book) in ("rejected", "closed")
    book.take_round("r3", ["SX-1"], [changed], at=utc_text(later(30)))

    item = board.items(book.list())[0]
    assert (item.phase, item.clue.decided_by, item.since) == ("candidate", "", date(2026, 11, 30))
    assert board.history(clue.clue_id)[-1][1:4] == ("r3", "changed", "candidate")


def test_a_clue_no_later_round_finds_is_on_the_list_until_it_is_closed(
    clue: Clue, work: ClueWork, board: Board, book: ClueBook
) -> None:
    book.take_round("r2", ["SX-1"], [], at=utc_text(later(30)))

    assert [t.en for t in tasks(board.items(book.list()), board.deadlines, today=TODAY)] == [
        "a later round no longer finds it: check, then close"
    ]
    work.simply(clue.clue_id, Action.CLOSE, by="甲", now=NOW, reason="已脱贫")
    assert tasks(board.items(book.list()), board.deadlines, today=TODAY) == ()


def test_a_confirmation_is_logged_as_a_decision_that_logs_are_reconciled_by(
    clue: Clue, work: ClueWork, audit: Audit
) -> None:
    work.confirm(clue.clue_id, by="甲", now=NOW, reason="已核对")

    entries = [json.loads(line) for line in audit().splitlines()]
    (facts,) = [e["facts"] for e in entries if e["kind"] == "clue.decided"]
    assert {k: facts[k] for k in ("clue", "status", "by")} == {"clue": clue.clue_id, "status": "confirmed", "by": "甲"}


def test_nothing_is_stored_when_the_log_takes_no_entry(
    clue: Clue, work: ClueWork, board: Board, book: ClueBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: AuditTrail, kind: str, facts: object) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr(AuditTrail, "note", full)
    with pytest.raises(OSError, match="full"):
        work.confirm(clue.clue_id, by="甲", now=NOW)

    assert phase(board, clue, book) == "candidate" and work.last_check(clue.clue_id) is None


def test_elements_of_governance_are_kept_and_unknown_ones_refused(
    clue: Clue, work: ClueWork, board: Board, book: ClueBook
) -> None:
    assert [e.unit for e in known_elements(["wages"], load_elements(None))] == ["人社"]
    with pytest.raises(NotFoundError, match="element gold"):
        known_elements(["gold"], load_elements(None))
    work.set_elements(clue.clue_id, ["wages"], by="甲", now=NOW)

    assert board.items(book.list())[0].elements == ("wages",)


def test_a_confirmed_clue_whose_aid_is_overdue_is_reported_until_it_is_paid_refused_or_closed(
    identified: str, work: ClueWork, board: Board, book: ClueBook
) -> None:
    due = date(2026, 11, 13)
    assert neglected(board.items(book.list()), today=due) == ()
    assert [i.clue.clue_id for i in neglected(board.items(book.list()), today=later(20).date())] == [identified]

    work.simply(identified, Action.CLOSE, by="甲", now=NOW, reason="本人不愿申请")
    assert neglected(board.items(book.list()), today=later(20).date()) == ()


def test_a_petitioner_whose_clue_is_rejected_is_told_why(
    casework: Casework, work: ClueWork, board: Board, book: ClueBook, clue: Clue
) -> None:
    petition = replace(clue, clue_id="petition", model="SX-4", facts={"category": "信访"})
    book.take_round("r2", ["SX-4"], [petition], at=utc_text(NOW))
    work.reject("petition", by="甲", now=NOW, reason="不符合条件")
    work.reject(clue.clue_id, by="甲", now=NOW, reason="不符合条件")

    (task,) = tasks(board.items(book.list()), board.deadlines, today=TODAY)
    assert (task.item.clue.clue_id, task.en) == ("petition", "explain to the applicant why there is no aid")
    work.simply("petition", Action.EXPLAIN, by="甲", now=NOW, reason="已当面释法说理")
    assert tasks(board.items(book.list()), board.deadlines, today=TODAY) == ()


def test_special_cases_and_needs_are_kept(clue: Clue, work: ClueWork, board: Board, book: ClueBook) -> None:
    work.watch(clue.clue_id, on=True, by="甲", now=NOW, reason="命案家庭")
    work.set_needs(clue.clue_id, ["medical", "schooling"], by="甲", now=NOW)

    item = board.items(book.list())[0]
    assert (item.watched, item.needs) == (True, ("medical", "schooling"))
    assert board.find(Wanted(watched=True), Part(), today=TODAY) == (1, (item,))
    assert board.find(Wanted(overdue=True), Part(), today=TODAY) == (0, ())
