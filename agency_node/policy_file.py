"""Read policy.toml: unknown keys, missing keys and wrong types are errors, all reported at once."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from agency_node.policy_rules import AllowRule, Budget, Policy, ReleaseRule, RiskRule
from agency_node.rows import FIELDS
from linkage.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
MODES = ("auto", "operator")


def load_policy(file: Path) -> Policy:
    """Read a policy; a missing file allows nothing. Raises ConfigError."""
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        return Policy()
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"读不到授权规则 {file.name}", f"cannot read the policy {file.name}") from None
    return parse_policy(text)


def parse_policy(text: str) -> Policy:
    """Read a policy's text. Raises ConfigError listing every fault."""
    try:
        data = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"授权规则不是有效的 TOML：{exc}", f"the policy is not valid TOML: {exc}") from None
    faults = [f"[{name}] unknown" for name in sorted(set(data) - {"allow", "release", "risk", "budget"})]
    allow = tables_of(AllowRule, data.get("allow", []), "allow", faults)
    release = tables_of(ReleaseRule, data.get("release", []), "release", faults)
    risk = tables_of(RiskRule, [data["risk"]], "risk", faults) if "risk" in data else ()
    budget = _rule(Budget, data.get("budget", {}), "budget", faults) or Budget()
    for rule in allow:
        faults += [f"allow {rule.name}: unknown field {f}" for f in sorted(rule.fields - set(FIELDS))]
    for kind, names in (("allow", [r.name for r in allow]), ("release", [r.name for r in release])):
        faults += [f"{kind}: two rules are called {name}" for name in sorted({n for n in names if names.count(n) > 1})]
    if faults:
        raise ConfigError(f"授权规则有错：{'；'.join(faults)}", f"faults in the policy: {'; '.join(faults)}")
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Policy(allow, release, digest, risk[0] if risk else None, budget)


def tables_of(cls: type[T], tables: object, kind: str, faults: list[str]) -> tuple[T, ...]:
    """Read a list of tables as rules of one class; unknown, missing and malformed keys are added to `faults`."""
    if not isinstance(tables, list):
        faults.append(f"[[{kind}]] must be a list of tables")
        return ()
    found = (_rule(cls, table, f"{kind}[{index}]", faults) for index, table in enumerate(tables))
    return tuple(rule for rule in found if rule is not None)


def _rule(cls: type[T], table: object, where: str, faults: list[str]) -> T | None:
    if not isinstance(table, Mapping):
        faults.append(f"{where} must be a table")
        return None
    known = {f.name: f for f in fields(cls)}
    wrong = [f"{where}: unknown key {key}" for key in sorted(set(table) - set(known))]
    wrong += [f"{where}: {n} is missing" for n, f in known.items() if f.default is MISSING and n not in table]
    values: dict[str, object] = {}
    for name in set(table) & set(known):
        value = _value(str(known[name].type), table[name])
        if value is None:
            wrong.append(f"{where}: {name} is malformed")
        values[name] = value
    faults += wrong
    return None if wrong else cls(**values)  # Every value was checked by its field's type.


def _value(kind: str, value: object) -> object:
    """Return the value in its field's type, None when it does not fit."""
    if kind == "str":
        return value if isinstance(value, str) and value.strip() else None
    if kind == "bool":
        return value if isinstance(value, bool) else None
    if kind == "int":
        return value if type(value) is int and value >= 0 else None
    if kind == "float":
        return float(value) if type(value) in (int, float) and 0 <= value <= 1 else None  # type: ignore[operator, arg-type]
    if kind == "Mode":
        return value if value in MODES else None
    if kind == "date":
        return _day(value)
    texts = isinstance(value, list) and all(isinstance(part, str) and part for part in value)
    return frozenset(value) if texts and isinstance(value, list) else None


def _day(value: object) -> date | None:
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
