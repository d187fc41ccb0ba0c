"""A database of another age is brought forward or clearly refused, and loses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from procuratorate_node.upgrading import bring_forward

from linkage.errors import ConfigError
from linkage.owner.database import open_database
from procuratorate_node.cluework.moves import adopt_older
from procuratorate_node.cluework.records import CLUE_WORK
from procuratorate_node.store import Store


def tables(*extra: sa.Column[object]) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("things", metadata, sa.Column("key", sa.Text, primary_key=True), *extra)
    return metadata


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    made = open_database(tmp_path / "node.db")
    bring_forward(made, tables())
    with made.begin() as connection:
        connection.exec_driver_sql("INSERT INTO things VALUES ('a')")
    return made


def test_a_column_with_a_value_for_old_rows_is_added(engine: sa.Engine) -> None:
    bring_forward(engine, tables(sa.Column("note", sa.Text, nullable=False, server_default="none")))

    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT key, note FROM things").all() == [("a", "none")]


def test_a_column_without_a_value_for_old_rows_is_refused(engine: sa.Engine) -> None:
    with pytest.raises(ConfigError, match=r"older program.*things\.note"):
        bring_forward(engine, tables(sa.Column("note", sa.Text, nullable=False)))


def test_a_newer_database_is_refused(engine: sa.Engine) -> None:
    bring_forward(engine, tables(sa.Column("note", sa.Text, nullable=False, server_default="none")))

    with pytest.raises(ConfigError, match="newer program"):
        bring_forward(engine, tables())


def test_clues_stored_before_there_was_work_on_them_get_it(tmp_path: Path) -> None:
    store = Store(open_database(tmp_path / "node.db"))
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
