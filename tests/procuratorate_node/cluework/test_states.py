"""The states of a clue: what leads where, and that no way goes around a person, a reason or an open award."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.errors import RoundStateError
from procuratorate_node.cluework.states import (
    CONFIRMED_STATES,
    NEEDS_REASON,
    OPEN_AWARD,
    Action,
    AwardState,
    Standing,
    Status,
    act,
    possible,
)

WALK = (
    (Action.ASSIGN, "assigned"),
    (Action.CHECK, "review"),
    (Action.DEFER, "deferred"),
    (Action.RESUME, "review"),
    (Action.CONFIRM, "confirmed"),
    (Action.IDENTIFY, "identified"),
    (Action.PROPOSE, "award-proposed"),
    (Action.DECIDE, "award-decided"),
    (Action.PAY, "award-paid"),
    (Action.FOLLOW, "followed-up"),
    (Action.CLOSE, "closed"),
    (Action.REOPEN, "review"),
)
STANDINGS = st.builds(
    Standing, st.sampled_from(Status), st.sampled_from(AwardState), st.integers(0, 3), st.integers(0, 3)
)


def test_a_clue_goes_from_candidate_to_closed_and_back_to_review() -> None:
    standing = Standing(Status.CANDIDATE)
    for action, phase in WALK:
        standing = act(standing, action, reason="理由")
        assert standing.phase == phase
    assert standing.award is AwardState.PAID


@pytest.mark.parametrize("action", sorted(NEEDS_REASON))
def test_what_needs_a_reason_is_refused_without_one(action: Action) -> None:
    for status in Status:
        with pytest.raises(RoundStateError, match="reason"):
            act(Standing(status, AwardState.DECIDED), action, reason=" ")


@pytest.mark.parametrize("action", [Action.PROPOSE, Action.DECIDE, Action.PAY])
def test_no_money_before_a_person_confirmed_and_two_opened(action: Action) -> None:
    for status in (Status.CANDIDATE, Status.ASSIGNED, Status.REVIEW, Status.DEFERRED, Status.CONFIRMED):
        for award in AwardState:
            with pytest.raises(RoundStateError):
                act(Standing(status, award), action)


@pytest.mark.parametrize("status", sorted(set(Status) - CONFIRMED_STATES))
def test_only_a_confirmed_clue_is_opened(status: Status) -> None:
    with pytest.raises(RoundStateError, match="confirmed"):
        act(Standing(status), Action.IDENTIFY)


@pytest.mark.parametrize("action", [Action.CLOSE, Action.REOPEN, Action.FOLLOW])
@pytest.mark.parametrize("award", sorted(OPEN_AWARD))
def test_an_open_award_is_ended_first(action: Action, award: AwardState) -> None:
    with pytest.raises(RoundStateError, match="pay or refuse"):
        act(Standing(Status.IDENTIFIED, award), action, reason="理由")


def test_a_clue_with_a_referral_without_an_outcome_is_not_closed() -> None:
    waiting = Standing(Status.IDENTIFIED, referrals=2, waiting=1)

    assert waiting.phase == "referred"
    with pytest.raises(RoundStateError, match="1 referrals"):
        act(waiting, Action.CLOSE, reason="理由")
    assert act(replace(waiting, waiting=0), Action.CLOSE, reason="理由").status is Status.CLOSED


@pytest.mark.parametrize("status", [Status.REJECTED, Status.CLOSED])
def test_a_changed_clue_that_was_rejected_or_closed_is_a_candidate_again(status: Status) -> None:
    assert act(Standing(status), Action.CHANGE).status is Status.CANDIDATE
    assert act(Standing(Status.IDENTIFIED), Action.CHANGE).status is Status.IDENTIFIED


def test_aid_is_paid_once() -> None:
    with pytest.raises(RoundStateError, match="does not allow"):
        act(Standing(Status.IDENTIFIED, AwardState.PAID), Action.PROPOSE)
    assert act(Standing(Status.IDENTIFIED, AwardState.REFUSED), Action.PROPOSE).award is AwardState.PROPOSED


def test_a_refused_step_says_what_is_possible() -> None:
    with pytest.raises(RoundStateError) as raised:
        act(Standing(Status.CANDIDATE), Action.PAY)

    assert "assign" in raised.value.hint_en and "confirm" in raised.value.hint_en


@given(STANDINGS, st.sampled_from(Action))
def test_what_is_possible_is_what_is_done(standing: Standing, action: Action) -> None:
    if action in (Action.NOTE, Action.CHANGE, Action.LOSE):
        return
    if action in possible(standing):
        act(standing, action, reason="理由")
    else:
        with pytest.raises(RoundStateError):
            act(standing, action, reason="理由")


@given(st.lists(st.sampled_from(Action), max_size=30))
def test_no_state_that_can_be_reached_is_a_dead_end(actions: list[Action]) -> None:
    standing = Standing(Status.CANDIDATE)
    for action in actions:
        if action in possible(standing):
            standing = act(standing, action, reason="理由")

    assert possible(standing)
    assert standing.award not in OPEN_AWARD or standing.status in (Status.IDENTIFIED, Status.FOLLOWED)
