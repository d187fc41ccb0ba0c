"""Databases: one SELECT, read-only, streamed, the password from a file; really tried on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from linkage.errors import ConfigError, InputError
from linkage.sources.sql_source import SqlSource, read_sql
from linkage.sources.table import RejectReason, Row

PEOPLE = [(2, "乙", "327425199604086927", "0"), (1, "甲", None, "1")]


def fit(cells: Sequence[str]) -> int:
    return sum(c in ("姓名", "身份证号", "状态") for c in cells)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "业务 库.db"
    with sqlite3.connect(path) as base:
        base.execute("create table 名册 (id integer primary key, 姓名 text, 身份证号 text, 状态 text)")
        base.executemany("insert into 名册 values (?, ?, ?, ?)", PEOPLE)
    base.close()
    return path


def cells_of(source: SqlSource) -> list[tuple[int, dict[str, str]]]:
    return [(r.line, dict(r.cells)) for r in read_sql(source, fit).rows if isinstance(r, Row)]


def test_table_comes_in_the_order_of_its_key(database: Path) -> None:
    found = cells_of(SqlSource("库", f"sqlite:///{database}", table="名册"))
    assert found == [
        (1, {"id": "1", "姓名": "甲", "身份证号": "", "状态": "1"}),
        (2, {"id": "2", "姓名": "乙", "身份证号": "327425199604086927", "状态": "0"}),
    ]


def test_query_file_is_read(database: Path, tmp_path: Path) -> None:
    query = tmp_path / "q.sql"
    query.write_text(
        "-- 在享; 有效\nselect 姓名, 身份证号 from 名册 where 姓名 <> ':x;' order by id;\n", encoding="utf-8"
    )
    assert [c["姓名"] for _, c in cells_of(SqlSource("库", f"sqlite:///{database}", query_file=query))] == ["甲", "乙"]


@pytest.mark.parametrize(
    "text", ["delete from 名册", "select 1; delete from 名册", "", "-- nothing", "update 名册 set id=1"]
)
def test_anything_but_one_select_is_refused(database: Path, tmp_path: Path, text: str) -> None:
    query = tmp_path / "q.sql"
    query.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="exactly one SELECT"):
        read_sql(SqlSource("库", f"sqlite:///{database}", query_file=query), fit)


def test_writing_statement_dressed_as_select_cannot_write(database: Path, tmp_path: Path) -> None:
    query = tmp_path / "q.sql"
    query.write_text("with x as (select 1) insert into 名册 (id, 姓名) select 9, '丙' from x", encoding="utf-8")
    with pytest.raises(InputError):
        list(read_sql(SqlSource("库", f"sqlite:///{database}", query_file=query), fit).rows)
    with sqlite3.connect(database) as base:
        assert base.execute("select count(*) from 名册").fetchone() == (2,)
    base.close()


@pytest.mark.parametrize("url", ["sqlite:///{0}/none.db", "nosuch://x", "这不是地址"])
def test_bad_address_is_refused_without_making_a_file(tmp_path: Path, url: str) -> None:
    with pytest.raises((InputError, ConfigError)):
        read_sql(SqlSource("库", url.format(tmp_path), table="名册"), fit)
    assert not list(tmp_path.iterdir())


def test_password_in_the_address_is_refused() -> None:
    with pytest.raises(ConfigError) as refused:
        SqlSource("库", "postgresql+psycopg://u:geheim@h/d", table="t")
    assert "geheim" not in str(refused.value)


def test_table_or_query_but_not_both() -> None:
    for table, query in (("", None), ("t", Path("q.sql"))):
        with pytest.raises(ConfigError):
            SqlSource("库", "sqlite:///x", table=table, query_file=query)


def test_missing_table_and_unknown_columns_are_refused(database: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_sql(SqlSource("库", f"sqlite:///{database}", table="没有"), fit)
    with pytest.raises(InputError, match="no column"):
        read_sql(SqlSource("库", f"sqlite:///{database}", table="名册"), lambda cells: 0)


def test_binary_cell_is_a_fault(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "b.db") as base:
        base.execute("create table t (姓名 text, 身份证号 blob)")
        base.execute("insert into t values ('甲', x'00ff')")
    base.close()
    (row,) = read_sql(SqlSource("库", f"sqlite:///{tmp_path}/b.db", table="t"), fit).rows
    assert isinstance(row, Row) and row.faults == {"身份证号": RejectReason.BINARY_CELL}


def test_neither_repr_nor_error_shows_address_or_password(tmp_path: Path) -> None:
    secret = tmp_path / "pw"
    secret.write_text("geheim\n", encoding="utf-8")
    source = SqlSource("库", "postgresql+psycopg://u@127.0.0.1:1/d", table="t", password_file=secret)
    with pytest.raises(InputError) as refused:
        read_sql(source, fit)
    assert "geheim" not in repr(source) + "".join(refused.value.lines()) + repr(refused.value.__cause__)


@dataclass(frozen=True)
class Server:
    url: str
    password_file: Path


def server_binaries() -> Path | None:
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((f for f in folders if (f / "initdb").exists() and (f / "pg_ctl").exists()), None)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    """Start a private server on a socket in a temporary folder, as an ordinary user."""
    binaries = server_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server programs (initdb, pg_ctl) on this machine")
    pytest.importorskip("psycopg")
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    user = 65534 if os.geteuid() == 0 else None  # The server refuses to run as root; 65534 is "nobody".
    password = folder / "password"
    password.write_text("nur-ein-test", encoding="utf-8")
    if user is not None:
        for path in (folder, password):
            os.chown(path, user, -1)

    def run(program: str, *arguments: str) -> None:
        command = [str(binaries / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, user=user, check=True, cwd=folder, capture_output=True, timeout=60)

    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    try:
        run("initdb", "-U", "tester", "--pwfile", str(password), "-A", "scram-sha-256", "-E", "UTF8", "--no-sync")
        # pg_ctl's server keeps the pipes open, so its words go to a file.
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield Server(f"postgresql+psycopg://tester@/postgres?host={folder}", password)
        finally:
            run("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fill_postgres(server: Server) -> None:
    import psycopg

    host = server.url.split("host=")[1]
    with psycopg.connect(host=host, user="tester", dbname="postgres", password="nur-ein-test") as base:
        base.execute("create schema if not exists 民政")
        base.execute("drop table if exists 民政.名册 cascade")
        base.execute(
            "create table 民政.名册 (id serial primary key, 姓名 char(8), 身份证号 numeric, 状态 boolean, 出生 date)"
        )
        base.execute(
            "insert into 民政.名册 (姓名, 身份证号, 状态, 出生) select '甲' || n, 327425199604080000 + n, n % 2 = 0,"
            " date '1996-04-08' from generate_series(1, 5000) n"
        )
        base.execute("create view 民政.视图 as select 姓名, 身份证号 from 民政.名册")


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_postgres_table_view_and_query(postgres: Server, tmp_path: Path) -> None:
    fill_postgres(postgres)

    def source(**what: object) -> SqlSource:
        return SqlSource("库", postgres.url, password_file=postgres.password_file, **what)  # type: ignore[arg-type]

    table = cells_of(source(table="民政.名册"))
    assert len(table) == 5000
    assert table[0] == (
        1,
        {"id": "1", "姓名": "甲1", "身份证号": "327425199604080001", "状态": "FALSE", "出生": "1996-04-08"},
    )
    assert len(cells_of(source(table="民政.视图"))) == 5000
    query = tmp_path / "q.sql"
    query.write_text(
        "select 姓名, 身份证号::text as 身份证号 from 民政.名册 where id <= 3 order by id", encoding="utf-8"
    )
    assert [c["身份证号"][-1] for _, c in cells_of(source(query_file=query))] == ["1", "2", "3"]


def test_postgres_cannot_be_written_through_a_query(postgres: Server, tmp_path: Path) -> None:
    fill_postgres(postgres)
    query = tmp_path / "q.sql"
    query.write_text("with gone as (delete from 民政.名册 returning 姓名) select 姓名 from gone", encoding="utf-8")
    source = SqlSource("库", postgres.url, query_file=query, password_file=postgres.password_file)
    with pytest.raises(InputError, match="cannot be read"):
        list(read_sql(source, fit).rows)
    kept = SqlSource("库", postgres.url, table="民政.名册", password_file=postgres.password_file)
    assert len(cells_of(kept)) == 5000


def test_postgres_refuses_a_wrong_password(postgres: Server, tmp_path: Path) -> None:
    wrong = tmp_path / "pw"
    wrong.write_text("falsch", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_sql(SqlSource("库", postgres.url, table="民政.名册", password_file=wrong), fit)
    assert "falsch" not in "".join(refused.value.lines())
