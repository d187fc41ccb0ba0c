"""本地 or 外来 (YQ-M4-5): the words of the household registration first, then the number's prefix.

A prefix is the place of *first* registration and is reused by other counties later (domain B2): a person born after
this county gave a code up cannot have got it here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LOCAL: Final = "本地"
OUTSIDE: Final = "外来"
HUKOU = re.compile(r"户籍(?:所在)?地?(?:为|在|是|[:：])?(?P<place>[^，。；,;\s]{2,30})")
PREFIX = re.compile(r"(?P<code>\d{6}):(?P<first>\d{4})?-(?P<last>\d{4})?")


@dataclass(frozen=True, slots=True)
class Prefix:
    """A number prefix of this county; `last` is the last year it was given here, 0 = still."""

    code: str
    last: int = 0


@dataclass(frozen=True, slots=True)
class Locality:
    """The county's own names and number prefixes. Without any, every answer is ""."""

    names: tuple[str, ...] = ()
    prefixes: tuple[Prefix, ...] = ()

    def of(self, *, remark: str, id_number: str) -> str:
        """Return 本地, 外来, or "" when neither words nor a valid 18-digit number tell."""
        found = HUKOU.search(remark)
        if found is not None and self.names:
            return LOCAL if any(name in found["place"] for name in self.names) else OUTSIDE
        if not id_number or not self.prefixes:
            return ""
        born = int(id_number[6:10])
        ours = (p for p in self.prefixes if p.code == id_number[:6])
        return LOCAL if any(p.last == 0 or born <= p.last for p in ours) else OUTSIDE


def parse_locality(table: object, faults: list[str]) -> Locality:
    """Read [locality] names and prefixes ("code:first-last"), noting faults."""
    if not isinstance(table, Mapping) or not set(table) <= {"names", "prefixes"}:
        faults.append("[locality] knows names and prefixes only")
        return Locality()
    names, prefixes = table.get("names", []), table.get("prefixes", [])
    if not all(isinstance(x, list) and all(isinstance(y, str) for y in x) for x in (names, prefixes)):
        faults.append("[locality] names and prefixes are lists of texts")
        return Locality()
    read = [PREFIX.fullmatch(p) for p in prefixes]
    if not all(read):
        faults.append('[locality] a prefix looks like "327024:1981-1993"')
    return Locality(tuple(names), tuple(Prefix(m["code"], int(m["last"] or 0)) for m in read if m))
