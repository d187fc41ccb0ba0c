"""Terms: how a rule takes a value out of an entry, so that two entries of different logs can be held together.

rows                         a fact; "" where there is none
@log                         the party whose log the entry stands in
each, each.id                the element of a list fact that the record stands for, or a part of it
rows*row_bytes               a product
population+fields_asked      one list of texts, lists joined
#items                       how many elements a list has
population:{population}:…    a text with facts filled in
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from linkage.errors import ConfigError
from linkage.keys.canonical import JSON, canonical_json

LOG, EACH = "@log", "each"
NAME = re.compile(r"@log|each(\.[a-z][a-z0-9_]*)?|[a-z][a-z0-9_]*")
SLOT = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of one party's log, or one element of a list in it. `index` counts from 0."""

    party: str
    index: int
    time: str
    kind: str
    facts: Mapping[str, JSON] = field(repr=False)
    each: JSON = None

    def text(self, name: str) -> str:
        """Return a fact as text, "" where it is none."""
        value = self.facts.get(name, "")
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        """Return a fact as a number, 0 where it is none."""
        value = self.facts.get(name, 0)
        return value if isinstance(value, int) else 0

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a fact that lists texts, () where it is none."""
        value = self.facts.get(name, ())
        return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()


@dataclass(frozen=True, slots=True)
class Term:
    """A parsed term; call `of` with a record."""

    text: str
    of: Callable[[Record], JSON] = field(repr=False, compare=False)

    def key(self, record: Record) -> bytes:
        """Return the value's canonical bytes, so that values of any type can be compared and looked up."""
        return canonical_json(self.of(record))


def parse_term(text: str) -> Term:
    """Read a term. Raises ConfigError."""
    if "{" in text:
        parts = {name: _name(name) for name in SLOT.findall(text)}
        return Term(text, lambda record: SLOT.sub(lambda slot: str(parts[slot[1]](record)), text))
    if "*" in text:
        factors = [_name(part) for part in text.split("*")]
        return Term(text, lambda record: math.prod(_integer(factor(record)) for factor in factors))
    if "+" in text:
        names = [_name(part) for part in text.split("+")]
        return Term(text, lambda record: [v for name in names for v in _listed(name(record))])
    if text.startswith("#"):
        counted = _name(text[1:])
        return Term(text, lambda record: len(_listed(counted(record))))
    return Term(text, _name(text))


def parse_pair(text: str) -> tuple[Term, Term]:
    """Read "a=b", or "a" for the same term on both sides. Raises ConfigError."""
    one, _, other = text.partition("=")
    return parse_term(one), parse_term(other or one)


def _name(text: str) -> Callable[[Record], JSON]:
    if not NAME.fullmatch(text):
        raise ConfigError(f"规则里的项 {text} 不正确", f"malformed term {text} in a rule")
    if text == LOG:
        return lambda record: record.party
    if text == EACH:
        return lambda record: record.each
    if text.startswith("each."):
        part = text.removeprefix("each.")
        return lambda record: record.each.get(part, "") if isinstance(record.each, Mapping) else ""
    return lambda record: record.facts.get(text, "")


def _integer(value: JSON) -> int:
    return value if isinstance(value, int) else 0


def _listed(value: JSON) -> list[JSON]:
    return list(value) if isinstance(value, list) else [value]
