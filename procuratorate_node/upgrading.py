"""Bring a database of an older program forward, or say clearly that it cannot be opened.

A table that is missing is made. A column that is missing is added where it has a value for old rows (server_default).
Anything else is refused before a row is touched: a column without such a value, or one that a newer program made.
"""

from __future__ import annotations

import sqlalchemy as sa

from linkage.errors import ConfigError


def bring_forward(engine: sa.Engine, metadata: sa.MetaData) -> None:
    """Make the tables of `metadata` in a database of any age. Raises ConfigError."""
    found = sa.inspect(engine)
    known = {name: {c["name"] for c in found.get_columns(name)} for name in found.get_table_names()}
    ours = [t for t in metadata.sorted_tables if t.name in known]
    missing = [c for t in ours for c in t.columns if c.name not in known[t.name]]
    strange = [f"{t.name}.{c}" for t in ours for c in sorted(known[t.name] - set(t.columns.keys()))]
    if strange:
        raise _refused("由更新的版本建立", "was made by a newer program", strange)
    if lost := [f"{c.table.name}.{c.name}" for c in missing if c.server_default is None]:
        raise _refused("由旧版本建立，无法升级", "was made by an older program and cannot be brought forward", lost)
    if len(ours) == len(metadata.tables) and not missing:
        return
    with engine.begin() as connection:
        metadata.create_all(connection)
        for column in missing:
            made = sa.schema.CreateColumn(column).compile(dialect=engine.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {column.table.name} ADD COLUMN {made}")


def _refused(zh: str, en: str, columns: list[str]) -> ConfigError:
    names = ", ".join(columns)
    return ConfigError(
        f"数据库 node.db {zh}（{names}）",
        f"the database node.db {en} ({names})",
        hint_zh="用建立它的版本打开；或备份后移走 node.db，重新筛查",
        hint_en="open it with the version that made it, or keep a copy, move node.db away and screen again",
    )
