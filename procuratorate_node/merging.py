"""One record out of all rows of a person: valid number first, the fullest name, the most exact birth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from linkage.normalise.person import Birth, BirthPrecision, BirthSource, IdState, NameState, Person

NAME_ORDER: Final = (NameState.FULL, NameState.SINGLE, NameState.PARTIAL, NameState.PINYIN)
ID_ORDER: Final = (
    IdState.VALID,
    IdState.UPGRADED,
    IdState.MASKED,
    IdState.EXCEL_LOST,
    IdState.TRUNCATED,
    IdState.BAD_CHECK,
    IdState.BAD_DATE,
    IdState.CONFLICT,
    IdState.ABSENT,
)
PRECISION_ORDER: Final = (
    BirthPrecision.DAY,
    BirthPrecision.MONTH,
    BirthPrecision.YEAR,
    BirthPrecision.RANGE,
    BirthPrecision.NONE,
)


def merged_person(people: Sequence[Person]) -> Person:
    """Return the best record of one person's rows. A single row comes back as it is; order does not matter."""
    if len(people) == 1:
        return people[0]
    numbered = min(people, key=lambda p: (ID_ORDER.index(p.id_state), p.id_digits))
    named = _best_named(people, numbered)
    placed = max(people, key=lambda p: (bool(p.village), bool(p.house), bool(p.town), p.village, p.house, p.town))
    others = {n for p in people for n in (p.name, *p.aliases) if "?" not in n} - {named.name, ""}
    return replace(
        named,
        aliases=tuple(sorted(others)),
        id_number=numbered.id_number,
        id_state=numbered.id_state,
        id_type=numbered.id_type,
        id_digits=numbered.id_digits,
        repairs=numbered.repairs,
        region=numbered.region,
        birth=_best_birth(people, numbered),
        stated_birth=_most_exact(p.stated_birth for p in people),
        sex=numbered.sex if numbered.region and numbered.sex else _most(p.sex for p in people),
        town=placed.town,
        village=placed.village,
        house=placed.house,
        phone=_most(p.phone for p in people),
    )


def _best_named(people: Sequence[Person], numbered: Person) -> Person:
    counts = Counter(p.name for p in people)

    def rank(p: Person) -> tuple[int, int, bool, str]:
        state = NAME_ORDER.index(p.name_state) if p.name_state in NAME_ORDER else len(NAME_ORDER)
        return (state, -counts[p.name], p.name != numbered.name, p.name)

    return min(people, key=rank)


def _best_birth(people: Sequence[Person], numbered: Person) -> Birth:
    if numbered.birth.source is BirthSource.ID and numbered.birth.precision is BirthPrecision.DAY:
        return numbered.birth
    return _most_exact(p.birth for p in people)


def _most_exact(births: Iterable[Birth]) -> Birth:
    """Return the most exact birth, the most frequent of those, the earliest of those."""
    counts = Counter(births)
    return min(
        counts,
        key=lambda b: (
            PRECISION_ORDER.index(b.precision),
            b.year_high - b.year_low,
            -counts[b],
            b.year_low,
            b.month,
            b.day,
        ),
    )


def _most(values: Iterable[str]) -> str:
    counts = Counter(v for v in values if v)
    return min(counts, key=lambda v: (-counts[v], v)) if counts else ""
