"""What time does to rounds: expiry, grace, erasure; workers to begin or to end; old events. One pass is `tend`."""

from __future__ import annotations

import logging
from collections.abc import Callable

from linkage.coordinator import delivery, spool, work
from linkage.coordinator.events import drop_events
from linkage.coordinator.records import load_round, rounds_in
from linkage.coordinator.round import ENDED, ERASABLE, OPEN, Expired, Failed, GraceOver, State
from linkage.coordinator.tables import ROUNDS
from linkage.coordinator.unit import Unit
from linkage.errors import LinkageError
from linkage.warrant import parse_utc

DAY_MS = 86_400_000
log = logging.getLogger(__name__)


def tend(unit: Unit) -> None:
    """Do everything that is due now. A round that fails to be tended does not keep the others from it."""
    with unit.store.reading() as connection:
        late = rounds_in(connection, *OPEN, where=ROUNDS.c.expires_ms <= unit.now_ms())
        waited = rounds_in(connection, State.DELIVERED, where=ROUNDS.c.changed_ms <= delivery.grace_began_ms(unit))
        matching = rounds_in(connection, State.MATCHING)
    for round_id in late:
        _safely(unit, _expire, round_id)
    for round_id in unit.matching.silent(unit.config.times.silent_minutes * 60):
        _safely(unit, _fail_silent, round_id)
    for round_id in matching:
        _safely(unit, work.start, round_id)
    unit.matching.rest()
    erase_ended(unit)
    for round_id in waited:
        _safely(unit, _close, round_id)
    _sweep(unit)
    _drop_old_events(unit)


def erase_ended(unit: Unit) -> None:
    """Erase what lies here of every round that was delivered or ended; what cannot be erased yet is tried again."""
    with unit.store.reading() as connection:
        due = rounds_in(connection, *ERASABLE, where=~ROUNDS.c.erased)
    for round_id in due:
        _safely(unit, delivery.erase, round_id)


def _safely(unit: Unit, task: Callable[[Unit, str], None], round_id: str) -> None:
    try:
        task(unit, round_id)
    except LinkageError as exc:
        log.error("round %s: %s", round_id, exc)
    except Exception as exc:
        log.error("round %s: %s", round_id, type(exc).__name__)


def _expire(unit: Unit, round_id: str) -> None:
    with unit.step() as step:
        stored = load_round(step.connection, round_id)
        if stored.round.state in OPEN and parse_utc(stored.warrant.expires_at) <= unit.clock():
            unit.move(step, stored, Expired())


def _fail_silent(unit: Unit, round_id: str) -> None:
    unit.matching.stop(round_id)
    with unit.step() as step:
        stored = load_round(step.connection, round_id)
        if stored.round.state is State.MATCHING:
            minutes = unit.config.times.silent_minutes
            reason = f"匹配进程 {minutes} 分钟没有进展 | the matching process made no progress for {minutes} minutes"
            unit.move(step, stored, Failed(reason))


def _close(unit: Unit, round_id: str) -> None:
    with unit.step() as step:
        stored = load_round(step.connection, round_id)
        if stored.round.state is State.DELIVERED and stored.changed_ms <= delivery.grace_began_ms(unit):
            unit.move(step, stored, GraceOver())


def _sweep(unit: Unit) -> None:
    """Remove folders of erased rounds: a call that was still writing may have left one behind."""
    with unit.store.reading() as connection:
        erased = set(rounds_in(connection, *State, where=ROUNDS.c.erased))
    for folder in unit.config.rounds.iterdir():
        if folder.name in erased:
            _safely(unit, lambda u, i: spool.erase(u.folder(i)), folder.name)


def _drop_old_events(unit: Unit) -> None:
    with unit.step() as step:
        kept = set(rounds_in(step.connection, *(set(State) - ENDED)))
        drop_events(step.connection, before_ms=step.now_ms - unit.config.times.event_days * DAY_MS, keep=kept)
