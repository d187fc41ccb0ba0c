"""Commands and daemon share one file: who only reads waits for nobody, and what was committed is all it sees."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from linkage.owner.database import open_database, reading

NOTES = sa.Table("notes", sa.MetaData(), sa.Column("text", sa.Text))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    engine = open_database(tmp_path / "node.db")
    NOTES.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(NOTES.insert().values(text="committed"))
    engine.dispose()
    return tmp_path / "node.db"


def texts(engine: sa.Engine) -> list[str]:
    with reading(engine) as connection:
        return [row.text for row in connection.execute(NOTES.select())]


def test_a_reader_does_not_wait_for_a_writer_and_sees_only_what_was_committed(file: Path) -> None:
    writer, reader = open_database(file), open_database(file)
    with writer.begin() as connection:
        connection.execute(NOTES.insert().values(text="not yet"))
        assert texts(reader) == ["committed"]
    assert texts(reader) == ["committed", "not yet"]


def test_a_writer_does_not_wait_for_a_reader(file: Path) -> None:
    writer, reader = open_database(file), open_database(file)
    with reading(reader) as connection:
        assert len(connection.execute(NOTES.select()).all()) == 1
        with writer.begin() as other:
            other.execute(NOTES.insert().values(text="meanwhile"))
        assert len(connection.execute(NOTES.select()).all()) == 1, "a transaction sees one moment"


def test_the_file_is_private(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
