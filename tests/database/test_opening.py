"""Writers one after another, readers beside them, nothing acknowledged lost: the same on SQLite and PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from linkage.database.address import parse_address
from linkage.database.opening import open_database, reading
from linkage.errors import ConfigError
from tests.postgresql import Server

NOTES = sa.Table("notes", sa.MetaData(), sa.Column("text", sa.Text), sa.Column("size", sa.Integer))
COUNTING = """
import sys
from pathlib import Path
from linkage.database.opening import open_database
place = Path(sys.argv[2]) if sys.argv[1] == "file" else sys.argv[2]
engine = open_database(place)
for _ in range(100):
    with engine.begin() as connection:
        held = connection.exec_driver_sql("SELECT size FROM notes").scalar()
        connection.exec_driver_sql(f"UPDATE notes SET size = {held + 1}")
"""


@pytest.fixture
def filled(place: Path | str) -> Path | str:
    engine = open_database(place)
    with engine.begin() as connection:
        NOTES.metadata.create_all(connection)
        connection.execute(NOTES.insert().values(text="committed", size=0))
    engine.dispose()
    return place


def texts(engine: sa.Engine) -> list[str]:
    with reading(engine) as connection:
        return [row.text for row in connection.execute(NOTES.select())]


def test_two_processes_that_read_and_then_write_lose_no_step(filled: Path | str) -> None:
    kind = "file" if isinstance(filled, Path) else "address"
    command = [sys.executable, "-c", COUNTING, kind, str(filled)]
    both = [subprocess.Popen(command) for _ in range(2)]

    assert [process.wait() for process in both] == [0, 0]
    with reading(open_database(filled)) as connection:
        assert connection.execute(sa.select(NOTES.c.size)).scalar() == 200


def test_a_second_writer_waits_until_the_first_has_committed(filled: Path | str) -> None:
    first, second = open_database(filled), open_database(filled)
    seen: list[int] = []

    def write() -> None:
        with second.begin() as connection:
            seen.append(connection.execute(sa.select(NOTES.c.size)).scalar_one())

    with first.begin() as connection:
        writer = threading.Thread(target=write)
        writer.start()
        connection.execute(NOTES.update().values(size=7))
    writer.join()

    assert seen == [7]


def test_a_reader_does_not_wait_for_a_writer_and_sees_only_what_was_committed(filled: Path | str) -> None:
    writer, reader = open_database(filled), open_database(filled)
    with writer.begin() as connection:
        connection.execute(NOTES.insert().values(text="not yet", size=0))
        assert texts(reader) == ["committed"]
    assert texts(reader) == ["committed", "not yet"]


def test_a_reader_sees_one_moment_while_others_write(filled: Path | str) -> None:
    writer, reader = open_database(filled), open_database(filled)
    with reading(reader) as connection:
        assert len(connection.execute(NOTES.select()).all()) == 1
        with writer.begin() as other:
            other.execute(NOTES.insert().values(text="meanwhile", size=0))
        assert len(connection.execute(NOTES.select()).all()) == 1


def test_a_reader_cannot_write_on_postgresql(server: Server) -> None:
    engine = open_database(server.address())
    with engine.begin() as connection:
        NOTES.metadata.create_all(connection)

    with pytest.raises(sa.exc.InternalError), reading(engine) as connection:
        connection.execute(NOTES.insert().values(text="no", size=0))


def test_an_error_shows_no_row(filled: Path | str) -> None:
    with pytest.raises(sa.exc.DBAPIError) as caught, open_database(filled).begin() as connection:
        connection.execute(sa.text("INSERT INTO nowhere VALUES (:text)"), {"text": "王小明"})

    assert "王小明" not in str(caught.value)


def test_a_file_is_private(tmp_path: Path) -> None:
    open_database(tmp_path / "node.db")

    assert (tmp_path / "node.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://linkage:secret@localhost/linkage",
        "postgresql:///linkage?password=secret",
        "mysql://localhost/linkage",
        "这不是地址",
    ],
)
def test_an_address_with_a_password_or_of_another_kind_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_address(text)

    assert "secret" not in str(caught.value)


def test_an_address_needs_no_driver_named() -> None:
    assert parse_address("postgresql:///linkage?service=x").drivername == "postgresql+psycopg"
