"""Which kinds of cases were aided in which years (YQ-0-1): the look back that picks the scope of a model.

Figures of the office's own list; no person. The kinds of cases are those of the coefficient table.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from procuratorate_node.cases.records import Aided
from procuratorate_node.cases.values import fold_cause
from procuratorate_node.relief.money import MOST, parse_yuan
from procuratorate_node.relief.scale import Scale

OTHER = ("other", "其他", "other")


@dataclass(frozen=True, slots=True)
class KindFigures:
    """One kind of case: how many persons, by year, and the money of those whose amount is known."""

    code: str
    zh: str
    en: str
    persons: int
    by_year: Mapping[int, int]
    amount: Decimal
    causes: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class AidedFigures:
    """All kinds, most persons first; `undated` rows have no day of decision or payment and are in no year."""

    kinds: tuple[KindFigures, ...]
    total: int
    undated: int

    def share(self, kind: KindFigures) -> float:
        """Return a kind's part of all persons, 0 to 1."""
        return kind.persons / self.total if self.total else 0.0


def count_aided(rows: Sequence[Aided], scale: Scale, *, first: int = 0, last: int = 9999) -> AidedFigures:
    """Count the persons aided in the years `first` to `last`; rows without any day count only when no year is asked."""
    kinds = {fold_cause(cause): (k.code, k.zh, k.en) for k in scale.case_types for cause in k.causes}
    dated = [(row, day.year if (day := row.decided or row.paid or row.accepted) else None) for row in rows]
    every = (first, last) == (0, 9999)
    kept = [(row, year) for row, year in dated if (every if year is None else first <= year <= last)]
    groups: dict[tuple[str, str, str], list[tuple[Aided, int | None]]] = defaultdict(list)
    for row, year in kept:
        groups[kinds.get(fold_cause(row.cause), OTHER)].append((row, year))
    found = [_figures(kind, members) for kind, members in groups.items()]
    found.sort(key=lambda k: (-k.persons, k.code))
    return AidedFigures(tuple(found), len(kept), sum(year is None for _, year in dated))


def _figures(kind: tuple[str, str, str], members: Sequence[tuple[Aided, int | None]]) -> KindFigures:
    years = Counter(year for _, year in members if year is not None)
    sums = [row.amount for row, _ in members if row.amount is not None and 0 < row.amount <= MOST]
    causes = Counter(fold_cause(row.cause) for row, _ in members if row.cause)
    return KindFigures(
        *kind,
        persons=len(members),
        by_year=dict(sorted(years.items())),
        amount=sum((parse_yuan(f"{s:.2f}", what="amount") for s in sums), Decimal(0)),
        causes=tuple(sorted(causes.items(), key=lambda item: (-item[1], item[0]))),
    )
