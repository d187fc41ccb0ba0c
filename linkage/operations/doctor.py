"""What the doctors of all three programs look at, and how a report is shown."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from linkage.errors import LinkageError
from linkage.keys.store import keys_folder
from linkage.keys.times import Clock
from linkage.operations.finding import (
    Checks,
    Finding,
    as_json,
    as_text,
    examine,
    fault,
    good,
    is_sound,
    of_error,
    warning,
)
from linkage.operations.key_checks import check_certificates, check_keys, check_schemas
from linkage.operations.machine import LEAST_BYTES, check_disk, check_permissions
from linkage.operations.port import NO_DATABASE, SERVING, STOPPING, fetch
from linkage.operations.reach import check_coordinator
from linkage.operations.record_checks import check_audit
from linkage.operations.settings import Operations


class Configured(Protocol):
    """What every program's configuration has."""

    @property
    def state(self) -> Path: ...
    @property
    def passphrase_file(self) -> Path | None: ...
    @property
    def operations(self) -> Operations: ...


C = TypeVar("C", bound=Configured)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a program's things lie; a guess beside the configuration's file where that cannot be read."""

    state: Path
    passphrase_file: Path | None
    operations: Operations

    @classmethod
    def of(cls, config: Configured | None, file: Path) -> Place:
        if config is None:
            return cls(file.parent / "state", None, Operations())
        return cls(config.state, config.passphrase_file, config.operations)


def read_config(load: Callable[[Path], C], file: Path) -> tuple[C | None, Finding]:
    """Return the configuration, or None and the fault that stands in its way."""
    try:
        return load(file), good("config", f"{file.name} 可用", f"{file.name} is well-formed")
    except LinkageError as error:
        return None, of_error("config", error)


def common_checks(place: Place, clock: Clock, *, least_free: int = LEAST_BYTES) -> Checks:
    """Return what is looked at for every program; `least_free` bytes must be left on its disk."""
    return [
        ("permissions", lambda: check_permissions(place.state, place.passphrase_file)),
        *(_key_checks(place, clock) if keys_folder(place.state).is_dir() else [("keys", _no_keys)]),
        ("disk", lambda: check_disk(place.state, least=least_free)),
        ("logs", lambda: check_logs(place.operations)),
        ("metrics", lambda: check_metrics(place.operations)),
    ]


def _key_checks(place: Place, clock: Clock) -> Checks:
    return [
        ("certificate", lambda: check_certificates(place.state, clock())),
        ("keys", lambda: check_keys(place.state, clock())),
        ("schema", lambda: check_schemas(place.state)),
        ("audit", lambda: check_audit(place.state, clock())),
    ]


def _no_keys() -> Iterator[Finding]:
    hint = (
        "核对配置里的 state；新单位先用 linkage keys new-party，再按 keys/README 领取证书",
        "look at `state` in the configuration; a new party begins with `linkage keys new-party`, see keys/README",
    )
    yield fault("keys", "没有密钥目录", "there is no folder of keys", hint=hint)


def owner_checks(endpoint: str, place: Place, clock: Clock) -> Checks:
    """Return what is looked at for those who dial the coordinator; without a configuration there is no address."""
    return [("coordinator", lambda: check_coordinator(endpoint, place.state, clock))] if endpoint else []


def check_logs(operations: Operations) -> Iterator[Finding]:
    """Look whether the log can be written and how much of it is kept."""
    file = operations.log_file
    if file is None:
        yield good("logs", "写到标准错误，由系统日志保存", "to standard error; the system's journal keeps it")
        return
    folder = file.parent
    kept = sum(path.stat().st_size for path in folder.glob(f"{file.name}*")) if folder.is_dir() else 0
    most = operations.log_bytes * (operations.log_files + 1)
    if folder.is_dir() and not os.access(folder, os.W_OK):
        hint = f"给运行服务的用户 {folder.name} 的写权限", f"let the service's user write to {folder.name}"
        yield fault("logs", "日志目录无法写入", "the log's folder cannot be written", hint=hint)
    sizes = f"{kept / 2**20:.1f} / {most / 2**20:.0f} MiB"
    yield good("logs", f"{file.name}，已用 {sizes}", f"{file.name}, {sizes} used")


def check_metrics(operations: Operations) -> Iterator[Finding]:
    """Ask the health page of the running program, where one is configured."""
    if operations.metrics is None:
        yield good("metrics", "未启用", "off")
        return
    said = fetch(operations.metrics, "/health")
    if said is None:
        hint = "systemctl status 服务名；或运行 run / serve", "`systemctl status`, or start it with run or serve"
        yield warning("service", "程序没有在运行", "the program is not running", hint=hint)
    elif said.strip() == SERVING:
        yield good("service", "正在服务", "serving")
    elif NO_DATABASE in said:
        hint = "见 database 一项；恢复后程序自己接着做", "see `database`; the program goes on by itself afterwards"
        yield fault("service", "数据库没有应答，暂停服务", NO_DATABASE, hint=hint)
    else:
        yield warning("service", "正在启动或停止", STOPPING)


def show_report(checks: Checks, first: Sequence[Finding], *, as_json_text: bool) -> int:
    """Make the checks and print everything found. Returns 0, or 1 where there is a fault."""
    findings = [*first, *examine(checks)]
    print(as_json(findings) if as_json_text else as_text(findings))
    return 0 if is_sound(findings) else 1
