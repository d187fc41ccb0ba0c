"""A copy holds every row, goes into either kind of database, and new rows are numbered behind those that came."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from linkage.coordinator.store import CHAIN
from linkage.database.copying import copy_in, copy_out
from linkage.database.opening import open_database
from linkage.errors import ConfigError, InputError
from tests.database.test_migrating import PROGRAMS, Rows, forward, previous, rows
from tests.postgresql import Server


def content(place: Path | str) -> Rows:
    engine = open_database(place)
    names = {name for name in sa.inspect(engine).get_table_names() if name != "sqlite_sequence"}
    return rows(engine, names)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_copy_of_the_previous_release_comes_forward_into_either_database(
    place: Path | str, tmp_path: Path, program: str
) -> None:
    chains = PROGRAMS[program][0]
    copy = tmp_path / "copy"
    copy_out(previous(program, tmp_path / "old.db"), copy, chains)
    before = copy.read_bytes()

    copy_in(copy, place, chains, lambda connection: None)

    forward(tmp_path / "old.db", program).dispose()
    assert content(place) == content(tmp_path / "old.db")
    assert copy.read_bytes() == before


def test_new_rows_are_numbered_behind_those_that_came(server: Server, tmp_path: Path) -> None:
    address, chains = server.address(), PROGRAMS["procuratorate"][0]
    copy_in(previous("procuratorate", tmp_path / "old.db"), address, chains, lambda connection: None)

    with open_database(address).begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO award_budgets (year, amount, reason, by, at) VALUES (1, '1', '', '', '')"
        )
        numbers = connection.exec_driver_sql("SELECT number FROM award_budgets ORDER BY number").scalars().all()

    assert numbers == [1, 2, 3]


def test_a_copy_that_cannot_be_settled_leaves_nothing(place: Path | str, tmp_path: Path) -> None:
    def fail(connection: sa.Connection) -> None:
        raise InputError("坏了", "broken")

    old = previous("coordinator", tmp_path / "old.db")
    for _ in range(2):
        with pytest.raises(InputError):
            copy_in(old, place, (CHAIN,), fail)
    copy_in(old, place, (CHAIN,), lambda connection: None)

    assert len(content(place)["rounds"]) == 2


def test_a_server_is_copied_by_the_release_it_is_of_only(server: Server, tmp_path: Path) -> None:
    engine = open_database(server.address())
    with pytest.raises(ConfigError, match="no database yet"):
        copy_out(engine.url.render_as_string(hide_password=False), tmp_path / "copy", (CHAIN,))
    forward(engine.url.render_as_string(hide_password=False), "coordinator").dispose()
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE coordinator_version SET version_num = '0002'")

    with pytest.raises(ConfigError, match="another release"):
        copy_out(engine.url.render_as_string(hide_password=False), tmp_path / "copy", (CHAIN,))
