"""Read small TOML documents strictly and write them back: every fault is noted, none hides another.

Unknown keys, missing keys and wrong types are faults. Only texts, integers, lists of texts and tables occur.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from linkage.errors import KeyMaterialError, LinkageError

T = TypeVar("T")
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
HEX32 = re.compile(r"[0-9a-f]{64}")
LINE = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


class Table:
    """Read one table; every fault goes to a list shared by the whole document."""

    def __init__(self, data: Mapping[str, object], where: str, faults: list[str]) -> None:
        self._data = data
        self._where = where
        self._faults = faults
        self._read: set[str] = set()

    def fault(self, name: str, what: str) -> None:
        self._faults.append(f"{self._where}{name}: {what}")

    def text(self, name: str, pattern: re.Pattern[str] = LINE) -> str:
        """Return a text that matches, or note a fault and return ""."""
        value = self._take(name)
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        if value is not None:
            self.fault(name, "malformed text")
        return ""

    def integer(self, name: str, low: int, high: int) -> int:
        """Return an integer within bounds, or note a fault and return `low`."""
        value = self._take(name)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        if value is not None:
            self.fault(name, f"expected an integer from {low} to {high}")
        return low

    def texts(self, name: str, pattern: re.Pattern[str], *, required: bool = True) -> tuple[str, ...]:
        """Return a list of different matching texts, or note a fault and return ()."""
        if name not in self._data and not required:
            return ()
        value = self._take(name)
        well_formed = isinstance(value, list) and all(isinstance(v, str) and pattern.fullmatch(v) for v in value)
        if isinstance(value, list) and well_formed and len(set(value)) == len(value):
            return tuple(value)
        if value is not None:
            self.fault(name, "expected a list of different well-formed texts")
        return ()

    def built(self, name: str, build: Callable[[str], T]) -> T | None:
        """Return what `build` makes of a text; its LinkageError becomes a fault."""
        value = self._take(name)
        if not isinstance(value, str):
            if value is not None:
                self.fault(name, "expected a text")
            return None
        try:
            return build(value)
        except LinkageError as error:
            self.fault(name, error.en)
            return None

    def table(self, name: str, *, required: bool = True) -> Table:
        """Return a table within this one; an empty one where there is none."""
        value = self._take(name) if required or name in self._data else {}
        if value is not None and not isinstance(value, dict):
            self.fault(name, "expected a table")
        return Table(value if isinstance(value, dict) else {}, f"{self._where}{name}.", self._faults)

    def has(self, name: str) -> bool:
        """Tell whether the key is there."""
        return name in self._data

    def items(self, pattern: re.Pattern[str]) -> dict[str, str]:
        """Return every key of the table with its matching text."""
        return {name: self.text(name, pattern) for name in self._data}

    def tables(self, name: str, *, required: bool = True) -> list[Table]:
        """Return the tables of an array, each named by its position from 1."""
        if name not in self._data and not required:
            return []
        value = self._take(name)
        if isinstance(value, list) and all(isinstance(v, dict) for v in value):
            return [Table(v, f"{name}[{i}].", self._faults) for i, v in enumerate(value, start=1)]
        if value is not None:
            self.fault(name, "expected an array of tables")
        return []

    def finish(self) -> None:
        """Note every key nobody asked for."""
        for name in sorted(set(self._data) - self._read):
            self.fault(name, "unknown key")

    def _take(self, name: str) -> object:
        self._read.add(name)
        if name not in self._data:
            self.fault(name, "missing")
        return self._data.get(name)


def parse_toml(text: str, name: str) -> Mapping[str, object]:
    """Read TOML text. Raises KeyMaterialError."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        raise KeyMaterialError(f"{name} 不是有效的 TOML", f"{name} is not valid TOML") from None


def raise_faults(faults: Sequence[str], name: str) -> None:
    """Raise one KeyMaterialError that lists every fault, or return when there is none."""
    if faults:
        listed = "; ".join(faults)
        raise KeyMaterialError(
            f"{name} 有 {len(faults)} 处错误：{listed}", f"{name} has {len(faults)} faults: {listed}"
        )


Value = str | int | Sequence[str]


def render_toml(top: Mapping[str, Value], arrays: Sequence[tuple[str, Sequence[Mapping[str, Value]]]] = ()) -> str:
    """Return TOML text: plain keys first, then arrays of tables, in the order given."""
    lines = [f"{key} = {_value(value)}" for key, value in top.items()]
    for name, rows in arrays:
        for row in rows:
            lines += ["", f"[[{name}]]", *(f"{key} = {_value(value)}" for key, value in row.items())]
    return "\n".join(lines) + "\n"


def _value(value: Value) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        # JSON's escapes are a subset of TOML's, except that TOML wants DEL escaped as well.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return "[" + ", ".join(_value(part) for part in value) + "]"
