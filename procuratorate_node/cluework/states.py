"""The states of a clue as a pure machine: what may be done from where, and where it leads.

candidate → assigned → review → confirmed | rejected | deferred → identified → (award and referrals) → followed-up →
closed; reopened leads back to review. The award has its own state, because an award and referrals run side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from linkage.errors import RoundStateError


class Status(StrEnum):
    """Where a clue stands."""

    CANDIDATE = "candidate"
    ASSIGNED = "assigned"
    REVIEW = "review"
    DEFERRED = "deferred"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    IDENTIFIED = "identified"
    FOLLOWED = "followed-up"
    CLOSED = "closed"


class AwardState(StrEnum):
    """Where a clue's newest award stands."""

    NONE = ""
    PROPOSED = "proposed"
    DECIDED = "decided"
    PAID = "paid"
    REFUSED = "refused"


class Action(StrEnum):
    """What is done with a clue; FIND, CHANGE and LOSE come from a round, all others from an officer."""

    FIND = "found"
    CHANGE = "changed"
    LOSE = "gone"
    ASSIGN = "assign"
    CHECK = "check"
    CONFIRM = "confirm"
    REJECT = "reject"
    DEFER = "defer"
    RESUME = "resume"
    ASK = "opening-asked"
    IDENTIFY = "identify"
    PROPOSE = "propose"
    DECIDE = "decide"
    REFUSE = "refuse"
    PAY = "pay"
    EXPLAIN = "explain"
    FOLLOW = "follow"
    CLOSE = "close"
    REOPEN = "reopen"
    NOTE = "note"


OPEN_AWARD: Final = frozenset({AwardState.PROPOSED, AwardState.DECIDED})
CONFIRMED_STATES: Final = frozenset({Status.CONFIRMED, Status.IDENTIFIED, Status.FOLLOWED})
UNDECIDED: Final = (Status.CANDIDATE, Status.ASSIGNED, Status.REVIEW, Status.DEFERRED)
OPENED: Final = (Status.IDENTIFIED, Status.FOLLOWED)


def _all_to(target: Status, *sources: Status) -> dict[Status, Status]:
    return dict.fromkeys(sources, target)


def _same(*sources: Status) -> dict[Status, Status]:
    return {s: s for s in sources}


WAYS: Final[Mapping[Action, Mapping[Status, Status]]] = {
    Action.ASSIGN: _same(*(s for s in Status if s not in (Status.REJECTED, Status.CLOSED)))
    | {Status.CANDIDATE: Status.ASSIGNED},
    Action.CHECK: _same(*CONFIRMED_STATES) | _all_to(Status.REVIEW, *UNDECIDED),
    Action.CONFIRM: _all_to(Status.CONFIRMED, *UNDECIDED),
    Action.REJECT: _all_to(Status.REJECTED, *UNDECIDED),
    Action.DEFER: _all_to(Status.DEFERRED, *UNDECIDED),
    Action.RESUME: {Status.DEFERRED: Status.REVIEW},
    Action.ASK: _same(Status.CONFIRMED, *OPENED),
    Action.IDENTIFY: _same(*OPENED) | {Status.CONFIRMED: Status.IDENTIFIED},
    Action.PROPOSE: _same(*OPENED),
    Action.DECIDE: _same(*OPENED),
    Action.REFUSE: _same(*OPENED),
    Action.PAY: _same(*OPENED),
    Action.EXPLAIN: _same(Status.REJECTED, *OPENED, Status.CLOSED),
    Action.FOLLOW: _all_to(Status.FOLLOWED, *OPENED),
    Action.CLOSE: _all_to(Status.CLOSED, *(s for s in Status if s is not Status.CLOSED)),
    Action.REOPEN: _all_to(
        Status.REVIEW, Status.CONFIRMED, Status.REJECTED, Status.IDENTIFIED, Status.FOLLOWED, Status.CLOSED
    ),
    Action.NOTE: _same(*Status),
    Action.CHANGE: _same(*Status) | _all_to(Status.CANDIDATE, Status.REJECTED, Status.CLOSED),
    Action.LOSE: _same(*Status),
}
AWARD_WAYS: Final[Mapping[Action, Mapping[AwardState, AwardState]]] = {
    Action.PROPOSE: {AwardState.NONE: AwardState.PROPOSED, AwardState.REFUSED: AwardState.PROPOSED},
    Action.DECIDE: {AwardState.PROPOSED: AwardState.DECIDED},
    Action.REFUSE: dict.fromkeys(OPEN_AWARD, AwardState.REFUSED),
    Action.PAY: {AwardState.DECIDED: AwardState.PAID},
}
NEEDS_REASON: Final = frozenset(
    {Action.REJECT, Action.DEFER, Action.CLOSE, Action.REOPEN, Action.REFUSE, Action.NOTE, Action.EXPLAIN}
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A clue's state with what runs beside it; `referrals` are all sent ones, `waiting` those without an outcome."""

    status: Status
    award: AwardState = AwardState.NONE
    referrals: int = 0
    waiting: int = 0

    @property
    def phase(self) -> str:
        """Return the one word that lists and deadlines go by."""
        if self.status is not Status.IDENTIFIED:
            return self.status.value
        if self.award in (*OPEN_AWARD, AwardState.PAID):
            return f"award-{self.award.value}"
        return "referred" if self.referrals else self.status.value


def act(standing: Standing, action: Action, *, reason: str = "") -> Standing:
    """Return where the action leads. Raises RoundStateError, which says what may be done instead."""
    if action in NEEDS_REASON and not reason.strip():
        raise RoundStateError("必须写明理由", f"'{action}' must give a reason")
    if not _leads(standing, action):
        raise _not_now(standing, action)
    if hindrance := _hindrance(standing, action):
        raise RoundStateError(*hindrance)
    award = AWARD_WAYS.get(action, {}).get(standing.award, standing.award)
    return replace(standing, status=WAYS[action][standing.status], award=award)


def possible(standing: Standing) -> tuple[Action, ...]:
    """Return what an officer may do next, notes left out."""
    ours = (a for a in WAYS if a not in (Action.NOTE, Action.CHANGE, Action.LOSE))
    return tuple(a for a in ours if _leads(standing, a) and not _hindrance(standing, a))


def _leads(standing: Standing, action: Action) -> bool:
    awards = AWARD_WAYS.get(action)
    return standing.status in WAYS.get(action, {}) and (awards is None or standing.award in awards)


def _hindrance(standing: Standing, action: Action) -> tuple[str, str] | None:
    """Return in both languages what must end before a clue is followed up, closed or taken up again."""
    if action in (Action.CLOSE, Action.REOPEN, Action.FOLLOW) and standing.award in OPEN_AWARD:
        return (
            "救助金额尚未支付或驳回，不能进行此操作",
            f"an award is still {standing.award}: pay or refuse it before '{action}'",
        )
    if action is Action.CLOSE and standing.waiting:
        return (
            f"还有 {standing.waiting} 件转介没有结果，不能办结",
            f"{standing.waiting} referrals have no outcome yet: the clue cannot be closed",
        )
    return None


def _not_now(standing: Standing, action: Action) -> RoundStateError:
    if action in (Action.CONFIRM, Action.REJECT) and standing.status not in UNDECIDED:
        return RoundStateError(
            "这条线索已有结论",
            "this clue is decided already",
            hint_zh="如需重新核查，先用 clues reopen 并写明理由",
            hint_en="`clues reopen` with a reason takes it up again",
        )
    if action is Action.IDENTIFY:
        return RoundStateError("只有已确认的线索才能还原身份", "only a confirmed clue can be opened")
    doable = ", ".join(possible(standing))
    return RoundStateError(
        f"线索状态为 {standing.phase}，不能进行 {action}",
        f"a clue that is {standing.phase} does not allow '{action}'",
        hint_zh=f"现在可以：{doable}",
        hint_en=f"possible now: {doable}",
    )
