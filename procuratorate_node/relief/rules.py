"""The rules as a validity-dated file: conditions (art. 7), exclusions (art. 8), caps in order, who may exceed them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from linkage.errors import InputError
from procuratorate_node.relief.grammar import read_record, read_records
from procuratorate_node.relief.table_file import Head, TableFile, open_table, repeated, wrong_file, wrong_setting

KINDS: Final = ("scope", "condition", "exclusion")
BASES: Final = ("award", "wage", "local", "budget")
SECTIONS: Final = ("rules", "departure", "decision", "sources", "roles", "items", "caps", "grounds")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule stands."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Role:
    """Who may approve."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the checklist; `source` is the code of a Source."""

    code: str
    kind: str
    zh: str
    en: str
    source: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise wrong_setting("kind is " + ", ".join(KINDS))


@dataclass(frozen=True, slots=True)
class Cap:
    """One limit; `roles` must all approve an amount above it, and the caps in `needs` must then be known.

    `months` is the number of monthly wages, for the base "wage" only.
    """

    code: str
    base: str
    zh: str
    en: str
    source: str
    exceedable: bool
    roles: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    months: int = 0

    def __post_init__(self) -> None:
        if self.base not in BASES or (self.months > 0) != (self.base == "wage"):
            raise wrong_setting("base is " + ", ".join(BASES) + "; months goes with wage")
        if self.exceedable != bool(self.roles):
            raise wrong_setting("roles are named exactly where a cap is exceedable")


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground on which one cap may be exceeded; `minor`: for minors only."""

    code: str
    cap: str
    zh: str
    en: str
    source: str
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Departure:
    """Who must approve aid although an exclusion applies; nobody may where `roles` is empty."""

    roles: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Deciding:
    """Whose approval every amount needs; may be empty."""

    roles: tuple[str, ...]


T = TypeVar("T", Item, Cap, Ground, Role, Source)


@dataclass(frozen=True, slots=True)
class Rules(TableFile):
    """A parsed file. `digest` is the hex SHA-256 of its bytes."""

    head: Head
    departure: Departure
    decision: Deciding
    sources: tuple[Source, ...]
    roles: tuple[Role, ...]
    items: tuple[Item, ...]
    caps: tuple[Cap, ...]
    grounds: tuple[Ground, ...]
    digest: str

    def source(self, code: str) -> Source:
        return _coded(self.sources, code, "source")

    def role(self, code: str) -> Role:
        return _coded(self.roles, code, "role")

    def item(self, code: str) -> Item:
        return _coded(self.items, code, "checklist item")

    def of_kind(self, kind: str) -> tuple[Item, ...]:
        return tuple(i for i in self.items if i.kind == kind)

    def ground(self, code: str) -> Ground:
        return _coded(self.grounds, code, "ground")


def parse_rules(content: bytes, *, name: str) -> Rules:
    """Parse a file; `name` stands in errors. Raises ConfigError with all faults."""
    data, faults = open_table(content, SECTIONS, name=name)
    head = read_record(Head, data.get("rules"), "rules", faults)
    departure = read_record(Departure, data.get("departure"), "departure", faults)
    decision = read_record(Deciding, data.get("decision"), "decision", faults)
    rows = _rows(data, faults)
    if head and departure and decision and not faults:
        made = Rules(head, departure, decision, *rows, hashlib.sha256(content).hexdigest())
        faults += _faults(made)
        if not faults:
            return made
    raise wrong_file(name, faults)


def _rows(
    data: Mapping[str, object], faults: list[str]
) -> tuple[tuple[Source, ...], tuple[Role, ...], tuple[Item, ...], tuple[Cap, ...], tuple[Ground, ...]]:
    return (
        read_records(Source, data.get("sources"), "sources", faults),
        read_records(Role, data.get("roles"), "roles", faults),
        read_records(Item, data.get("items"), "items", faults),
        read_records(Cap, data.get("caps"), "caps", faults),
        read_records(Ground, data.get("grounds"), "grounds", faults),
    )


def _faults(rules: Rules) -> list[str]:
    """Return what is wrong between the rows."""
    sources, roles = {s.code for s in rules.sources}, {r.code for r in rules.roles}
    caps = [c.code for c in rules.caps]
    codes = [[r.code for r in rows] for rows in (rules.sources, rules.roles, rules.items, rules.caps, rules.grounds)]
    named = {*rules.departure.roles, *rules.decision.roles, *(r for c in rules.caps for r in c.roles)}
    cited = {rules.departure.source, *_sources_of(rules.items), *_sources_of(rules.caps), *_sources_of(rules.grounds)}
    checks = (
        (not any(repeated(c) for c in codes), "a code stands twice"),
        (named <= roles, "an approving role is not in [[roles]]"),
        (cited <= sources, "a source is not in [[sources]]"),
        (all(rules.of_kind(kind) for kind in KINDS), "items of every kind: " + ", ".join(KINDS)),
        (not repeated(c.base for c in rules.caps), "a base makes two caps"),
        (all(set(c.needs) <= set(caps) - {c.code} for c in rules.caps), "needs names other caps"),
        (all(g.cap in caps for g in rules.grounds), "a ground names an unknown cap"),
        ({c.code for c in rules.caps if c.exceedable} == {g.cap for g in rules.grounds}, "grounds for exceedable caps"),
    )
    return [fault for holds, fault in checks if not holds]


def _sources_of(rows: Iterable[Item | Cap | Ground]) -> set[str]:
    return {row.source for row in rows}


def _coded(rows: tuple[T, ...], code: str, what: str) -> T:
    for row in rows:
        if row.code == code:
            return row
    raise InputError(f"规则表中没有这个代码（{what}）", f"the rules know no such {what}")
