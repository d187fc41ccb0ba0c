"""The closed grammar of preset rules: what a row's cells must say for a class tag, a status, a role.

A rule is data, never code: {all|any|none = [rules]} over leaves {column, equals|contains = [values]} and
{column, empty = true|false}; `at` = N looks at the N-th character only. Values are compared folded (NFKC, no spaces,
upper case). A column the file does not have reads as empty.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Cells = Mapping[str, str]
GROUPS = ("all", "any", "none")
EMPTY_MARKS = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "空", "NULL", "NONE", "N/A", "NAN"})
LEAF_KEYS = frozenset({"column", "equals", "contains", "empty", "at"})


@functools.lru_cache(maxsize=4096)  # Coded values repeat row after row.
def fold_value(text: str) -> str:
    """Return a coded value in the form that is compared."""
    folded = "".join(unicodedata.normalize("NFKC", text).upper().split())
    return re.sub(r"^(\d+)\.0+$", r"\1", folded)


def is_blank(text: str) -> bool:
    """Tell whether a cell holds nothing, or a mark that stands for nothing."""
    return not text or text.strip().upper() in EMPTY_MARKS


@dataclass(frozen=True, slots=True)
class Leaf:
    """Test one column."""

    column: str
    test: Literal["equals", "contains", "empty"]
    values: frozenset[str]
    at: int = 0  # 1-based place of the only character looked at; 0 = the whole cell.

    def holds(self, cells: Cells) -> bool:
        cell = fold_value(cells.get(self.column, ""))
        if self.at:
            cell = cell[self.at - 1 : self.at]
        if self.test == "contains":
            return any(v in cell for v in self.values)
        return cell in self.values

    def columns(self) -> Iterator[str]:
        yield self.column


@dataclass(frozen=True, slots=True)
class Not:
    """Turn a rule round (`empty = false`)."""

    rule: Rule

    def holds(self, cells: Cells) -> bool:
        return not self.rule.holds(cells)

    def columns(self) -> Iterator[str]:
        yield from self.rule.columns()


@dataclass(frozen=True, slots=True)
class Group:
    """Join rules by all, any or none."""

    kind: Literal["all", "any", "none"]
    parts: tuple[Rule, ...]

    def holds(self, cells: Cells) -> bool:
        found = (p.holds(cells) for p in self.parts)
        if self.kind == "all":
            return all(found)
        return any(found) if self.kind == "any" else not any(found)

    def columns(self) -> Iterator[str]:
        for part in self.parts:
            yield from part.columns()


Rule = Leaf | Not | Group


def parse_rule(data: object, faults: list[str], *, where: str) -> Rule | None:
    """Read a rule; every fault is added to `faults` and gives None."""
    if not isinstance(data, Mapping) or not data:
        faults.append(f"{where}: not a rule")
        return None
    groups = [k for k in data if k in GROUPS]
    if not groups:
        return _parse_leaf(data, faults, where)
    if len(data) != 1:
        faults.append(f"{where}: {sorted(map(str, data))} do not go together")
        return None
    kind = groups[0]
    items = data[kind]
    if not isinstance(items, Sequence) or isinstance(items, str) or not items:
        faults.append(f"{where}.{kind}: a list is needed")
        return None
    parts = [parse_rule(item, faults, where=f"{where}.{kind}[{i}]") for i, item in enumerate(items)]
    return Group(kind, tuple(p for p in parts if p is not None))


def _parse_leaf(data: Mapping[str, object], faults: list[str], where: str) -> Rule | None:
    column, at = data.get("column"), data.get("at", 0)
    tests = [k for k in ("equals", "contains", "empty") if k in data]
    if set(data) - LEAF_KEYS or not isinstance(column, str) or len(tests) != 1 or type(at) is not int or at < 0:
        faults.append(f"{where}: a leaf needs column and exactly one of equals, contains, empty; found {sorted(data)}")
        return None
    if tests[0] == "empty":
        leaf = Leaf(column, "empty", EMPTY_MARKS, at)
        return leaf if data["empty"] is True else Not(leaf)
    values = data[tests[0]]
    if not isinstance(values, list) or not values or not all(isinstance(v, str) for v in values):
        faults.append(f"{where}.{tests[0]}: a list of texts is needed")
        return None
    test: Literal["equals", "contains"] = "equals" if tests[0] == "equals" else "contains"
    return Leaf(column, test, frozenset(map(fold_value, values)), at)
