"""Which cases have reached a stage that calls for a screening (PA-I-2, YQ-C-1): the charge models say which stages."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from procuratorate_node.cases.records import Case
from procuratorate_node.store import STANDING_STAGES, Store
from procuratorate_node.warning.charge_models import ChargeModels

Reached = frozenset[tuple[str, str]]  # (case number, stage)


def stages_reached(cases: Iterable[Case], charges: ChargeModels) -> Reached:
    """Return the cases that stand at a stage named by the model of their charge."""
    models = ((case, charges.of(case.cause)) for case in cases)
    return frozenset((c.number, c.stage) for c, m in models if m is not None and c.stage in m.stages)


def stages_seen(store: Store, digest: str) -> Reached:
    """Return what earlier rounds of an order have covered."""
    rows = store.select(sa.select(STANDING_STAGES).where(STANDING_STAGES.c.digest == digest))
    return frozenset((str(r["case_number"]), str(r["stage"])) for r in rows)


def note_stages(connection: sa.Connection, digest: str, fresh: Reached) -> None:
    """Store what a round that starts now will cover."""
    values = [{"digest": digest, "case_number": case, "stage": stage} for case, stage in sorted(fresh)]
    if values:
        connection.execute(STANDING_STAGES.insert(), values)
