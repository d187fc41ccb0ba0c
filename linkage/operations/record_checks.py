"""What a program keeps: its database opens and is whole, its audit log verifies, its time does not run back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from linkage.audit.log import ENTRIES
from linkage.audit.notes import note_sizes
from linkage.audit.verify import LogReport, verify_log
from linkage.database.address import parse_address
from linkage.keys.store import load_party_keys
from linkage.keys.times import parse_utc
from linkage.operations.finding import Finding, fault, good, warning

BACKWARD: Final = timedelta(minutes=5)
CHUNK: Final = 1 << 20
RESTORE: Final = (
    "停止服务，保留原件，从备份恢复；不要手工修改",
    "stop the service, keep the file as it is, restore from the backup; do not edit it",
)
REVIEW: Final = (
    "停止服务，保留整个目录，通知安全审查人员；见 guide-reviewer",
    "stop the service, keep the folder, tell the security reviewer: guide-reviewer",
)


def check_database(place: Path | str) -> Iterator[Finding]:
    """Look at the database: SQLite's own check of a file, one question to the server of an address."""
    if isinstance(place, Path):
        yield from check_sqlite(place)
        return
    engine = sa.create_engine(parse_address(place))
    kind = engine.dialect.name
    try:
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError as error:
        hint = "检查数据库服务、网络和 database 里的账户", "look at server, network and the account in `database`"
        why = type(error).__name__
        yield fault("database", f"{kind} 连不上（{why}）", f"{kind} cannot be used ({why})", hint=hint)
    else:
        yield good("database", f"{kind} 可用", f"{kind} answers")
    finally:
        engine.dispose()


def check_sqlite(file: Path) -> Iterator[Finding]:
    """Open the database without changing it and let SQLite check it."""
    if not file.exists():
        yield warning("database", "还没有数据库，首次运行时建立", "no database yet: the first run makes it")
        return
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
        try:
            said = [str(row[0]) for row in connection.execute("PRAGMA quick_check(1)")]
            tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0]
        except sqlite3.DatabaseError:
            said, tables = ["damaged"], 0
    if said == ["ok"]:
        size = file.stat().st_size / 2**20
        yield good("database", f"完好，{tables} 张表，{size:.1f} MiB", f"whole, {tables} tables, {size:.1f} MiB")
    else:
        yield fault("database", "数据库损坏", "the database is damaged", hint=RESTORE)


def check_audit(state: Path, now: datetime) -> Iterator[Finding]:
    """Recompute our own log against its checkpoints, and look at what follows the last of them."""
    folder = state / "audit"
    if not (folder / ENTRIES).exists():
        yield warning("audit", "还没有日志，首次运行时建立", "no log yet: the first run makes it")
        return
    if not note_sizes(folder):
        yield warning("audit", "还没有检查点", "no checkpoint yet")
        return
    report = verify_log(folder, load_party_keys(state).party.signing_key)
    if report.fault is not None:
        at = "" if report.fault.index is None else f" #{report.fault.index}"
        yield fault("audit", f"{report.fault.zh}{at}", f"{report.fault.en}{at}", hint=REVIEW)
        return
    covered = f"{report.signed_entries}/{report.entries}"
    yield good("audit", f"完整，检查点覆盖 {covered} 条", f"whole, checkpoints cover {covered} entries")
    yield from _torn_end(folder / ENTRIES)
    yield from _times(report, now)


def _torn_end(entries: Path) -> Iterator[Finding]:
    with entries.open("rb") as stream:
        stream.seek(0, 2)
        if stream.tell():
            stream.seek(-1, 2)
            if stream.read(1) != b"\n":
                zh, en = "末行不完整，启动时自动去掉", "the last line is torn; the next start cuts it off"
                yield warning("audit", zh, en)


def _times(report: LogReport, now: datetime) -> Iterator[Finding]:
    if report.last_time and parse_utc(report.last_time) - now > BACKWARD:
        hint = "系统时间被调慢过；先校准时间再启动", "the system clock was set back: set it right before starting"
        yield fault("clock", "系统时间早于最后一条日志", "the system clock is before the log's last entry", hint=hint)
