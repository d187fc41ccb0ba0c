"""Where a database is: the address in a configuration, or the file in a state folder.

`postgresql:///linkage` and the like; the host may be a socket folder (`?host=/var/run/postgresql`) or stand in a libpq
service (`?service=linkage`). A password is never part of it: configurations are copied, and command lines are seen.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from linkage.errors import ConfigError

_HINT: Final = {
    "hint_zh": "留空用 SQLite；PostgreSQL 写 postgresql:///库名，不写口令",
    "hint_en": "empty means SQLite; postgresql:///NAME for PostgreSQL, without a password",
}
DRIVERS: Final = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}


def sqlite_address(file: Path) -> sa.URL:
    return sa.URL.create("sqlite", database=str(file))


def parse_address(text: str) -> sa.URL:
    """Read an address. Raises ConfigError: for a password in it, another kind of database or a missing driver."""
    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError:
        raise ConfigError("database 不是有效的地址", "database is not a valid address", **_HINT) from None
    if url.password is not None or "password" in url.query:
        raise ConfigError(
            "database 里不得写口令",
            "database must not hold a password",
            hint_zh="口令放进 ~/.pgpass（权限 0600）或 libpq service；本机可用 peer 认证",
            hint_en="keep it in ~/.pgpass (mode 0600) or a libpq service; on one machine use peer authentication",
        )
    if url.get_backend_name() not in DRIVERS:
        raise ConfigError("database 只能是 SQLite 或 PostgreSQL", "database must be SQLite or PostgreSQL", **_HINT)
    if url.get_backend_name() == "postgresql" and find_spec("psycopg") is None:
        raise ConfigError(
            "没有安装 PostgreSQL 驱动",
            "the PostgreSQL driver is not installed",
            hint_zh="安装 linkage[postgres]",
            hint_en="install linkage[postgres]",
        )
    return url.set(drivername=DRIVERS[url.get_backend_name()])
