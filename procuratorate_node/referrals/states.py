"""The states of a referral, which may follow which, and when one is overdue (domain C6, PA-P-3). Pure.

DRAFT → APPROVED → SENT → RECEIVED → ACCEPTED | REFUSED → DONE → VERIFIED → CLOSED. Overdue is not a state: it is what
an unanswered referral is from the first working day after its due day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from linkage.errors import RoundStateError


class State(StrEnum):
    """How far a referral is."""

    DRAFT = "DRAFT"
    APPROVED = "APPROVED"
    SENT = "SENT"
    RECEIVED = "RECEIVED"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    DONE = "DONE"
    VERIFIED = "VERIFIED"
    CLOSED = "CLOSED"


TITLES: Final[Mapping[State, str]] = {
    State.DRAFT: "拟稿",
    State.APPROVED: "已批准",
    State.SENT: "已发出",
    State.RECEIVED: "已收到",
    State.ACCEPTED: "已受理",
    State.REFUSED: "不予受理",
    State.DONE: "已办结",
    State.VERIFIED: "已核实",
    State.CLOSED: "已归档",
}
NEXT: Final[Mapping[State, frozenset[State]]] = {
    State.DRAFT: frozenset({State.APPROVED, State.CLOSED}),
    State.APPROVED: frozenset({State.SENT, State.CLOSED}),
    State.SENT: frozenset({State.RECEIVED, State.ACCEPTED, State.REFUSED}),
    State.RECEIVED: frozenset({State.ACCEPTED, State.REFUSED}),
    State.ACCEPTED: frozenset({State.DONE, State.REFUSED}),
    State.REFUSED: frozenset({State.CLOSED}),
    State.DONE: frozenset({State.VERIFIED, State.CLOSED}),
    State.VERIFIED: frozenset({State.CLOSED}),
    State.CLOSED: frozenset(),
}
BEFORE_SENDING: Final = (State.DRAFT, State.APPROVED)
WITH_THE_UNIT: Final = (State.SENT, State.RECEIVED, State.ACCEPTED)
LIVE: Final = (*BEFORE_SENDING, *WITH_THE_UNIT, State.DONE)  # While one is live, the same is not drafted again.


def may_follow(state: State, following: State) -> bool:
    """Tell whether one state may directly follow another."""
    return following in NEXT[state]


def require_step(state: State, following: State) -> None:
    """Raise RoundStateError unless the step is allowed."""
    if not may_follow(state, following):
        allowed = "、".join(TITLES[s] for s in State if s in NEXT[state]) or "无"
        raise RoundStateError(
            f"转介处于“{TITLES[state]}”，不能变为“{TITLES[following]}”",
            f"the referral is {state} and cannot become {following}",
            hint_zh=f"下一步可以是：{allowed}",
            hint_en=f"next may be: {', '.join(s for s in State if s in NEXT[state]) or 'nothing'}",
        )


def is_overdue(state: State, due: date | None, today: date) -> bool:
    """Tell whether the unit should have answered by now."""
    return state in WITH_THE_UNIT and due is not None and today > due
