"""Carry out one step on one clue inside a transaction: check it, store the state, keep the history."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from linkage.owner.database import reading
from procuratorate_node.awards.records import AWARDS
from procuratorate_node.cluework.marks import blank
from procuratorate_node.cluework.records import CLUE_STEPS, CLUE_WORK
from procuratorate_node.cluework.states import UNDECIDED, Action, AwardState, Standing, Status, act
from procuratorate_node.referrals.states import WITH_THE_UNIT
from procuratorate_node.referrals.table import REFERRALS
from procuratorate_node.store import CLUES, REQUESTS, not_found

IN_ONE: Final = 500  # Ids that one query names.


@dataclass(frozen=True, slots=True)
class Step:
    """Who does what when and why; `by` is an officer or a round."""

    action: Action
    by: str
    at: str
    reason: str = ""


def standing_of(connection: sa.Connection, clue_id: str) -> Standing:
    """Return where one clue stands. Raises NotFoundError."""
    found = standings(connection, clue_id)
    if clue_id not in found:
        raise not_found(clue_id)
    return found[clue_id]


def standings(connection: sa.Connection, *clue_ids: str) -> dict[str, Standing]:
    """Return where every clue stands, or those named."""
    awards = sa.select(AWARDS.c.clue_id, AWARDS.c.state).order_by(AWARDS.c.number)
    letters = sa.select(REFERRALS.c.clue_id, REFERRALS.c.state).where(REFERRALS.c.sent_at != "")
    clues = sa.select(CLUES.c.clue_id, CLUES.c.status)
    if clue_ids:
        awards, letters = awards.where(AWARDS.c.clue_id.in_(clue_ids)), letters.where(REFERRALS.c.clue_id.in_(clue_ids))
        clues = clues.where(CLUES.c.clue_id.in_(clue_ids))
    newest = {key: AwardState(state) for key, state in connection.execute(awards)}
    sent: dict[str, list[str]] = {}
    for key, state in connection.execute(letters):
        sent.setdefault(key, []).append(state)
    return {
        key: Standing(
            Status(status),
            newest.get(key, AwardState.NONE),
            len(sent.get(key, ())),
            sum(s in WITH_THE_UNIT for s in sent.get(key, ())),
        )
        for key, status in connection.execute(clues)
    }


def move(connection: sa.Connection, clue_id: str, step: Step, **values: object) -> Standing:
    """Do one step and return where it leads; `values` are columns of clue_work. Raises RoundStateError, NotFoundError.

    For an award's step the caller changes the award itself in the same transaction, after this.
    """
    before = standing_of(connection, clue_id)
    after = act(before, step.action, reason=step.reason)
    connection.execute(CLUES.update().where(CLUES.c.clue_id == clue_id).values(_decision(step, before, after)))
    if after.phase != before.phase or step.action is Action.DEFER:
        values = {"since": step.at, "deferred_until": "", **values}
    if step.action in (Action.REJECT, Action.REFUSE, Action.EXPLAIN):
        values = {"explained": step.action is Action.EXPLAIN, **values}
    if values:
        connection.execute(CLUE_WORK.update().where(CLUE_WORK.c.clue_id == clue_id).values(values))
    connection.execute(CLUE_STEPS.insert().values(step_row(clue_id, step, after.phase)))
    blank(connection, [clue_id])
    return after


def _decision(step: Step, before: Standing, after: Standing) -> dict[str, str]:
    """Return the columns of a clue that a step changes: its status, and who decided on it."""
    if step.action in (Action.CONFIRM, Action.REJECT):
        decided = {"decided_by": step.by, "decided_at": step.at, "decision_reason": step.reason}
    elif after.status is not before.status and after.status in UNDECIDED:
        decided = {"decided_by": "", "decided_at": ""}
    else:
        decided = {}
    return decided | {"status": after.status.value}


def step_row(clue_id: str, step: Step, phase: str) -> dict[str, object]:
    return {
        "clue_id": clue_id,
        "action": step.action.value,
        "phase": phase,
        "by": step.by,
        "at": step.at,
        "reason": step.reason,
    }


def take_found(connection: sa.Connection, clue_ids: Sequence[str], *, round_id: str, at: str) -> None:
    """Begin the work on clues that a round brought for the first time, or again after they were taken out."""
    if clue_ids:
        connection.execute(CLUE_WORK.delete().where(CLUE_WORK.c.clue_id == sa.bindparam("key")), _keys(clue_ids))
        fresh: dict[str, object] = {"found_at": at, "since": at, "officer": "", "deferred_until": ""}
        fresh |= {"watched": False, "needs": "[]", "elements": "[]", "explained": True}
        connection.execute(CLUE_WORK.insert(), [fresh | {"clue_id": key} for key in clue_ids])
        step = Step(Action.FIND, round_id, at)
        connection.execute(CLUE_STEPS.insert(), [step_row(k, step, Status.CANDIDATE.value) for k in clue_ids])
        blank(connection, clue_ids)


def _keys(clue_ids: Sequence[str]) -> list[dict[str, str]]:
    return [{"key": key} for key in clue_ids]


def take_changes(connection: sa.Connection, changes: Mapping[str, Action], *, round_id: str, at: str) -> None:
    """Note which known clues a round changed or lost; a rejected or closed one that changed is a candidate again."""
    for key, action in changes.items():
        move(connection, key, Step(action, round_id, at))


def adopt_older(engine: sa.Engine) -> None:
    """Begin the work on clues that an older program stored without it; they count as found when their round came."""
    known = sa.select(CLUE_WORK.c.clue_id)
    rounds = sa.select(REQUESTS.c.round_id, REQUESTS.c.delivered_at)
    older = sa.select(CLUES.c.clue_id, CLUES.c.first_round).where(CLUES.c.clue_id.not_in(known))
    with reading(engine) as connection:
        found = connection.execute(older).all()
        came = {row[0]: row[1] for row in connection.execute(rounds)} if found else {}
    for key, first in found:
        with engine.begin() as connection:
            take_found(connection, [key], round_id=first, at=came.get(first, ""))


def codes_text(codes: Iterable[str]) -> str:
    return json.dumps(sorted(set(codes)), ensure_ascii=False)
