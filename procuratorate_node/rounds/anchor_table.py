"""The anchors of a round as they were encoded: number → person, sets and rows; needed to read its result."""

from __future__ import annotations

import json
from collections.abc import Sequence

import sqlalchemy as sa

from linkage.errors import NotFoundError
from procuratorate_node.anchors import Placed
from procuratorate_node.store import ANCHORS, Store, dump_refs, load_refs


def save_anchors(store: Store, round_id: str, placed: Sequence[Placed]) -> None:
    """Store the anchors of a round in place of an earlier attempt's."""
    values = [
        {
            "round_id": round_id,
            "number": number,
            "person": anchor.person,
            "context": anchor.context,
            "case_number": anchor.case,
            "scope": anchor.scope,
            "rows": json.dumps({name: dump_refs(rows) for name, rows in anchor.rows.items()}),
        }
        for number, anchor in enumerate(placed)
    ]
    with store.engine.begin() as connection:
        connection.execute(ANCHORS.delete().where(ANCHORS.c.round_id == round_id))
        if values:
            connection.execute(ANCHORS.insert(), values)


def load_anchors(store: Store, round_id: str) -> tuple[Placed, ...]:
    """Return the anchors of a round by number. Raises NotFoundError when there are none."""
    query = sa.select(ANCHORS).where(ANCHORS.c.round_id == round_id).order_by(ANCHORS.c.number)
    rows = store.select(query)
    if not rows:
        raise NotFoundError("这个轮次没有保存锚点表", "no anchors are kept of this round")
    return tuple(
        Placed(
            r["person"],
            r["context"],
            r["case_number"],
            r["scope"],
            {name: load_refs(refs) for name, refs in json.loads(r["rows"]).items()},
        )
        for r in rows
    )


def drop_anchors(store: Store, round_id: str) -> None:
    store.delete(ANCHORS, ANCHORS.c.round_id == round_id)
