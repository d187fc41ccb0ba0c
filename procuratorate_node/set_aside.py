"""People a coloured model found and the tree gave no colour: kept apart, never among the clues (domain C3, steps 1–3).

Whoever is listed in a register may need other help than judicial aid (lane "social") or was aided before (lane
"follow-up"). The rest is kept so that a changed tree can say before it takes effect whom it would bring in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from procuratorate_node.clues import Clue, clue_from_values, clue_values
from procuratorate_node.store import SET_ASIDE, Store


class SetAside:
    """Keep the rows without a colour of each model's newest round."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take_round(self, round_id: str, models: Sequence[str], found: Iterable[Clue]) -> None:
        """Replace what earlier rounds of these models set aside."""
        values = [_values(clue, round_id) for clue in found]
        with self._store.engine.begin() as connection:
            connection.execute(SET_ASIDE.delete().where(SET_ASIDE.c.model.in_(models)))
            if values:
                connection.execute(SET_ASIDE.insert(), values)

    def list(self, *, model: str = "", lane: str = "") -> list[Clue]:
        """Return them by model and case; every filter left empty lets all through."""
        query = sa.select(SET_ASIDE).order_by(SET_ASIDE.c.model, SET_ASIDE.c.case_number, SET_ASIDE.c.clue_id)
        for column, value in {"model": model, "lane": lane}.items():
            if value:
                query = query.where(SET_ASIDE.c[column] == value)
        return [clue_from_values(json.loads(row["clue"])) for row in self._store.select(query)]

    def move(self, *, out: Iterable[str] = (), added: Iterable[Clue] = ()) -> None:
        """Take rows out and put others in, in one transaction."""
        values = [_values(clue, clue.last_round) for clue in added]
        with self._store.engine.begin() as connection:
            connection.execute(SET_ASIDE.delete().where(SET_ASIDE.c.clue_id.in_(list(out))))
            if values:
                connection.execute(SET_ASIDE.insert(), values)


def _values(clue: Clue, round_id: str) -> dict[str, object]:
    return {
        "clue_id": clue.clue_id,
        "model": clue.model,
        "case_number": clue.case_number,
        "lane": str(clue.colouring.get("lane", "")),
        "clue": json.dumps(clue_values(clue) | {"last_round": round_id}, ensure_ascii=False),
        "round_id": round_id,
    }
