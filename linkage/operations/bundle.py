"""The diagnostic bundle: one .zip for whoever helps, without personal data, keys, paths or names of officers."""

from __future__ import annotations

import io
import json
import platform
import tomllib
import zipfile
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from linkage.database.address import parse_address
from linkage.errors import InputError
from linkage.keys.files import PRIVATE, write_file
from linkage.operations.doctor import Place
from linkage.operations.finding import Finding, as_json, as_text
from linkage.operations.port import fetch
from linkage.operations.withholding import told_config, told_line

LOG_LINES: Final = 500
HELD: Final = {
    "doctor.txt": ("诊断报告", "the doctor's report"),
    "doctor.json": ("同上，供程序读取", "the same for programs"),
    "versions.json": ("系统和各软件包的版本", "versions of the system and of every package"),
    "config.json": ("配置，只留数字、开关和列明的项", "the configuration: numbers, switches and listed texts only"),
    "counts.json": ("数据库各表行数、各目录大小", "rows by table, sizes by folder"),
    "log.txt": (f"运行日志最后 {LOG_LINES} 行", f"the log's last {LOG_LINES} lines"),
    "metrics.txt": ("监测指标", "the metrics"),
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a bundle's parts come from; `database` is a file or a server's address."""

    config: Path
    place: Place
    database: Path | str
    findings: Sequence[Finding]


def parts_of(source: Source) -> dict[str, bytes]:
    """Return every part of the bundle by name; a part that cannot be had says so in its place."""
    operations = source.place.operations
    metrics = fetch(operations.metrics, "/metrics") if operations.metrics else None
    texts = {
        "doctor.txt": as_text(source.findings),
        "doctor.json": as_json(source.findings),
        "versions.json": _json(versions()),
        "config.json": _json(_config(source.config)),
        "counts.json": _json({"rows": _rows(source.database), "folders": _sizes(source.place.state)}),
        "log.txt": log_tail(operations.log_file),
        "metrics.txt": metrics if metrics is not None else "off, or the program is not running\n",
    }
    return {name: text.encode("utf-8") for name, text in texts.items()}


def versions() -> dict[str, object]:
    """Return what runs here: system, Python, and every installed package."""
    packages = {found.metadata["Name"]: found.version for found in metadata.distributions()}
    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": dict(sorted(packages.items())),
    }


def log_tail(file: Path | None) -> str:
    """Return the last lines of the log file, as far as they may be told."""
    if file is None:
        return "the log goes to standard error: journalctl -u SERVICE\n"
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            return "".join(told_line(line.rstrip("\n")) + "\n" for line in deque(stream, maxlen=LOG_LINES))
    except OSError as error:
        return f"cannot be read: {error.strerror}\n"


def summary(parts: dict[str, bytes]) -> str:
    """Return what is in the bundle, for a person to read before it is written."""
    rows = ((name, len(content), *HELD[name]) for name, content in parts.items())
    return "\n".join(f"  {name:<14}{size:>9}  {zh} | {en}" for name, size, zh, en in rows)


def write_bundle(file: Path, parts: dict[str, bytes]) -> None:
    """Write the .zip, mode 0600. Raises InputError when the file is there already, KeyMaterialError when it fails."""
    if file.exists():
        raise InputError(f"{file.name} 已存在，不覆盖", f"{file.name} exists and is not overwritten")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    write_file(file, packed.getvalue(), mode=PRIVATE)


def diagnose(source: Source, file: Path | None) -> int:
    """Say what the bundle holds and, with a file, write it. Returns 0."""
    parts = parts_of(source)
    print("诊断包内容，不含个人信息和密钥 | what the bundle holds: no personal data, no key")
    print(summary(parts))
    if file is None:
        print("没有写文件；要写请加文件名 bundle.zip | nothing written: name a file such as bundle.zip")
    else:
        write_bundle(file, parts)
        print(f"已写好 {file.name}；交出前请先看一遍 | wrote {file.name}; look through it before you hand it over")
    return 0


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _config(file: Path) -> object:
    try:
        return told_config(tomllib.loads(file.read_text("utf-8").removeprefix("\ufeff")))
    except (OSError, ValueError) as error:
        return {"unreadable": type(error).__name__}


def _rows(database: Path | str) -> object:
    if isinstance(database, Path):
        engine = sa.create_engine(f"sqlite:///file:{database.absolute()}?mode=ro&uri=true")  # Nothing is changed.
    else:
        engine = sa.create_engine(parse_address(database))
    try:
        with engine.connect() as connection:
            names = sa.inspect(connection).get_table_names()
            counted = {name: sa.select(sa.func.count()).select_from(sa.table(name)) for name in sorted(names)}
            return {name: connection.execute(count).scalar_one() for name, count in counted.items()}
    except sa.exc.SQLAlchemyError as error:
        return {"unreadable": type(error).__name__}
    finally:
        engine.dispose()


def _sizes(state: Path) -> dict[str, dict[str, int]]:
    """Return files and bytes by folder of the state, "." for the files beside them."""
    found: dict[str, dict[str, int]] = {}
    for path in state.rglob("*"):
        if path.is_file():
            inner = path.relative_to(state).parts
            of = found.setdefault(inner[0] if len(inner) > 1 else ".", {"files": 0, "bytes": 0})
            of["files"] += 1
            of["bytes"] += path.stat().st_size
    return found
