"""Read one table, view or query of a database, read-only and as a stream.

The address comes from the configuration, the password from a file of its own: an address with a password in it is
refused, because addresses end up in process lists, logs and tickets. Only one SELECT is ever sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from linkage.errors import ConfigError, InputError
from linkage.sources.table import HeaderFit, Reject, RejectReason, Row, Table, cell_text

BATCH_ROWS = 2000
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
LITERAL = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")


@dataclass(frozen=True, slots=True, repr=False)
class SqlSource:
    """Name a database and what to read there: `table` ("name" or "schema.name") or `query_file` with one SELECT."""

    name: str
    url: str
    table: str = ""
    query_file: Path | None = None
    password_file: Path | None = None

    def __post_init__(self) -> None:
        if bool(self.table) == (self.query_file is not None):
            raise ConfigError(
                f"数据库来源 {self.name} 必须在 table 和 query_file 中恰好给一个",
                f"database source {self.name} needs exactly one of table and query_file",
            )
        if _parse_url(self).password is not None:
            raise ConfigError(
                f"数据库来源 {self.name} 的地址里不能写密码",
                f"the address of database source {self.name} must not hold a password",
                hint_zh="把密码放进单独的文件，用 password_file 指出",
                hint_en="put the password in a file of its own and name it with password_file",
            )

    def __repr__(self) -> str:
        return f"SqlSource(name={self.name!r})"


def read_sql(source: SqlSource, fit: HeaderFit) -> Table:
    """Open the source as a table; line 1 is the first row. Raises ConfigError, InputError.

    Rows of a table come in the order of its primary key, so that a row number means the same row when it is asked for
    again; a query must say ORDER BY itself.
    """
    engine = _engine(source)
    try:
        statement, header = _prepare(engine, source)
    except SQLAlchemyError as exc:
        engine.dispose()
        raise _failed(source.name, exc) from None
    if fit(header) == 0:
        engine.dispose()
        raise InputError(
            f"数据库来源 {source.name} 的列名都不认识",
            f"no column of database source {source.name} is known",
            hint_zh="在 mapping.toml 中指定列名",
            hint_en="name the columns in mapping.toml",
        )
    return Table(source.name, "", header, 0, _rows(engine, statement, source.name))


def _parse_url(source: SqlSource) -> URL:
    try:
        return make_url(source.url)
    except ArgumentError:
        raise ConfigError(
            f"数据库来源 {source.name} 的地址不合格式", f"the address of database source {source.name} is malformed"
        ) from None


def _engine(source: SqlSource) -> Engine:
    url = _parse_url(source)
    if source.password_file is not None:
        try:
            url = url.set(password=source.password_file.read_text(encoding="utf-8").strip())
        except OSError:
            raise ConfigError(
                f"数据库来源 {source.name} 的密码文件读不到",
                f"the password file of database source {source.name} cannot be read",
            ) from None
    if url.get_backend_name() == "sqlite" and url.database and not url.database.startswith("file:"):
        if not Path(url.database).is_file():
            raise InputError(f"找不到数据库文件：{source.name}", f"no such database file: {source.name}")
        url = url.set(database=Path(url.database).resolve().as_uri(), query={"mode": "ro", "uri": "true"})
    try:
        return sa.create_engine(url, hide_parameters=True, poolclass=sa.NullPool)
    except (NoSuchModuleError, ModuleNotFoundError):
        raise ConfigError(f"没有安装 {url.drivername} 的驱动", f"no driver for {url.drivername} is installed") from None


def _prepare(engine: Engine, source: SqlSource) -> tuple[sa.Executable, tuple[str, ...]]:
    if source.query_file is not None:
        statement: sa.Executable = sa.text(_single_select(source))
        with engine.connect() as connection, _cursor(connection, statement) as result:
            return statement, tuple(result.keys())
    schema, _, name = source.table.rpartition(".")
    inspector = sa.inspect(engine)
    columns = [c["name"] for c in inspector.get_columns(name, schema=schema or None)]
    try:
        keys = inspector.get_pk_constraint(name, schema=schema or None)["constrained_columns"]
    except SQLAlchemyError:
        keys = []  # A view has no primary key; some databases answer with an error.
    found = sa.table(name, *(sa.column(c) for c in columns), schema=schema or None)
    return sa.select(found).order_by(*(found.c[k] for k in keys)), tuple(columns)


def _single_select(source: SqlSource) -> str:
    assert source.query_file is not None
    try:
        text = source.query_file.read_text(encoding="utf-8-sig").strip().rstrip(";").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigError(
            f"数据库来源 {source.name} 的查询文件读不到",
            f"the query file of database source {source.name} cannot be read",
        ) from None
    bare = LITERAL.sub("''", COMMENT.sub(" ", text)).strip()
    if ";" in bare or not re.match(r"(?i)(select|with)\b", bare):
        raise ConfigError(
            f"数据库来源 {source.name} 的查询文件必须恰好是一条 SELECT",
            f"the query file of database source {source.name} must be exactly one SELECT",
        )
    return re.sub(r"(?<!:):(?=\w)", r"\\:", text)  # A colon would be taken for a parameter.


def _cursor(connection: sa.Connection, statement: sa.Executable) -> sa.CursorResult[tuple[object, ...]]:
    """Run the statement in a read-only transaction with a server-side cursor."""
    dialect = connection.dialect.name
    if dialect == "postgresql":
        connection = connection.execution_options(postgresql_readonly=True)
    elif dialect in ("mysql", "mariadb"):
        connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
    elif dialect == "oracle":
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
    streamed = connection.execution_options(stream_results=True, yield_per=BATCH_ROWS)
    return streamed.execute(statement)


def _rows(engine: Engine, statement: sa.Executable, name: str) -> Iterator[Row | Reject]:
    try:
        with engine.connect() as connection, _cursor(connection, statement) as result:
            titles = tuple(result.keys())
            for line, values in enumerate(result, start=1):
                yield _row(line, titles, tuple(values))
    except SQLAlchemyError as exc:
        raise _failed(name, exc) from None
    finally:
        engine.dispose()


def _row(line: int, titles: tuple[str, ...], values: tuple[object, ...]) -> Row:
    binary = [isinstance(v, (bytes, bytearray, memoryview)) for v in values]
    cells = {t: "" if b else cell_text(v) for t, v, b in zip(titles, values, binary, strict=True)}
    return Row(line, cells, {t: RejectReason.BINARY_CELL for t, b in zip(titles, binary, strict=True) if b})


def _failed(name: str, exc: SQLAlchemyError) -> InputError:
    # The driver's own text may quote the statement or a value, so only its kind is shown.
    return InputError(
        f"数据库来源 {name} 读取失败（{type(exc).__name__}）",
        f"database source {name} cannot be read ({type(exc).__name__})",
        hint_zh="检查地址、密码文件、表名和只读权限",
        hint_en="check the address, the password file, the table's name and the read permission",
    )
