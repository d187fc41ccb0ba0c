"""Resolve the procuratorate's own rows into persons, in clear text, before a round (design §6).

One party in three cases, one of them with a number, becomes one person with that number. Precision comes first: a
wrong union would give one person another's cases. Candidate pairs come from blocks (number, name or alias, sound and
birth, village and birth, phone, case) by `recordlinkage`; a pair is then judged by plain rules, strongest first, and
two clusters are joined only while no two of their rows contradict each other. Rows with masked, corporate or empty
names never enter linkage.
"""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from linkage.normalise.person import BirthPrecision, NameState, Person
from linkage.normalise.record import normalise
from procuratorate_node.cases.records import KIN, CaseFile, RowRef, Source
from procuratorate_node.likeness import Names, agree, contradictions, names_alike, usable_number
from procuratorate_node.merging import merged_person

OUTSIDE: Final = (NameState.MASKED, NameState.EMPTY, NameState.CORPORATE)
SURE: Final = 75  # From here on a pair is joined even when another cluster is as near.
KEY_LABEL: Final = b"linkage/v1/own-person\0"


@dataclass(frozen=True, slots=True, repr=False)
class OwnPerson:
    """One person of ours: a local key that never leaves the node, the merged record, and all rows."""

    key: str
    person: Person
    rows: tuple[RowRef, ...]

    def __repr__(self) -> str:
        return f"OwnPerson(rows={len(self.rows)})"


@dataclass(frozen=True, slots=True, repr=False)
class OwnRow:
    """One row under resolution. `role` is "" outside the parties; `about` is the related victim's row id."""

    ref: RowRef
    person: Person
    role: str = ""
    about: str = ""

    def __repr__(self) -> str:
        return f"OwnRow(role={self.role})"


def own_rows(file: CaseFile, *, as_of: date) -> list[OwnRow]:
    """Return every row that may enter linkage, normalised, in file order."""
    roles = {p.ref: (p.role, p.about) for p in file.parties}
    people = ((ref, normalise(raw, as_of=as_of)) for ref, raw in file.person_rows())
    return [OwnRow(ref, p, *roles.get(ref, ("", ""))) for ref, p in people if p.name_state not in OUTSIDE]


def resolve_persons(rows: Sequence[OwnRow]) -> tuple[OwnPerson, ...]:
    """Return the persons behind the rows, in the order of their first rows. Every row belongs to exactly one."""
    clusters = _Clusters(rows)
    edges = sorted(_edges(rows), key=lambda e: (-e[0], e[1], e[2]))
    near: dict[int, set[int]] = defaultdict(set)
    for _, a, b in edges:
        near[a].add(b)
        near[b].add(a)
    for strength, a, b in edges:
        clusters.join(a, b, near if strength < SURE else None)
    return tuple(_own_person([rows[i] for i in members]) for members in clusters.groups())


def person_keys(persons: Sequence[OwnPerson]) -> dict[RowRef, str]:
    return {ref: p.key for p in persons for ref in p.rows}


def _own_person(rows: list[OwnRow]) -> OwnPerson:
    refs = tuple(sorted(r.ref for r in rows))
    first = "\0".join((refs[0].source, refs[0].case, refs[0].row)).encode()
    return OwnPerson(hashlib.sha256(KEY_LABEL + first).hexdigest()[:16], merged_person([r.person for r in rows]), refs)


def _edges(rows: Sequence[OwnRow]) -> Iterator[tuple[int, int, int]]:
    """Yield (strength, row, row) for every candidate pair that some rule joins."""
    for a, b in _candidates(rows):
        strength = pair_strength(rows[a], rows[b])
        if strength:
            yield strength, a, b


def _candidates(rows: Sequence[OwnRow]) -> list[tuple[int, int]]:
    """Return the pairs of rows that share a block, by recordlinkage; rows without a value are in no block."""
    import pandas as pd
    import recordlinkage  # Here, because it takes a second to load, and only who reads case files needs it.

    logging.getLogger("recordlinkage").setLevel(logging.WARNING)  # It reports every block as news.
    if len(rows) < 2:
        return []
    keys: Mapping[str, Callable[[OwnRow], str]] = {
        "number": lambda r: usable_number(r.person),
        "name": lambda r: r.person.name,
        "alias": lambda r: r.person.aliases[0] if r.person.aliases else "",
        "sound": lambda r: _with(Names.sound(r.person), r.person.birth.compact()),
        "place": lambda r: _with(r.person.village, r.person.birth.compact()),
        "phone": lambda r: r.person.phone,
        "case": lambda r: r.ref.case,
    }
    frame = pd.DataFrame({name: [key(r) or None for r in rows] for name, key in keys.items()})
    indexer = recordlinkage.Index()
    for name in keys:
        indexer.block(name)
    indexer.block(left_on="alias", right_on="name")
    indexer.block(left_on="name", right_on="alias")  # Both ways: only pairs of a row with an earlier one come back.
    return sorted({(min(a, b), max(a, b)) for a, b in indexer.index(frame)})


def _with(first: str, second: str) -> str:
    return f"{first} {second}" if first and second else ""


def pair_strength(a: OwnRow, b: OwnRow) -> int:
    """Return how sure it is that two rows are one person: 0 no, else 1 to 100. The rules, strongest first."""
    p, q = a.person, b.person
    if _related(a, b):
        return 0
    if usable_number(p) and usable_number(p) == usable_number(q):
        return _same_number(p, q)
    against = contradictions(p, q)
    alike, same = names_alike(p, q), agree(p, q)
    if against:
        at_home = same.village and (same.house or same.phone)
        return 45 if against == 1 and alike == 3 and at_home else 0
    same_case = a.ref.case == b.ref.case
    petition = same_case and Source.PETITIONS in (a.ref.source, b.ref.source)
    rules = (
        (85, petition and (alike >= 2 or same.phone)),
        (80, alike == 3 and same.day and (same.phone or same.village)),
        (78, alike >= 2 and same.digits),
        (75, alike == 3 and same.day),
        (72, alike == 3 and same_case and a.role == b.role != ""),
        (70, alike >= 2 and same.day and (same.phone or same.village)),
        (65, alike == 3 and same.phone),
        (62, alike >= 2 and same.phone and same.village),
        (60, alike == 3 and same.village and same.birth),
        (55, alike == 3 and same.village and same.house),
        (50, alike >= 2 and same.birth and (same.phone or (same.village and same.house))),
    )
    return next((strength for strength, holds in rules if holds), 0)


def _same_number(p: Person, q: Person) -> int:
    """Join equal numbers unless name and birth say that one is a relative's (B2: numbers may be outvoted)."""
    if names_alike(p, q) >= 1:
        return 90
    stated = (p.stated_birth.precision, q.stated_birth.precision)
    both_stated = stated == (BirthPrecision.DAY, BirthPrecision.DAY)
    return 88 if both_stated and p.stated_birth.compact() == q.stated_birth.compact() else 0


def _related(a: OwnRow, b: OwnRow) -> bool:
    """Tell whether two rows of one case are known to be two people: a near relative and his victim."""
    if a.ref.case != b.ref.case or a.ref.source != b.ref.source:
        return False
    return (a.role == KIN) != (b.role == KIN) and (a.about == b.ref.row or b.about == a.ref.row)


class _Clusters:
    """Union-find that refuses contradictions between any two rows of the clusters."""

    def __init__(self, rows: Sequence[OwnRow]) -> None:
        self.rows = rows
        self.members: dict[int, list[int]] = {i: [i] for i in range(len(rows))}
        self.root = list(range(len(rows)))

    def join(self, a: int, b: int, near: Mapping[int, set[int]] | None) -> None:
        """Join two clusters; with `near`, only while no third cluster is as near and contradicts one of them."""
        x, y = self.root[a], self.root[b]
        if x == y or self._clash(x, y) or (near is not None and self._torn(x, y, near)):
            return
        keep, gone = (x, y) if x < y else (y, x)
        for member in self.members[gone]:
            self.root[member] = keep
        self.members[keep] += self.members.pop(gone)

    def _clash(self, x: int, y: int) -> bool:
        pairs = ((self.rows[i], self.rows[j]) for i in self.members[x] for j in self.members[y])
        return any(_apart(a, b) for a, b in pairs)

    def _torn(self, x: int, y: int, near: Mapping[int, set[int]]) -> bool:
        for own, other in ((x, y), (y, x)):
            thirds = {self.root[n] for m in self.members[own] for n in near.get(m, ())} - {x, y}
            if any(self._clash(third, other) for third in thirds):
                return True
        return False

    def groups(self) -> list[list[int]]:
        return [sorted(self.members[root]) for root in sorted(self.members)]


def _apart(a: OwnRow, b: OwnRow) -> bool:
    return _related(a, b) or contradictions(a.person, b.person) >= 2
