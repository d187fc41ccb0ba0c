"""A unit's answers move a referral forwards only; rounds verify what came of it; paper units are recorded by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from linkage.errors import InputError, PermissionRefused, RoundStateError
from linkage.owner.referrals import Answer, ReferralStatus
from procuratorate_node.referrals import answers
from procuratorate_node.referrals.answers import close, outcomes, record, take_status, verify_by_hand, verify_outcomes
from procuratorate_node.referrals.states import NEXT, State, is_overdue, may_follow
from tests.procuratorate_node.referrals.conftest import MONDAY

DIBAO = Answer("纳入低保", "2026-11-20", "")
AT = "2026-11-03T00:00:00Z"


def take(bureau: Any, found: Any, *states: Any, answer: Answer | None = None, sender: str = "civil") -> None:
    for state in states:
        given = answer if state == "DONE" else None
        reason = "不属本辖区" if state == "REFUSED" else ""
        status = bureau.status(found.relay_id, state, sender=sender, reason=reason, answer=given)
        take_status(bureau.place.table, bureau.place.trail, status, now=MONDAY)


def test_the_units_answers_come_back_step_by_step(bureau: Any) -> None:
    found = bureau.sent("dibao")
    take(bureau, found, "RECEIVED", "ACCEPTED", "DONE", answer=DIBAO)

    after = bureau.place.table.named(found.referral_id)
    assert (after.state, after.answer) == (State.DONE, DIBAO)
    assert [s.state for s in bureau.place.table.steps(found.referral_id)] == [
        *("DRAFT", "APPROVED", "SENT", "RECEIVED", "ACCEPTED", "DONE")
    ]
    assert bureau.log().count('"referral.answered"') == 3


def test_an_answer_that_comes_twice_late_or_from_another_changes_nothing(bureau: Any) -> None:
    found = bureau.sent("dibao")
    take(bureau, found, "RECEIVED", "ACCEPTED", "RECEIVED", "ACCEPTED")
    take(bureau, found, "REFUSED", sender="court")
    take(bureau, replace(found, relay_id="00" * 16), "REFUSED")

    assert bureau.state(found) is State.ACCEPTED
    assert bureau.log().count('"referral.answered"') == 2


def test_a_refusal_keeps_its_reason_and_ends_the_waiting(bureau: Any) -> None:
    found = bureau.sent("dibao")
    take(bureau, found, "RECEIVED", "REFUSED", "DONE", answer=DIBAO)

    after = bureau.place.table.named(found.referral_id)
    assert (after.state, after.reason, after.item) == (State.REFUSED, "不属本辖区", "")


def test_done_without_what_was_expected_is_not_taken(bureau: Any) -> None:
    found = bureau.sent("dibao")
    take(bureau, found, "RECEIVED", "ACCEPTED")
    with pytest.raises(InputError, match="纳入低保"):
        take(bureau, found, "DONE", answer=Answer("别的", "2026-11-20", ""))

    assert bureau.state(found) is State.ACCEPTED


def test_paper_answers_are_recorded_and_only_for_units_without_a_node(bureau: Any) -> None:
    paper, sealed = bureau.sent("charity"), bureau.sent("dibao")
    for state, answer in (("ACCEPTED", Answer()), ("DONE", Answer("已救助", "2026-11-20", "1000至5000元"))):
        status = ReferralStatus(state, "", "甲", AT, answer)  # type: ignore[arg-type]  # The states are literals.
        record(bureau.place, paper.referral_id, status, by="甲", now=MONDAY)

    assert bureau.place.table.named(paper.referral_id).band == "1000至5000元"
    with pytest.raises(RoundStateError, match="node"):
        record(bureau.place, sealed.referral_id, ReferralStatus("ACCEPTED", "", "甲", AT), by="甲", now=MONDAY)
    with pytest.raises(PermissionRefused):
        record(bureau.place, paper.referral_id, ReferralStatus("ACCEPTED", "", "丙", AT), by="丙", now=MONDAY)


def done(bureau: Any, *, tags: tuple[str, ...] = ("CARD",)) -> Any:
    found = bureau.sent("dibao", clue=bureau.clue(tags=tags))
    take(bureau, found, "RECEIVED", "ACCEPTED", "DONE", answer=DIBAO)
    return bureau.place.table.named(found.referral_id)


@pytest.mark.parametrize(
    ("tags", "change", "when", "verified"),
    [
        (("DIBAO",), {}, "2026-12-01T00:00:00Z", True),
        (("+DIBAO",), {}, "2026-12-01T00:00:00Z", True),  # The register says that the person is new in it (GY-C-3).
        (("-DIBAO",), {}, "2026-12-01T00:00:00Z", False),
        (("MEDAID",), {}, "2026-12-01T00:00:00Z", False),
        (("DIBAO",), {"verdict": "cannot-tell"}, "2026-12-01T00:00:00Z", False),
        (("DIBAO",), {"change": "gone"}, "2026-12-01T00:00:00Z", False),
        (("DIBAO",), {}, "2026-11-01T00:00:00Z", False),  # Delivered before the referral was sent.
    ],
)
def test_a_later_round_verifies_an_outcome(
    bureau: Any, tags: tuple[str, ...], change: dict[str, str], when: str, verified: bool
) -> None:
    found = done(bureau)
    later = replace(bureau.place.book.get(bureau.clue(model="SX-2")), tags=tags, last_round="r2", **change)
    clues = [bureau.place.book.get(found.clue_id), later]
    shown = outcomes([found], clues, person_of=bureau.work.facts.person_of, delivered={"r2": when})
    verify_outcomes(bureau.place, shown, now=MONDAY + timedelta(days=30))

    after = bureau.place.table.named(found.referral_id)
    assert (after.state is State.VERIFIED, "round:r2" in after.evidence) == (verified, verified)


def test_what_the_person_had_before_proves_nothing(bureau: Any) -> None:
    found = done(bureau, tags=("DIBAO",))
    later = replace(bureau.place.book.get(bureau.clue(model="SX-2")), tags=("DIBAO",), last_round="r2")
    clues = [bureau.place.book.get(found.clue_id), later]

    assert outcomes([found], clues, person_of=bureau.work.facts.person_of, delivered={"r2": "2027"}) == []


def test_another_persons_tag_proves_nothing(bureau: Any) -> None:
    found = done(bureau)
    later = replace(bureau.place.book.get(bureau.clue("c5", "D3")), tags=("DIBAO",), last_round="r2")
    clues = [bureau.place.book.get(found.clue_id), later]

    assert outcomes([found], clues, person_of=bureau.work.facts.person_of, delivered={"r2": "2027"}) == []


def test_an_officer_may_verify_with_evidence_and_a_number_in_it_is_refused(bureau: Any) -> None:
    found = done(bureau)
    with pytest.raises(InputError, match="personal number"):
        verify_by_hand(bureau.place, found.referral_id, by="甲", evidence="证号 327425198005121243", now=MONDAY)
    verify_by_hand(bureau.place, found.referral_id, by="甲", evidence="已核对低保证", now=MONDAY)
    close(bureau.place, found.referral_id, by="甲", reason="", now=MONDAY)

    assert bureau.state(found) is State.CLOSED
    assert "referral.verified" in bureau.log() and "低保证" not in bureau.log()


def test_what_was_not_verified_is_closed_with_a_reason_only(bureau: Any) -> None:
    found = bureau.drafted()
    with pytest.raises(InputError):
        close(bureau.place, found.referral_id, by="甲", reason=" ", now=MONDAY)
    close(bureau.place, found.referral_id, by="甲", reason="本人不愿意", now=MONDAY)

    assert bureau.place.table.named(found.referral_id).reason == "本人不愿意"
    assert bureau.drafted("temporary", found.clue_id).state is State.DRAFT  # A closed one blocks nothing.


def test_what_is_with_a_unit_cannot_be_closed_behind_its_back(bureau: Any) -> None:
    found = bureau.sent()
    with pytest.raises(RoundStateError):
        close(bureau.place, found.referral_id, by="甲", reason="忘了", now=MONDAY)


def test_a_referral_is_overdue_from_the_day_after_its_due_day_while_the_unit_has_it(bureau: Any) -> None:
    found = bureau.sent()
    assert [found.is_overdue(date(2026, 11, day)) for day in (16, 17)] == [False, True]
    assert [s for s in State if is_overdue(s, date(2026, 11, 16), date(2026, 11, 17))] == [
        *("SENT", "RECEIVED", "ACCEPTED")
    ]


def test_every_state_is_reached_and_only_closed_ends() -> None:
    reached = {State.DRAFT}
    while more := {n for s in reached for n in NEXT[s]} - reached:
        reached |= more

    assert reached == set(State)
    assert [s for s in State if not NEXT[s]] == [State.CLOSED]
    assert not any(may_follow(s, s) for s in State)


def test_statuses_need_no_catalogue_so_a_broken_one_loses_no_answer() -> None:
    names = answers.take_status.__code__.co_varnames[: answers.take_status.__code__.co_argcount]

    assert names == ("table", "trail", "relay")
