"""Split and sum clues as lists for people: by class of hardship, by kind of case, by case. Masked facts only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from procuratorate_node.clues import Clue
from procuratorate_node.locality import LOCAL, OUTSIDE

CLASSES: Final[Mapping[str, tuple[str, ...]]] = {
    "原建档立卡与低收入人员": ("DIBAO", "TEKUN", "DIBIAN", "CARD", "MONITOR_2"),
    "孤儿、困境儿童、事实无人抚养儿童": ("CHILD_O", "CHILD_D", "CHILD_F"),
    "残疾人": ("DIS12", "DIS34"),
}
OTHERS: Final = "其他重点困难群体"
KINDS: Final[Mapping[str, str]] = {"刑事": "刑事", "未检": "刑事", "民事": "民事", "行政": "行政", "信访": "信访"}
UNKNOWN_KIND: Final = "其他"
UNTOLD: Final = "不明"


@dataclass(slots=True)
class Summary:
    """What the clues of one case say together: people found, how many have which tag and which colour."""

    charge: str
    people: int = 0
    tags: Counter[str] = field(default_factory=Counter)
    colours: Counter[str] = field(default_factory=Counter)


def by_class(clues: Iterable[Clue]) -> dict[str, list[Clue]]:
    """Return one list per class of hardship (SX-R-2); a person of several classes stands in each."""
    lists: dict[str, list[Clue]] = {name: [] for name in (*CLASSES, OTHERS)}
    for clue in clues:
        tags = set(clue.tags)
        named = [name for name, of_class in CLASSES.items() if tags & set(of_class)]
        known = {tag for of_class in CLASSES.values() for tag in of_class}
        for name in [*named, *([OTHERS] if tags - known or not tags else [])]:
            lists[name].append(clue)
    return lists


def by_kind(clues: Iterable[Clue]) -> dict[str, list[Clue]]:
    """Return the lists of criminal, civil, administrative and petition cases (WD-D-1)."""
    lists: dict[str, list[Clue]] = {name: [] for name in dict.fromkeys(KINDS.values())}
    for clue in clues:
        kind = KINDS.get(clue.facts.get("category", ""), UNKNOWN_KIND)
        lists.setdefault(kind, []).append(clue)
    return lists


def by_locality(clues: Iterable[Clue]) -> dict[str, list[Clue]]:
    """Return the lists of local people and outsiders, for models that want to know (YQ-M4-5); "" cannot be told."""
    lists: dict[str, list[Clue]] = {LOCAL: [], OUTSIDE: [], UNTOLD: []}
    for clue in clues:
        if "locality" in clue.facts:
            lists[clue.facts["locality"] or UNTOLD].append(clue)
    return lists


def by_case(clues: Iterable[Clue]) -> dict[str, Summary]:
    """Return case number → summary; a person found by two models counts once (PA-C-1: one case, many victims)."""
    found: dict[str, Summary] = {}
    seen: set[tuple[str, str]] = set()
    for clue in sorted(clues, key=lambda c: (c.case_number, c.model, c.clue_id)):
        summary = found.setdefault(clue.case_number, Summary(clue.facts.get("charge", "")))
        for row in clue.people or clue.rows:
            if (clue.case_number, row.row) in seen:
                continue
            seen.add((clue.case_number, row.row))
            summary.people += 1
            summary.tags.update(clue.tags)
            if clue.colour:
                summary.colours[clue.shown_colour] += 1
    return found
