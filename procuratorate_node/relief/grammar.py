"""Read TOML or JSON into frozen records with a closed grammar; all faults are collected, no value is ever quoted."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import NoneType, UnionType
from typing import Final, TypeVar, get_args, get_origin, get_type_hints

from linkage.errors import ConfigError, InputError, LinkageError
from procuratorate_node.relief.money import parse_figure, plain

T = TypeVar("T")
PLACE: Final = re.compile(r"at line (\d+), column (\d+)")
KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,40}")


def parse_document(content: bytes, *, name: str) -> Mapping[str, object]:
    """Read TOML, or JSON where `name` ends in .json; numbers with a point become Decimal. Raises InputError."""
    try:
        text = content.decode("utf-8")
        if name.lower().endswith(".json"):
            found = json.loads(text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_once)
        else:
            found = tomllib.loads(text, parse_float=Decimal)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        # The parsers' own texts may quote the file, so only the place is told.
        place = _place(error)
        raise InputError(f"{name} 格式有误{place[0]}", f"{name} cannot be parsed{place[1]}") from None
    if not isinstance(found, dict):
        raise InputError(f"{name} 应为一张表", f"{name} must be a table")
    return found


def content_of(file: Path | None, shipped: bytes, *, zh: str, en: str) -> tuple[bytes, str]:
    """Return an office's own file, the shipped one without it, and its name for errors. Raises ConfigError."""
    if file is None:
        return shipped, "shipped"
    try:
        return file.read_bytes(), file.name
    except OSError:
        raise ConfigError(f"读不到{zh} {file.name}", f"cannot read {en} {file.name}") from None


def parse_table_file(content: bytes, *, name: str) -> Mapping[str, object]:
    """Read a data file of the office; like `parse_document`, but raises ConfigError."""
    try:
        return parse_document(content, name=name)
    except InputError as error:
        raise ConfigError(error.zh, error.en) from None


def read_record(cls: type[T], item: object, where: str, faults: list[str]) -> T | None:
    """Make `cls` of a table whose keys are its fields; note unknown, missing and wrong ones in `faults`."""
    if not isinstance(item, Mapping):
        faults.append(f"[{where}] is missing or no table")
        return None
    known = {f.name: f for f in fields(cls) if f.init}  # type: ignore[arg-type]
    kinds = get_type_hints(cls)
    found = [f"[{where}] unknown key {_key(k)}" for k in item if k not in known]
    required = [k for k, f in known.items() if f.default is MISSING and f.default_factory is MISSING]
    found += [f"[{where}] {k} is missing" for k in required if k not in item]
    values: dict[str, object] = {}
    for key in [k for k in item if k in known]:
        try:
            values[key] = _value(item[key], kinds[key])
        except (TypeError, ValueError, LinkageError):
            found.append(f"[{where}] {key} has a wrong type or value")
    made: T | None = None
    if not found:
        try:
            made = cls(**values)
        except LinkageError as error:
            found.append(f"[{where}] {error.en}")
    faults += found
    return made


def read_records(cls: type[T], items: object, where: str, faults: list[str]) -> tuple[T, ...]:
    """Make one `cls` of every table of a list; an absent list is empty."""
    if items is None:
        return ()
    if not isinstance(items, list):
        faults.append(f"[[{where}]] must be a list of tables")
        return ()
    made = (read_record(cls, item, f"{where} {number}", faults) for number, item in enumerate(items, 1))
    return tuple(m for m in made if m is not None)


def record_json(record: object) -> dict[str, object]:
    """Return a record as the JSON that `read_record` takes back; sums and days are texts, None is left out."""
    found = ((f.name, getattr(record, f.name)) for f in fields(record))  # type: ignore[arg-type]
    return {name: _json(value) for name, value in found if value is not None}


def _json(value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def unknown_sections(document: Mapping[str, object], known: tuple[str, ...]) -> list[str]:
    return [f"unknown section {_key(k)}" for k in document if k not in known]


def _value(value: object, kind: object) -> object:
    """Turn a parsed value into the kind a field asks for. Raises TypeError, ValueError or LinkageError."""
    if get_origin(kind) is UnionType:
        (kind,) = (k for k in get_args(kind) if k is not NoneType)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise TypeError
        return tuple(_value(v, get_args(kind)[0]) for v in value)
    if kind is Decimal:
        return parse_figure(value, what="value")
    if kind is date:
        if type(value) is str:
            return date.fromisoformat(value)
        if isinstance(value, datetime) or not isinstance(value, date):
            raise TypeError
        return value
    if isinstance(kind, type) and kind in (str, int, bool) and type(value) is kind:
        return value
    raise TypeError


def _key(key: object) -> str:
    """Name a key that looks like one of ours; anything else may be somebody's data."""
    return str(key) if KEY.fullmatch(str(key)) else "(not shown)"


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError
    return made


def _no_constant(_: str) -> object:
    raise ValueError


def _place(error: Exception) -> tuple[str, str]:
    if isinstance(error, json.JSONDecodeError):
        line: str | None = str(error.lineno)
    else:
        found = PLACE.search(str(error))
        line = found[1] if found else None
    return (f"（第 {line} 行）", f" (line {line})") if line else ("", "")
