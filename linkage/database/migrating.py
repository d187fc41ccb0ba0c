"""Bring a database forward to what the program needs, in one transaction, or say clearly that it cannot be opened.

A chain is the history of one package's tables: its steps lie in <package>/migrations/, each an Alembic script, and the
number of the last one taken is in the table <name>_version. A database made before there were chains is taken for
release 0.1.0 when it looks like it. SQLite files are copied before they are changed.
"""

from __future__ import annotations

import functools
import logging
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from linkage.database.opening import TAKES_NOTHING, reading, unanswered
from linkage.errors import ConfigError

NOTHING: Final = ""
VERSION: Final = "_version"


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps of one package's tables; `head` is the number of the newest."""

    name: str
    package: str
    head: str

    @property
    def version_table(self) -> str:
        return f"{self.name}{VERSION}"


def bring_forward(engine: sa.Engine, chain: Chain) -> None:
    """Take the steps that a database still lacks.

    Raises ConfigError for one of a newer or an unknown program, TransportError for one that does not answer.
    """
    try:
        held = version_of(engine, chain)
    except TAKES_NOTHING:
        raise unanswered() from None
    if held == chain.head:
        return
    _copy_before(engine, chain)
    with engine.begin() as connection:
        if _version(connection, chain) != chain.head:  # Another process of ours may have been faster.
            take_steps(connection, chain)


def version_of(engine: sa.Engine, chain: Chain) -> str:
    """Return the newest step that a database has taken, "" for none."""
    with reading(engine) as connection:
        return _version(connection, chain)


def create_tables(connection: sa.Connection, tables: sa.MetaData) -> None:
    """Make the tables of a first step, beside those that an unnumbered database has. Raises ConfigError."""
    found = sa.inspect(connection)
    known = {name: {c["name"] for c in found.get_columns(name)} for name in found.get_table_names()}
    ours = [table for table in tables.sorted_tables if table.name in known]
    other = [
        f"{table.name}.{column}"
        for table in ours
        for column in sorted(known[table.name] ^ set(table.columns.keys()))  # Too many or too few.
    ]
    if other:
        raise refused("不是 0.1.0 版建立的，无法升级", "is not of release 0.1.0 and cannot be brought forward", other)
    tables.create_all(connection, [t for t in tables.sorted_tables if t.name not in known], checkfirst=False)


def refused(zh: str, en: str, names: Sequence[str]) -> ConfigError:
    listed = ", ".join(names)
    return ConfigError(
        f"数据库{zh}（{listed}）",
        f"the database {en} ({listed})",
        hint_zh="用建立它的版本打开，或恢复备份；没有改动任何内容",
        hint_en="open it with the version that made it, or restore a backup; nothing was changed",
    )


def _version(connection: sa.Connection, chain: Chain) -> str:
    if not sa.inspect(connection).has_table(chain.version_table):
        return NOTHING
    return str(connection.exec_driver_sql(f"SELECT version_num FROM {chain.version_table}").scalar() or NOTHING)


def take_steps(connection: sa.Connection, chain: Chain) -> None:
    """Take the steps that are lacking inside a transaction that does more. Raises ConfigError."""
    logging.getLogger("alembic").setLevel(logging.WARNING)  # Says with every step what the step is called.
    # Here, because a database that is up to date, as nearly every one is, needs none of it.
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    script = _script(chain.package)
    held = _version(connection, chain)
    if held and held not in {step.revision for step in script.walk_revisions()}:
        raise refused("由更新的版本建立", "was made by a newer program", [f"{chain.name} {held} > {chain.head}"])

    def steps(revision: Any, _: MigrationContext) -> Any:  # Any: Alembic's own types are private.
        return script._upgrade_revs(chain.head, revision)

    context = MigrationContext.configure(connection, opts={"version_table": chain.version_table, "fn": steps})
    with Operations.context(context):
        context.run_migrations()


@functools.cache
def _script(package: str) -> Any:  # Any: Alembic is loaded only where a step is lacking.
    """Return a package's steps, read once: they are part of the program."""
    from alembic.script import ScriptDirectory

    folder = str(resources.files(package) / "migrations")
    return ScriptDirectory(folder, version_locations=[folder])


def _copy_before(engine: sa.Engine, chain: Chain) -> None:
    """Copy a SQLite file that an earlier program made to <file>.before-<chain>-<number>, unless that is there."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return
    with reading(engine) as connection:
        names = sa.inspect(connection).get_table_names()
        began = bool(names) and not any(name.endswith(VERSION) for name in names)
        if not began and not _version(connection, chain):
            return  # New, or so far only another chain's.
    copy = Path(f"{engine.url.database}.before-{chain.name}-{chain.head}")
    if not copy.exists():
        copy_sqlite(Path(engine.url.database), copy)


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite file, mode 0600, as it is at one moment, whoever has it open; whole or not at all."""
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(part)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")  # One file, whole by itself.
    part.replace(target)
