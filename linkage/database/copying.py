"""Copy a whole database into a SQLite file, at one moment while others write, and back into SQLite or PostgreSQL.

One form for both: a backup is checked without a server, and moves a party from one kind of database to the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import sqlalchemy as sa

from linkage.database.migrating import VERSION, Chain, bring_forward, copy_sqlite, take_steps, version_of
from linkage.database.opening import open_database, reading
from linkage.errors import ConfigError

ROWS_AT_ONCE: Final = 500
Settle = Callable[[sa.Connection], None]


def copy_out(place: Path | str, file: Path, chains: Sequence[Chain]) -> None:
    """Copy a database into a new SQLite file. Raises ConfigError when there is none, or of another release."""
    if is_empty(place):
        raise ConfigError("还没有数据库，没有可备份的", "there is no database yet, and nothing to back up")
    if isinstance(place, Path):
        copy_sqlite(place, file)
        return
    source, target = open_database(place), _made(file, chains)
    try:
        if any(version_of(source, chain) != chain.head for chain in chains):
            raise ConfigError(
                "数据库还是另一版本的，备份须用同一版本的程序",
                "the database is of another release, and only that release's program can back it up",
                hint_zh="升级后先重启服务，再备份",
                hint_en="after an upgrade, restart the service first",
            )
        with reading(source) as old, target.begin() as new:
            _copy_rows(old, new)
    finally:
        source.dispose()
        target.dispose()


def copy_in(file: Path, place: Path | str, chains: Sequence[Chain], settle: Settle) -> None:
    """Fill an empty database from a file that `copy_out` made and settle it: all of it or nothing.

    An older file is brought forward, the copy and not the backup. Raises ConfigError.
    """
    if not is_empty(place):
        raise ConfigError("数据库不是空的", "the database is not empty")
    if isinstance(place, Path):
        part = place.with_name(f".{place.name}.part")
        try:
            _take_copy(file, part, chains, settle)
            part.rename(place)
        finally:
            part.unlink(missing_ok=True)
        return
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.sqlite"
        _take_copy(file, copy, chains, lambda connection: None)
        source, target = open_database(copy), open_database(place)
        try:
            with reading(source) as old, target.begin() as new:
                for chain in chains:
                    take_steps(new, chain)
                _copy_rows(old, new)
                _count_on(new)
                settle(new)
        finally:
            source.dispose()
            target.dispose()


def is_empty(place: Path | str) -> bool:
    """Tell whether there is no database yet. Raises ConfigError."""
    if isinstance(place, Path):
        return not place.exists()
    engine = open_database(place)
    try:
        return not sa.inspect(engine).get_table_names()
    finally:
        engine.dispose()


def _take_copy(file: Path, copy: Path, chains: Sequence[Chain], settle: Settle) -> None:
    copy_sqlite(file, copy)
    engine = _made(copy, chains)
    try:
        with engine.begin() as connection:
            settle(connection)
    finally:
        engine.dispose()
    for before in copy.parent.glob(f"{copy.name}.before-*"):
        before.unlink()  # The backup is the copy from before.


def _made(place: Path | str, chains: Sequence[Chain]) -> sa.Engine:
    engine = open_database(place)
    for chain in chains:
        bring_forward(engine, chain)
    return engine


def _copy_rows(old: sa.Connection, new: sa.Connection) -> None:
    here, there = sa.MetaData(), sa.MetaData()
    here.reflect(old)
    there.reflect(new)
    for table in there.sorted_tables:
        if table.name.endswith(VERSION):
            continue
        rows = old.execution_options(yield_per=ROWS_AT_ONCE).execute(here.tables[table.name].select())
        for part in rows.mappings().partitions():
            new.execute(table.insert(), [dict(row) for row in part])


def _count_on(connection: sa.Connection) -> None:
    """Let PostgreSQL's own numbering go on behind the rows that came with their numbers."""
    found = sa.inspect(connection)
    for table in found.get_table_names():
        for column in found.get_columns(table):
            if not str(column["default"] or "").startswith("nextval("):
                continue
            name = column["name"]
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{name}'), (SELECT max({name}) FROM {table}))"
            )
