"""The coordinator's configuration: one TOML file, one frozen Config, unknown keys are errors."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypeVar

from linkage.database.address import parse_address
from linkage.errors import ConfigError
from linkage.keys.keyring import with_passphrase
from linkage.operations.settings import Operations, parse_operations

FILE = "coordinator.toml"
DATABASE_FILE = "coordinator.db"
DEFAULT_LISTEN = "0.0.0.0:7443"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Quotas:
    """Bound what one party may make the coordinator hold or do."""

    max_rows: int = 20_000_000  # rows per population
    max_round_bytes: int = 64 << 30  # all uploads of one round
    max_populations: int = 64
    max_warrant_days: int = 60
    open_rounds: int = 8  # per requester
    rounds_per_day: int = 20  # per requester
    relays_per_day: int = 500  # per sender
    full_comparisons: int = 10_000_000_000  # per round; up to so many all filters are compared with all
    max_comparisons: int = 2_000_000_000_000  # filter comparisons per round; more are refused
    max_pairs: int = 200_000_000  # pairs judged per population; more are refused
    links_per_anchor: int = 8  # per population in the result
    free_bytes: int = 1 << 30  # what must stay free on the disk


@dataclass(frozen=True, slots=True)
class Times:
    """How long things last."""

    grace_days: int = 30  # after delivery, until a round closes without every deletion statement
    event_days: int = 90  # how long delivered events of ended rounds are kept
    watch_seconds: int = 1800  # one watch stream
    tick_seconds: int = 5  # between two looks at expiry, grace and revocation
    silent_minutes: int = 120  # a worker that says nothing for so long is stuck
    drain_seconds: int = 20  # calls still running get this long at shutdown
    checkpoint_minutes: int = 60  # between two signed checkpoints of the audit log


@dataclass(frozen=True, slots=True)
class Config:
    """`state` holds keys/, audit/, rounds/ and, unless `database` is a URL, the database."""

    state: Path
    listen: str = DEFAULT_LISTEN
    database: str = ""
    quotas: Quotas = field(default_factory=Quotas)
    times: Times = field(default_factory=Times)
    passphrase_file: Path | None = None
    operations: Operations = field(default_factory=Operations)

    @property
    def rounds(self) -> Path:
        return self.state / "rounds"

    @property
    def place(self) -> Path | str:
        """Return where the database is: its address, or the file in the state folder."""
        return self.database or self.state / DATABASE_FILE


def load_config(file: Path) -> Config:
    """Read a configuration; a relative `state` is taken from the file's folder. Raises ConfigError."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(
            f"读不到配置文件 {file.name}",
            f"cannot read the configuration {file.name}",
            hint_zh="用 linkage coordinator init 目录 生成一份",
            hint_en="`linkage coordinator init FOLDER` writes one",
        ) from None
    return with_passphrase(parse_config(text, file.parent))


def parse_config(text: str, base: Path) -> Config:
    """Read a configuration's text, listing every fault. Raises ConfigError."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"配置不是有效的 TOML：{exc}", f"the configuration is not valid TOML: {exc}") from None
    faults: list[str] = []
    for name in set(data) - {"coordinator", "quotas", "times", "operations"}:
        faults.append(f"[{name}] unknown")
    head = _texts(data.get("coordinator", {}), faults)
    quotas = _numbers(Quotas, "quotas", data.get("quotas", {}), faults)
    times = _numbers(Times, "times", data.get("times", {}), faults)
    operations = parse_operations(data.get("operations", {}), base, faults)
    if head.get("database"):
        parse_address(head["database"])
    if "state" not in head:
        faults.append("coordinator.state missing")
    if faults:
        raise ConfigError(f"配置有错：{'；'.join(faults)}", f"faults in the configuration: {'; '.join(faults)}")
    return Config(
        state=base / head["state"],
        listen=head.get("listen", DEFAULT_LISTEN),
        database=head.get("database", ""),
        quotas=quotas,
        times=times,
        passphrase_file=base / head["passphrase_file"] if head.get("passphrase_file") else None,
        operations=operations,
    )


def _texts(table: object, faults: list[str]) -> dict[str, str]:
    if not isinstance(table, Mapping):
        faults.append("[coordinator] must be a table")
        return {}
    for name, value in table.items():
        if name not in ("state", "listen", "database", "passphrase_file") or not isinstance(value, str):
            faults.append(f"coordinator.{name}")
    return {str(name): value for name, value in table.items() if isinstance(value, str)}


def _numbers(cls: type[T], section: str, table: object, faults: list[str]) -> T:
    known = {f.name for f in fields(cls)}  # type: ignore[arg-type]
    values: dict[str, int] = {}
    for name, value in table.items() if isinstance(table, Mapping) else [("", None)]:
        if name in known and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            values[name] = value
        else:
            faults.append(f"{section}.{name}")
    return cls(**values)
