"""The [operations] section that all three configurations have: metrics and health, and where the log goes."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

LogFormat = Literal["text", "json"]
MOST_BYTES: Final = 1 << 40
MOST_FILES: Final = 1000
KINDS: Final[Mapping[str, type]] = {
    "metrics": str,
    "log_format": str,
    "log_file": str,
    "log_bytes": int,
    "log_files": int,
}


@dataclass(frozen=True, slots=True)
class Operations:
    """`metrics` is (loopback address, port) or None = off; no `log_file` = standard error, which journald takes."""

    metrics: tuple[str, int] | None = None
    log_format: LogFormat = "text"
    log_file: Path | None = None
    log_bytes: int = 10 << 20  # a log file is put aside when it would grow beyond
    log_files: int = 5  # how many put-aside files are kept


def parse_operations(table: object, base: Path, faults: list[str]) -> Operations:
    """Read the section's table; a relative `log_file` starts at `base`. Faults are added to the list."""
    if not isinstance(table, Mapping):
        faults.append("[operations] must be a table")
        return Operations()
    for key, value in table.items():
        if type(value) is not KINDS.get(str(key)):
            faults.append(f"operations.{key}")
    numbers = {"log_bytes": (1 << 16, MOST_BYTES), "log_files": (1, MOST_FILES)}
    for key, (least, most) in numbers.items():
        if type(table.get(key)) is int and not least <= table[key] <= most:
            faults.append(f"operations.{key} must be {least} to {most}")
    if table.get("log_format", "text") not in ("text", "json"):
        faults.append("operations.log_format must be text or json")
    given = {key: value for key, value in table.items() if key in numbers and type(value) is int}
    return Operations(
        metrics=_loopback(table.get("metrics", ""), faults),
        log_format="json" if table.get("log_format") == "json" else "text",
        log_file=base / str(table["log_file"]) if table.get("log_file") else None,
        **given,
    )


def _loopback(text: object, faults: list[str]) -> tuple[str, int] | None:
    """Return (address, port) of "127.0.0.1:9464"; anything that other machines could reach is a fault."""
    if not text or not isinstance(text, str):
        return None
    host, _, port = text.rpartition(":")
    try:
        address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
        if address.is_loopback and port.isdecimal() and int(port) < 65536:
            return str(address), int(port)
    except ValueError:
        pass
    faults.append("operations.metrics must be a loopback address and port, such as 127.0.0.1:9464")
    return None
