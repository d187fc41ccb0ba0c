"""The match round as a pure state machine (design §3): what happened, in; the next round, or RoundStateError, out.

* PROPOSED waits for every owner's decision; the last approval makes it CONSENTED, one refusal REFUSED.
* CONSENTED becomes COLLECTING when all owners were told; the last sealed population makes it MATCHING.
* READY holds the sealed result; DELIVERED means the requester has it; CLOSED means everybody's data are gone.
* A round that was delivered or ended, but is not `erased`, owes the erasure of what lies here; it is done until it is.
* Before READY is accepted a round can still fail, expire, be lost or be cancelled; REFUSED, EXPIRED, FAILED,
  CANCELLED and CLOSED never change again, but still take deletion statements.
* Saying the same thing twice changes nothing; saying another thing is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from linkage.errors import RoundStateError


class State(StrEnum):
    PROPOSED = "PROPOSED"
    CONSENTED = "CONSENTED"
    COLLECTING = "COLLECTING"
    MATCHING = "MATCHING"
    READY = "READY"
    DELIVERED = "DELIVERED"
    CLOSED = "CLOSED"
    REFUSED = "REFUSED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


ENDED = frozenset({State.CLOSED, State.REFUSED, State.EXPIRED, State.FAILED, State.CANCELLED})
OPEN = frozenset({State.PROPOSED, State.CONSENTED, State.COLLECTING, State.MATCHING, State.READY})
ERASABLE = ENDED | {State.DELIVERED}


@dataclass(frozen=True, slots=True)
class MatchRound:
    """One round's progress. `approved`, `sealed`, `deleted` hold owners, populations and parties."""

    id: str
    warrant_digest: bytes
    requester: str
    owners: frozenset[str]
    populations: frozenset[str]
    state: State = State.PROPOSED
    approved: frozenset[str] = frozenset()
    sealed: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()
    reason: str = ""
    reason_party: str = ""
    result_digest: bytes = b""
    result_bytes: int = 0
    erased: bool = False  # Our own data of the round are gone and we said so.

    def __post_init__(self) -> None:
        if not self.owners or not self.populations or self.requester not in self.owners:
            raise ValueError("a round needs owners, populations and a requester among the owners")
        if not (self.approved <= self.owners and self.deleted <= self.owners and self.sealed <= self.populations):
            raise ValueError("approvals, deletions and uploads must belong to the round")


@dataclass(frozen=True, slots=True)
class Approved:
    owner: str


@dataclass(frozen=True, slots=True)
class Refused:
    owner: str
    reason: str


@dataclass(frozen=True, slots=True)
class ConsentsSent:
    """All owners were told, durably, that all of them approved."""


@dataclass(frozen=True, slots=True)
class Sealed:
    population: str


@dataclass(frozen=True, slots=True)
class Matched:
    result_digest: bytes
    result_bytes: int


@dataclass(frozen=True, slots=True)
class Accepted:
    result_digest: bytes


@dataclass(frozen=True, slots=True)
class Deleted:
    party: str


@dataclass(frozen=True, slots=True)
class Erased:
    """What lay here of the round is gone."""


@dataclass(frozen=True, slots=True)
class GraceOver:
    """The time for deletion statements has passed."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    reason: str


@dataclass(frozen=True, slots=True)
class Expired:
    """The warrant's expiry has passed."""


@dataclass(frozen=True, slots=True)
class Failed:
    reason: str
    party: str = ""


@dataclass(frozen=True, slots=True)
class Lost:
    """What was held of the round, or known of it, is gone."""

    reason: str


Happening = (
    Approved
    | Refused
    | ConsentsSent
    | Sealed
    | Matched
    | Accepted
    | Deleted
    | Erased
    | GraceOver
    | Cancelled
    | Expired
    | Failed
    | Lost
)


def advance(current: MatchRound, happening: Happening) -> MatchRound:
    """Return the round after `happening`. Raises RoundStateError where the table has no such step."""
    step = TABLE.get((current.state, type(happening)))
    if step is None:
        raise _not_allowed(current, type(happening).__name__)
    return step(current, happening)


def _not_allowed(current: MatchRound, step: str) -> RoundStateError:
    return RoundStateError(
        f"轮次处于 {current.state}，不能进行 {step}",
        f"the round is {current.state}: {step} is not possible",
        hint_zh=current.reason,
        hint_en=current.reason,
    )


def _approve(current: MatchRound, happening: Approved) -> MatchRound:
    if happening.owner not in current.owners:
        raise _not_allowed(current, "Approved by an outsider")
    approved = current.approved | {happening.owner}
    return replace(current, approved=approved, state=State.CONSENTED if approved == current.owners else State.PROPOSED)


def _refuse(current: MatchRound, happening: Refused) -> MatchRound:
    if happening.owner not in current.owners or happening.owner in current.approved:
        raise _not_allowed(current, "Refused by an outsider or after approval")
    return replace(current, state=State.REFUSED, reason=happening.reason, reason_party=happening.owner)


def _collect(current: MatchRound, happening: ConsentsSent) -> MatchRound:
    return replace(current, state=State.COLLECTING)


def _seal(current: MatchRound, happening: Sealed) -> MatchRound:
    if happening.population not in current.populations:
        raise _not_allowed(current, "Sealed for an unknown population")
    sealed = current.sealed | {happening.population}
    return replace(current, sealed=sealed, state=State.MATCHING if sealed == current.populations else State.COLLECTING)


def _match(current: MatchRound, happening: Matched) -> MatchRound:
    return replace(
        current,
        state=State.READY,
        result_digest=happening.result_digest,
        result_bytes=happening.result_bytes,
    )


def _accept(current: MatchRound, happening: Accepted) -> MatchRound:
    if happening.result_digest != current.result_digest:
        raise _not_allowed(current, "Accepted with another digest")
    return replace(current, state=State.DELIVERED)


def _accept_again(current: MatchRound, happening: Accepted) -> MatchRound:
    return replace(_accept(current, happening), state=current.state)


def _delete(current: MatchRound, happening: Deleted) -> MatchRound:
    if happening.party not in current.owners:
        raise _not_allowed(current, "Deleted by an outsider")
    return _closed_once_all_is_gone(replace(current, deleted=current.deleted | {happening.party}))


def _erase(current: MatchRound, happening: Erased) -> MatchRound:
    return _closed_once_all_is_gone(replace(current, erased=True))


def _closed_once_all_is_gone(current: MatchRound) -> MatchRound:
    closes = current.state is State.DELIVERED and current.erased and current.deleted == current.owners
    return replace(current, state=State.CLOSED) if closes else current


def _close(current: MatchRound, happening: GraceOver) -> MatchRound:
    return replace(current, state=State.CLOSED) if current.erased else current


def _cancel(current: MatchRound, happening: Cancelled) -> MatchRound:
    return replace(current, state=State.CANCELLED, reason=happening.reason, reason_party=current.requester)


def _expire(current: MatchRound, happening: Expired) -> MatchRound:
    return replace(current, state=State.EXPIRED, reason="委托书已到期 | the warrant has expired")


def _fail(current: MatchRound, happening: Failed) -> MatchRound:
    return replace(current, state=State.FAILED, reason=happening.reason, reason_party=happening.party)


def _lose(current: MatchRound, happening: Lost) -> MatchRound:
    return replace(current, state=State.FAILED, reason=happening.reason)


Step = Callable[[MatchRound, Any], MatchRound]  # Any: the table's key fixes which happening a step gets.
TABLE: Mapping[tuple[State, type], Step] = {
    (State.PROPOSED, Approved): _approve,
    (State.PROPOSED, Refused): _refuse,
    (State.CONSENTED, ConsentsSent): _collect,
    (State.COLLECTING, Sealed): _seal,
    (State.MATCHING, Matched): _match,
    (State.READY, Accepted): _accept,
    (State.DELIVERED, Accepted): _accept_again,
    (State.CLOSED, Accepted): _accept_again,
    (State.DELIVERED, GraceOver): _close,
    **{(state, Deleted): _delete for state in ERASABLE},
    **{(state, Erased): _erase for state in ERASABLE},
    **{(state, Cancelled): _cancel for state in OPEN},
    **{(state, Expired): _expire for state in OPEN},
    **{(state, Failed): _fail for state in OPEN - {State.READY}},
    **{(state, Lost): _lose for state in OPEN},
}
