"""What the coordinator shows of itself to Prometheus: counts only, read when asked for."""

from __future__ import annotations

import sqlalchemy as sa

from linkage.coordinator.records import rounds_in
from linkage.coordinator.round import ERASABLE, State
from linkage.coordinator.tables import EVENTS, ROUNDS, UPLOADS
from linkage.coordinator.unit import Unit
from linkage.operations.metrics import Meter


def meter_of(unit: Unit, meter: Meter) -> Meter:
    """Let the meter read this unit and return it."""
    meter.watch("linkage_rounds", "Rounds by state", lambda: _rounds(unit), label="state")
    meter.watch("linkage_erasures_due", "Ended rounds whose data here are not erased yet", lambda: _erasures_due(unit))
    meter.watch("linkage_uploads", "Rows and bytes of all uploads on record", lambda: _uploads(unit), label="of")
    meter.watch("linkage_watch_streams", "Watch streams held", lambda: {"": len(unit.bell.open_streams())})
    meter.watch("linkage_events", "Events kept for the parties", lambda: _events(unit))
    meter.watch("linkage_matches", "Matches under way", lambda: _matches(unit), label="stage")
    meter.watch_machine(unit.config.state, unit.keys.tls_certificate)
    return meter


def _rounds(unit: Unit) -> dict[str, float]:
    counted = sa.select(ROUNDS.c.state, sa.func.count()).group_by(ROUNDS.c.state)
    with unit.store.reading() as connection:
        found = {str(state): float(number) for state, number in connection.execute(counted)}
    return {str(state): found.get(str(state), 0.0) for state in State}


def _erasures_due(unit: Unit) -> dict[str, float]:
    with unit.store.reading() as connection:
        return {"": float(len(rounds_in(connection, *ERASABLE, where=~ROUNDS.c.erased)))}


def _uploads(unit: Unit) -> dict[str, float]:
    rows = sa.func.coalesce(sa.func.sum(sa.case((UPLOADS.c.sealed, UPLOADS.c.rows), else_=0)), 0)
    held = sa.func.coalesce(sa.func.sum(UPLOADS.c.offset), 0)
    with unit.store.reading() as connection:
        sealed_rows, held_bytes = connection.execute(sa.select(rows, held)).one()
    return {"sealed_rows": float(sealed_rows), "held_bytes": float(held_bytes)}


def _events(unit: Unit) -> dict[str, float]:
    with unit.store.reading() as connection:
        return {"": float(connection.execute(sa.select(sa.func.count()).select_from(EVENTS)).scalar_one())}


def _matches(unit: Unit) -> dict[str, float]:
    running, waiting = unit.matching.counts()
    return {"computing": float(running), "waiting": float(waiting)}
