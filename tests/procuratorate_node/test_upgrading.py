"""What an older program stored without the work on it gets that work when the node is opened."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from linkage.owner.database import open_database
from procuratorate_node.cluework.moves import adopt_older
from procuratorate_node.cluework.records import CLUE_WORK
from procuratorate_node.store import Store


def test_clues_stored_before_there_was_work_on_them_get_it(tmp_path: Path, database: str) -> None:
    store = Store(open_database(database or tmp_path / "node.db"))
    columns = "clue_id, model, case_number, level, rows, people, verdict, grade, tags, links, facts, colouring, status"
    with store.engine.begin() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO clues ({columns}, change, first_round, last_round, decided_by, decided_at, decision_reason)"
            " VALUES ('k','SX-1','c','person','[]','[]','yes','A','[]','[]','{}','{}','candidate','new',"
            "'r','r','','','')"
        )

    adopt_older(store.engine)
    adopt_older(store.engine)

    assert [row["clue_id"] for row in store.select(sa.select(CLUE_WORK))] == ["k"]
