"""The state machine, over every pair of state and happening."""

from __future__ import annotations

from dataclasses import replace

import pytest

from linkage.coordinator.round import (
    ENDED,
    Accepted,
    Approved,
    Cancelled,
    ConsentsSent,
    Deleted,
    Erased,
    Expired,
    Failed,
    GraceOver,
    Happening,
    Matched,
    MatchRound,
    Refused,
    Sealed,
    State,
    advance,
)
from linkage.errors import RoundStateError

DIGEST = b"d" * 32
START = MatchRound("r", b"w" * 32, "p", frozenset({"a", "p"}), frozenset({"x", "y"}))
HAPPENINGS: list[Happening] = [
    Approved("a"),
    Refused("a", "why"),
    ConsentsSent(),
    Sealed("x"),
    Matched(DIGEST, 9),
    Accepted(DIGEST),
    Deleted("a"),
    Erased(),
    GraceOver(),
    Cancelled("why"),
    Expired(),
    Failed("why", "a"),
]
OPEN = [State.PROPOSED, State.CONSENTED, State.COLLECTING, State.MATCHING, State.READY]
ALLOWED: dict[tuple[State, str], State] = {
    (State.PROPOSED, "Approved"): State.PROPOSED,  # The other owner has still to decide.
    (State.PROPOSED, "Refused"): State.REFUSED,
    (State.CONSENTED, "ConsentsSent"): State.COLLECTING,
    (State.COLLECTING, "Sealed"): State.COLLECTING,
    (State.MATCHING, "Matched"): State.READY,
    (State.READY, "Accepted"): State.DELIVERED,
    (State.DELIVERED, "Accepted"): State.DELIVERED,
    (State.CLOSED, "Accepted"): State.CLOSED,
    (State.DELIVERED, "GraceOver"): State.CLOSED,
    **{(s, "Deleted"): s for s in [State.DELIVERED, *sorted(ENDED)]},
    **{(s, "Erased"): s for s in [State.DELIVERED, *sorted(ENDED)]},
    **{(s, "Cancelled"): State.CANCELLED for s in OPEN},
    **{(s, "Expired"): State.EXPIRED for s in OPEN},
    **{(s, "Failed"): State.FAILED for s in OPEN if s is not State.READY},
}


def in_state(state: State) -> MatchRound:
    has_result = state in (State.READY, State.DELIVERED, State.CLOSED)
    erased = state is State.DELIVERED
    return replace(START, state=state, result_digest=DIGEST if has_result else b"", erased=erased)


@pytest.mark.parametrize("happening", HAPPENINGS, ids=lambda h: type(h).__name__)
@pytest.mark.parametrize("state", State)
def test_every_pair_is_a_step_of_the_table_or_refused(state: State, happening: Happening) -> None:
    expected = ALLOWED.get((state, type(happening).__name__))
    if expected is None:
        with pytest.raises(RoundStateError):
            advance(in_state(state), happening)
    else:
        assert advance(in_state(state), happening).state is expected


def test_the_last_approval_consents() -> None:
    assert advance(advance(START, Approved("p")), Approved("a")).state is State.CONSENTED


def test_the_last_sealed_population_starts_matching() -> None:
    collecting = in_state(State.COLLECTING)

    assert advance(advance(collecting, Sealed("y")), Sealed("x")).state is State.MATCHING


def test_the_last_deletion_statement_closes_a_delivered_round() -> None:
    delivered = in_state(State.DELIVERED)

    assert advance(advance(delivered, Deleted("p")), Deleted("a")).state is State.CLOSED


@pytest.mark.parametrize("last", [Deleted("a"), GraceOver()], ids=["the last statement", "the end of the grace"])
def test_a_round_is_not_closed_before_what_lies_here_is_erased(last: Happening) -> None:
    owed = advance(replace(in_state(State.DELIVERED), erased=False), Deleted("p"))

    assert advance(owed, last).state is State.DELIVERED
    assert advance(advance(owed, Erased()), last).state is State.CLOSED


def test_the_erasure_closes_a_round_that_waited_for_nothing_else() -> None:
    owed = replace(in_state(State.DELIVERED), erased=False)

    assert advance(advance(advance(owed, Deleted("p")), Deleted("a")), Erased()).state is State.CLOSED


@pytest.mark.parametrize("last", [Deleted("a"), Erased()], ids=["statement", "erasure"])
def test_what_is_deleted_does_not_change_how_a_round_ended(last: Happening) -> None:
    failed = advance(in_state(State.FAILED), Deleted("p"))

    assert advance(failed, last).state is State.FAILED


@pytest.mark.parametrize(
    ("state", "happening"),
    [
        (State.PROPOSED, Approved("stranger")),
        (State.PROPOSED, Refused("stranger", "why")),
        (State.COLLECTING, Sealed("unknown")),
        (State.READY, Accepted(b"e" * 32)),
        (State.DELIVERED, Accepted(b"e" * 32)),
        (State.DELIVERED, Deleted("stranger")),
    ],
)
def test_strangers_and_other_digests_are_refused(state: State, happening: Happening) -> None:
    with pytest.raises(RoundStateError):
        advance(in_state(state), happening)


def test_who_approved_cannot_refuse_later() -> None:
    with pytest.raises(RoundStateError):
        advance(advance(START, Approved("a")), Refused("a", "why"))


def test_saying_the_same_again_changes_nothing() -> None:
    once = advance(START, Approved("a"))

    assert advance(once, Approved("a")) == once


def test_a_refusal_names_its_owner_and_reason() -> None:
    refused = advance(START, Refused("a", "why"))

    assert (refused.reason_party, refused.reason) == ("a", "why")
