"""The rules by which the logs of one consortium are held together: rules.toml, strictly read, and its digest."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from linkage.audit.entry import FACT, KIND
from linkage.audit.terms import Term, parse_pair, parse_term
from linkage.errors import ConfigError, LinkageError
from linkage.keys.fields import LINE, Table, parse_toml, raise_faults

FILE = "rules.toml"
FORMAT = "linkage/v1/audit-rules"
ROLE = re.compile("coordinator|agency|procuratorate|owner")
SIDE = re.compile("one|other")
IDENTITY = re.compile(r"[a-z][a-z0-9-]{0,63}")
TRAFFIC = re.compile("traffic")
CONDITION = re.compile(r"[a-z][a-z0-9._-]*(=[A-Z]+)?")
ROLES: Mapping[str, frozenset[str]] = {
    "coordinator": frozenset({"coordinator"}),
    "agency": frozenset({"agency"}),
    "procuratorate": frozenset({"procuratorate"}),
    "owner": frozenset({"agency", "procuratorate"}),
}
Pairs = tuple[tuple[Term, Term], ...]


@dataclass(frozen=True, slots=True)
class Name:
    """What a rule or a kind of entry is called, in both languages."""

    id: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Side:
    """Which records one end of a link speaks of; see the head of rules.toml."""

    roles: frozenset[str]
    kinds: tuple[str, ...]
    where: Mapping[str, str]
    has: tuple[str, ...]
    each: str
    prefix: str
    when: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Tie the records of one side to those of the other."""

    name: Name
    one: Side
    other: Side
    key: Pairs
    equal: Pairs
    unlike: Pairs
    every: tuple[str, ...]
    announced: tuple[str, ...]
    many: tuple[str, ...]
    first: str


@dataclass(frozen=True, slots=True)
class Within:
    """A rule about the entries of one kind: they share `key`, and `terms` must agree, differ, be one or count up."""

    name: Name
    kind: str
    key: tuple[Term, ...]
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, and the hex SHA-256 of the file they stand in."""

    digest: str
    kinds: Mapping[str, Name]
    traffic: frozenset[str]
    links: tuple[Link, ...]
    same: tuple[Within, ...]
    differ: tuple[Within, ...]
    once: tuple[Within, ...]
    series: tuple[Within, ...]

    def used_kinds(self) -> frozenset[str]:
        """Return the kinds of entries that some rule speaks of."""
        within = (*self.same, *self.differ, *self.once, *self.series)
        sides = [side for link in self.links for side in (link.one, link.other)]
        conditions = {condition.partition("=")[0] for side in sides for condition in side.when}
        return frozenset({rule.kind for rule in within} | {k for side in sides for k in side.kinds} | conditions)


@functools.cache
def load_rules() -> Rules:
    """Return the rules that come with the program."""
    return parse_rules((resources.files("linkage.audit") / FILE).read_text(encoding="utf-8"))


def parse_rules(text: str) -> Rules:
    """Read rules.toml. Raises ConfigError with every fault."""
    faults: list[str] = []
    try:
        top = Table(parse_toml(text, FILE), "", faults)
        if top.text("format") != FORMAT:
            top.fault("format", f"expected {FORMAT}")
        top.integer("version", 1, 1)
        kinds, traffic = _kinds(top.tables("kind"))
        found = Rules(
            digest=hashlib.sha256(text.encode("utf-8")).hexdigest(),
            kinds=kinds,
            traffic=traffic,
            links=tuple(_link(row) for row in top.tables("link")),
            same=tuple(_within(row, "equal") for row in top.tables("same", required=False)),
            differ=tuple(_within(row, "facts", keyed=False) for row in top.tables("differ", required=False)),
            once=tuple(_within(row, "") for row in top.tables("once", required=False)),
            series=tuple(_within(row, "fact") for row in top.tables("series", required=False)),
        )
        top.finish()
        faults += [f"kind {kind} has no name" for kind in sorted(found.used_kinds() - set(found.kinds))]
        faults += [f"kind {kind} is traffic, but a rule speaks of it" for kind in found.used_kinds() & found.traffic]
        raise_faults(faults, FILE)
    except LinkageError as error:
        raise ConfigError(error.zh, error.en) from None
    return found


def _kinds(rows: list[Table]) -> tuple[dict[str, Name], frozenset[str]]:
    kinds: dict[str, Name] = {}
    traffic: set[str] = set()
    for row in rows:
        name = _name(row, "name", KIND)
        if name.id in kinds:
            row.fault("name", "named twice")
        kinds[name.id] = name
        if row.has("sort") and row.text("sort", TRAFFIC):
            traffic.add(name.id)
        row.finish()
    return kinds, frozenset(traffic)


def _name(row: Table, key: str, pattern: re.Pattern[str]) -> Name:
    return Name(row.text(key, pattern), row.text("zh", LINE), row.text("en", LINE))


def _link(row: Table) -> Link:
    name = _name(row, "id", IDENTITY)
    first = row.text("first", SIDE) if row.has("first") else ""
    found = Link(
        name=name,
        one=_side(row.table("one")),
        other=_side(row.table("other")),
        key=_pairs(row, "key"),
        equal=_pairs(row, "equal", required=False),
        unlike=_pairs(row, "unlike", required=False),
        every=row.texts("every", SIDE, required=False),
        announced=row.texts("announced", SIDE, required=False),
        many=row.texts("many", SIDE, required=False),
        first=first,
    )
    if not found.every and not found.announced:
        row.fault("every", "neither every nor announced: the link holds nothing together")
    row.finish()
    return found


def _side(row: Table) -> Side:
    roles = row.texts("roles", ROLE)
    where = row.table("where", required=False)
    found = Side(
        roles=frozenset().union(*(ROLES[role] for role in roles)),
        kinds=row.texts("kind", KIND),
        where=where.items(LINE),
        has=row.texts("has", FACT, required=False),
        each=row.text("each", FACT) if row.has("each") else "",
        prefix=row.text("prefix", LINE) if row.has("prefix") else "",
        when=row.texts("when", CONDITION, required=False),
    )
    row.finish()
    return found


def _within(row: Table, terms: str, *, keyed: bool = True) -> Within:
    name = _name(row, "id", IDENTITY)
    kind = row.text("kind", KIND)
    key = tuple(parse_term(text) for text in row.texts("key", LINE)) if keyed else ()
    listed = (row.text(terms, FACT),) if terms == "fact" else row.texts(terms, LINE) if terms else ()
    row.finish()
    return Within(name, kind, key, tuple(parse_term(text) for text in listed))


def _pairs(row: Table, name: str, *, required: bool = True) -> Pairs:
    return tuple(parse_pair(text) for text in row.texts(name, LINE, required=required))
