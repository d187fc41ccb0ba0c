"""Decided cases as peers and for the benchmark: our own stored awards, and the office's list of aided cases."""

from __future__ import annotations

import json
from collections.abc import Iterable

import sqlalchemy as sa

from procuratorate_node.awards.records import AWARDS
from procuratorate_node.cases.records import Aided
from procuratorate_node.cluework.states import AwardState
from procuratorate_node.relief.grammar import read_record
from procuratorate_node.relief.history import DecidedCase, from_aided
from procuratorate_node.relief.scale import Scale
from procuratorate_node.store import Store


def decided_cases(store: Store, aided: Iterable[Aided], scale: Scale) -> tuple[DecidedCase, ...]:
    """Return the stored awards, with multipliers, then the aided cases that are not among them."""
    ended = sa.select(AWARDS.c.decided_case).where(AWARDS.c.state.in_([AwardState.DECIDED, AwardState.PAID]))
    stored = [_case(row["decided_case"]) for row in store.select(ended.order_by(AWARDS.c.number))]
    known = {case.reference for case in stored}
    others = [a for a in aided if a.related_case not in known and a.ref.case not in known]
    return (*stored, *from_aided(others, scale))


def _case(text: str) -> DecidedCase:
    faults: list[str] = []
    found = read_record(DecidedCase, json.loads(text), "decided_case", faults)
    if found is None:
        raise ValueError("; ".join(faults))  # We wrote it ourselves.
    return found
