"""The decision tree of the warning colour (PA-M-5, PA-M-8; domain C3): register tiers and the steps in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from procuratorate_node.cases.records import Compensation
from procuratorate_node.relief.grammar import read_record, read_records
from procuratorate_node.relief.table_file import open_table, wrong_setting
from procuratorate_node.warning.charge_models import KINDS, LEVELS
from procuratorate_node.warning.file import Head, digest_of, shipped, wrong_file

FILE: Final = "tree.toml"
SECTIONS: Final = ("tree", "tiers", "steps")
GRADES: Final = ("A", "B", "C", "D", "E")
FOLLOW_UP, SOCIAL = "follow-up", "social"


class Colour(StrEnum):
    """The warning colours, most urgent first."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class TreeHead:
    """Name the tree; a red clue of a match grade in `lowered_grades` is shown as orange until it is confirmed."""

    id: str
    version: int
    title: str
    title_en: str = ""
    lowered_grades: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        Head(self.id, self.version, self.title, self.title_en)
        if not set(self.lowered_grades) <= set(GRADES):
            raise wrong_setting("lowered_grades are grades from A to E")


@dataclass(frozen=True, slots=True)
class Tiers:
    """Which tags make register tier 2 and 1, and the tag of an unpaid creditor."""

    high: tuple[str, ...]
    low: tuple[str, ...]
    creditor: str

    def __post_init__(self) -> None:
        if set(self.high) & set(self.low):
            raise wrong_setting("a tag stands in both tiers")

    def of(self, tags: frozenset[str]) -> int:
        """Return G: 2 with a tag of "high", 1 with one of "low", else 0."""
        return 2 if tags & set(self.high) else 1 if tags & set(self.low) else 0


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the tree: conditions left out are not tested. `age_outside` is (adult from, old from).

    `lane` says what becomes of a person without a colour who is listed in a register: a list of people to follow up,
    or to refer to others for help; "" nothing.
    """

    colour: str
    title: str
    lane: str = ""
    aided: bool = False
    excluded: bool = False
    compensation: tuple[str, ...] = ()
    harm: tuple[int, ...] = ()
    tier: tuple[int, ...] = ()
    urgent: bool = False
    words_from: int = 0
    kinds: tuple[str, ...] = ()
    himself: bool = False
    age_outside: tuple[int, ...] = ()
    creditor: bool = False

    def __post_init__(self) -> None:
        checks = (
            (self.colour in tuple(Colour), "a colour is red, orange, yellow or none"),
            (self.lane in ("", FOLLOW_UP, SOCIAL), "a lane is follow-up or social"),
            (not self.lane or self.colour == Colour.NONE, "a lane is for steps without a colour"),
            (set(self.compensation) <= set(Compensation), "compensation is a state of ours"),
            ({*self.harm, *self.tier} <= set(LEVELS), "levels are 0 to 3"),
            (set(self.kinds) <= set(KINDS), "a kind is property, sexual, domestic or empty"),
            (len(self.age_outside) in (0, 2), "age_outside is two ages"),
            (self.words_from >= 0, "words_from is a number of words"),
        )
        if wrong := [fault for holds, fault in checks if not holds]:
            raise wrong_setting("; ".join(wrong))


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed tree. `digest` is the hex SHA-256 of the file."""

    head: TreeHead
    tiers: Tiers
    steps: tuple[Step, ...]
    digest: str


def shipped_tree() -> Tree:
    """Read the tree that comes with the program."""
    return parse_tree(shipped(FILE), name=FILE)


def parse_tree(content: bytes, *, name: str) -> Tree:
    """Parse a tree; `name` stands in errors. Raises ConfigError with all faults."""
    data, faults = open_table(content, SECTIONS, name=name)
    head = read_record(TreeHead, data.get("tree"), "tree", faults)
    tiers = read_record(Tiers, data.get("tiers"), "tiers", faults)
    steps = read_records(Step, data.get("steps"), "steps", faults)
    faults += _faults(steps)
    if faults or head is None or tiers is None:
        raise wrong_file(name, faults)
    return Tree(head, tiers, steps, digest_of(content))


def _faults(steps: Sequence[Step]) -> list[str]:
    if not steps:
        return ["[[steps]] is missing"]
    last = steps[-1]
    return [] if last == Step(last.colour, last.title) else ["the last step must have no condition"]
