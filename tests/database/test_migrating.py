"""A database of the previous release comes forward with all it holds and ends as an empty one; others are refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import agency_node.desk
import procuratorate_node.node
import procuratorate_node.referrals.supervision  # What names a table is loaded: the node loads the rest.
from agency_node.store import AGENCY
from agency_node.store import METADATA as AGENCY_TABLES
from linkage.coordinator.courier import METADATA as COURIER_TABLES
from linkage.coordinator.store import CHAIN
from linkage.coordinator.tables import METADATA as COORDINATOR_TABLES
from linkage.courier.post import METADATA as POST_TABLES
from linkage.database.migrating import Chain, bring_forward, version_of
from linkage.database.opening import open_database, reading
from linkage.errors import ConfigError
from linkage.owner.courier.calls import METADATA as CALL_TABLES
from linkage.owner.database import OWNER
from linkage.owner.participation import METADATA as OWNER_TABLES
from procuratorate_node.handovers import HANDOVERS
from procuratorate_node.store import METADATA as PROCURATORATE_TABLES
from procuratorate_node.store import PROCURATORATE

RELEASE = Path(__file__).with_name("release-0.1.0")
OWN = (OWNER_TABLES, POST_TABLES, CALL_TABLES)
PROGRAMS = {
    "coordinator": ((CHAIN,), (COORDINATOR_TABLES, POST_TABLES, COURIER_TABLES)),
    "agency": ((OWNER, AGENCY), (*OWN, AGENCY_TABLES)),
    "procuratorate": ((OWNER, PROCURATORATE), (*OWN, PROCURATORATE_TABLES)),
}
assert agency_node.desk and procuratorate_node.node and procuratorate_node.referrals.supervision
assert HANDOVERS.metadata is PROCURATORATE_TABLES
Rows = dict[str, list[tuple[object, ...]]]


def previous(program: str, file: Path) -> Path:
    """Make a database as release 0.1.0 left it, with two rows in every table."""
    with closing(sqlite3.connect(file)) as made:
        made.executescript((RELEASE / f"{program}.sql").read_text(encoding="utf-8"))
    return file


def forward(place: Path | str, program: str) -> sa.Engine:
    engine = open_database(place)
    for chain in PROGRAMS[program][0]:
        bring_forward(engine, chain)
    return engine


def differences(engine: sa.Engine, program: str) -> list[object]:
    """Return how the database differs from what the program's own tables say."""
    wanted = sa.MetaData()
    for tables in PROGRAMS[program][1]:
        for table in tables.sorted_tables:
            table.to_metadata(wanted)
    options = {"compare_type": True, "include_name": lambda name, kind, _: not str(name).endswith("_version")}
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), wanted))


def shape(engine: sa.Engine) -> dict[str, object]:
    """Return every table as the database itself describes it."""
    found = sa.inspect(engine)
    return {
        name: (
            [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in found.get_columns(name)],
            found.get_pk_constraint(name)["constrained_columns"],
            sorted((i["name"] or "", tuple(i["column_names"]), i["unique"]) for i in found.get_indexes(name)),
            sorted(tuple(u["column_names"]) for u in found.get_unique_constraints(name)),
            sorted((tuple(k["constrained_columns"]), k["referred_table"]) for k in found.get_foreign_keys(name)),
        )
        for name in found.get_table_names()
    }


def rows(engine: sa.Engine, names: set[str]) -> Rows:
    with reading(engine) as connection:
        return {n: [tuple(r) for r in connection.exec_driver_sql(f'SELECT * FROM "{n}"')] for n in sorted(names)}


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_empty_database_gets_what_the_program_needs(place: Path | str, program: str) -> None:
    assert differences(forward(place, program), program) == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_one_of_the_previous_release_ends_as_an_empty_one_and_keeps_every_row(tmp_path: Path, program: str) -> None:
    old = sa.create_engine(f"sqlite:///{previous(program, tmp_path / 'old.db')}")
    before = rows(old, set(sa.inspect(old).get_table_names()) - {"sqlite_sequence"})

    came = forward(tmp_path / "old.db", program)

    assert shape(came) == shape(forward(tmp_path / "new.db", program))
    assert rows(came, set(before)) == before and all(len(held) == 2 for held in before.values())


def test_one_of_the_previous_release_on_postgresql_gets_wide_numbers(place: Path | str) -> None:
    from linkage.coordinator.migrations.release_0_1_0 import TABLES

    engine = open_database(place)
    with engine.begin() as connection:
        TABLES.create_all(connection)

    bring_forward(engine, CHAIN)

    assert differences(engine, "coordinator") == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_file_is_copied_once_before_it_is_changed(tmp_path: Path, program: str) -> None:
    old = previous(program, tmp_path / "party.db")
    forward(old, program)
    forward(old, program)
    forward(tmp_path / "new.db", program)

    copies = list(tmp_path.glob("*.before-*"))

    assert len(copies) == 1 and copies[0].stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copies[0])) as copy, closing(sqlite3.connect(":memory:")) as again:
        again.executescript((RELEASE / f"{program}.sql").read_text(encoding="utf-8"))
        assert list(copy.iterdump()) == list(again.iterdump())


def test_one_that_is_up_to_date_is_left_alone(place: Path | str) -> None:
    engine = forward(place, "procuratorate")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE awards")  # Would come back if the steps were taken again.

    bring_forward(engine, PROCURATORATE)

    assert not sa.inspect(engine).has_table("awards")


def test_one_of_a_newer_program_is_refused_and_not_changed(place: Path | str) -> None:
    engine = forward(place, "coordinator")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE coordinator_version SET version_num = '9999'")

    with pytest.raises(ConfigError, match="newer program"):
        bring_forward(engine, CHAIN)
    assert version_of(engine, CHAIN) == "9999"


@pytest.mark.parametrize("change", ["ADD COLUMN colour TEXT", "DROP COLUMN reason"])
def test_one_that_is_of_no_release_is_refused_and_not_changed(tmp_path: Path, change: str) -> None:
    file = previous("coordinator", tmp_path / "party.db")
    engine = open_database(file)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE rounds {change}")
    before = shape(engine)

    with pytest.raises(ConfigError, match=r"not of release 0\.1\.0.*rounds\."):
        bring_forward(engine, CHAIN)
    assert shape(engine) == before


def test_a_step_that_fails_leaves_the_database_as_it_was(place: Path | str, tmp_path: Path) -> None:
    package = tmp_path / "breaking" / "migrations"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "breaks.py").write_text(
        "from alembic import op\nrevision, down_revision = '0001', None\n"
        "def upgrade():\n    op.execute('CREATE TABLE half (x INTEGER)')\n    raise RuntimeError\n"
    )
    engine = open_database(place)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(tmp_path))
        with pytest.raises(RuntimeError):
            bring_forward(engine, Chain("breaking", "breaking", head="0001"))

    assert sa.inspect(engine).get_table_names() == []
