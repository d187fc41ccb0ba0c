"""The coefficients of Guanyun's formula as a validity-dated file (domain GY-M2-1 to -9, C5, PA-G-1)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final, TypeVar

from linkage.errors import InputError
from procuratorate_node.relief.grammar import read_record, read_records
from procuratorate_node.relief.money import ROUNDINGS
from procuratorate_node.relief.table_file import Head, TableFile, open_table, repeated, wrong_file, wrong_setting

HARM_LEVELS: Final = 4
PEER_KEYS: Final = ("charge", "case_type", "harm", "tier")
SECTIONS: Final = (
    *("scale", "formula", "peers", "calibration", "hardship"),
    *("case_types", "tiers", "levels", "groups", "faults", "weights"),
)


@dataclass(frozen=True, slots=True)
class Formula:
    """Rounding in yuan, and what several add-on groups make together: the highest, or their sum up to a limit."""

    rounding_step: Decimal
    rounding: str
    several: str
    sum_limit: Decimal
    source: str

    def __post_init__(self) -> None:
        if self.rounding_step <= 0 or self.rounding not in ROUNDINGS or self.several not in ("highest", "sum"):
            raise wrong_setting("rounding_step is positive, rounding half_up or down, several highest or sum")


@dataclass(frozen=True, slots=True)
class PeerRule:
    """Which decided cases are peers. `keys` are tried in order: texts such as "charge+harm+tier"."""

    band: Decimal
    years: int
    least_cases: int
    keys: tuple[str, ...]
    source: str

    def __post_init__(self) -> None:
        known = all(k and set(k.split("+")) <= set(PEER_KEYS) for k in self.keys)
        if not (0 < self.band < 1 and self.years > 0 and self.least_cases > 0 and self.keys and known):
            raise wrong_setting(
                "band is between 0 and 1, years and least_cases positive, keys from " + ", ".join(PEER_KEYS)
            )


@dataclass(frozen=True, slots=True)
class CalibrationRule:
    """How the benchmark is found: years looked back, cases needed, when a case is an outlier, rounding in yuan."""

    years: int
    least_cases: int
    cut: Decimal
    least_spread: Decimal
    rounding_step: Decimal
    source: str

    def __post_init__(self) -> None:
        if min(self.years, self.least_cases) < 1 or min(self.cut, self.least_spread, self.rounding_step) <= 0:
            raise wrong_setting("every setting of the calibration is positive")


@dataclass(frozen=True, slots=True)
class Scoring:
    """Points for urgency and for each hardship word of the file, the words' points limited (PA-G-1)."""

    urgent_points: Decimal
    word_points: Decimal
    words_most: Decimal
    other_tags: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class CaseType:
    """One of the five case types; `by_harm` gives the usual coefficient at harm levels 0 to 3."""

    code: str
    zh: str
    en: str
    least: Decimal
    most: Decimal
    by_harm: tuple[Decimal, ...]
    causes: tuple[str, ...]
    source: str

    def __post_init__(self) -> None:
        if len(self.by_harm) != HARM_LEVELS or not all(self.least <= c <= self.most for c in self.by_harm):
            raise wrong_setting("by_harm has one coefficient per harm level, each from least to most")
        if list(self.by_harm) != sorted(self.by_harm):
            raise wrong_setting("by_harm does not fall as the harm rises")


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier of hardship [least, below), closed above only where `closed`; `from_score` leads to it."""

    code: str
    zh: str
    en: str
    least: Decimal
    below: Decimal
    usual: Decimal
    from_score: Decimal
    source: str
    closed: bool = False

    def __post_init__(self) -> None:
        if not self.holds(self.usual):
            raise wrong_setting("usual lies in the tier")

    def holds(self, coefficient: Decimal) -> bool:
        return self.least <= coefficient < self.below or (self.closed and coefficient == self.below)


@dataclass(frozen=True, slots=True)
class Level:
    """A level of add-on: its range, half-open like a tier's."""

    code: str
    zh: str
    en: str
    least: Decimal
    below: Decimal
    source: str
    closed: bool = False

    def holds(self, coefficient: Decimal) -> bool:
        return self.least <= coefficient < self.below or (self.closed and coefficient == self.below)


@dataclass(frozen=True, slots=True)
class Group:
    """A register tag that earns an add-on: its level and usual points."""

    tag: str
    zh: str
    en: str
    level: str
    usual: Decimal


@dataclass(frozen=True, slots=True)
class Fault:
    """A share of fault and its factor; `stops` ends the calculation."""

    code: str
    zh: str
    en: str
    factor: Decimal
    source: str
    stops: bool = False

    def __post_init__(self) -> None:
        if self.factor > 1 or self.stops != (self.factor == 0):
            raise wrong_setting("a factor is at most 1, and 0 exactly where it stops")


@dataclass(frozen=True, slots=True)
class Weight:
    """Points of a register tag in the hardship score."""

    tag: str
    points: Decimal


T = TypeVar("T", CaseType, Tier, Level, Fault)


@dataclass(frozen=True, slots=True)
class Scale(TableFile):
    """A parsed file. `digest` is the hex SHA-256 of its bytes."""

    head: Head
    formula: Formula
    peers: PeerRule
    calibration: CalibrationRule
    hardship: Scoring
    case_types: tuple[CaseType, ...]
    tiers: tuple[Tier, ...]
    levels: tuple[Level, ...]
    groups: tuple[Group, ...]
    faults: tuple[Fault, ...]
    weights: tuple[Weight, ...]
    digest: str

    def case_type(self, code: str) -> CaseType:
        return _coded(self.case_types, code, "case_type")

    def tier(self, code: str) -> Tier:
        return _coded(self.tiers, code, "tier")

    def level(self, code: str) -> Level:
        return _coded(self.levels, code, "level")

    def fault(self, code: str) -> Fault:
        return _coded(self.faults, code, "fault")

    def tags(self) -> frozenset[str]:
        """Return every register tag the file knows, also those without points."""
        return frozenset({*(g.tag for g in self.groups), *(w.tag for w in self.weights), *self.hardship.other_tags})


def parse_scale(content: bytes, *, name: str) -> Scale:
    """Parse a file; `name` stands in errors. Raises ConfigError with all faults."""
    data, faults = open_table(content, SECTIONS, name=name)
    head = read_record(Head, data.get("scale"), "scale", faults)
    formula = read_record(Formula, data.get("formula"), "formula", faults)
    peers = read_record(PeerRule, data.get("peers"), "peers", faults)
    calibration = read_record(CalibrationRule, data.get("calibration"), "calibration", faults)
    hardship = read_record(Scoring, data.get("hardship"), "hardship", faults)
    rows = _rows(data, faults)
    if head and formula and peers and calibration and hardship and not faults:
        made = Scale(head, formula, peers, calibration, hardship, *rows, hashlib.sha256(content).hexdigest())
        faults += _faults(made)
        if not faults:
            return made
    raise wrong_file(name, faults)


def _rows(
    data: Mapping[str, object], faults: list[str]
) -> tuple[
    tuple[CaseType, ...], tuple[Tier, ...], tuple[Level, ...], tuple[Group, ...], tuple[Fault, ...], tuple[Weight, ...]
]:
    return (
        read_records(CaseType, data.get("case_types"), "case_types", faults),
        read_records(Tier, data.get("tiers"), "tiers", faults),
        read_records(Level, data.get("levels"), "levels", faults),
        read_records(Group, data.get("groups"), "groups", faults),
        read_records(Fault, data.get("faults"), "faults", faults),
        read_records(Weight, data.get("weights"), "weights", faults),
    )


def _faults(scale: Scale) -> list[str]:
    """Return what is wrong between the rows."""
    levels = {level.code: level for level in scale.levels}
    codes = [[row.code for row in rows] for rows in (scale.case_types, scale.tiers, scale.levels, scale.faults)]
    tags = [[g.tag for g in scale.groups], [w.tag for w in scale.weights]]
    meeting = list(pairwise(scale.tiers))
    causes = [c for t in scale.case_types for c in t.causes]
    checks = (
        (all(codes), "case_types, tiers, levels and faults are not empty"),
        (not any(repeated(c) for c in (*codes, *tags)), "a code or tag stands twice"),
        (not repeated(causes), "a cause stands in two case types"),
        (all(a.below == b.least and not a.closed for a, b in meeting), "tiers meet, the lower one open above"),
        (all(a.from_score < b.from_score for a, b in meeting), "from_score rises from tier to tier"),
        (not scale.tiers or scale.tiers[0].from_score == 0, "the first tier starts at score 0"),
        (all(g.level in levels for g in scale.groups), "a group names an unknown level"),
        (all(levels[g.level].holds(g.usual) for g in scale.groups if g.level in levels), "usual lies in the level"),
        (any(f.factor == 1 for f in scale.faults), "one fault has the factor 1"),
    )
    return [fault for holds, fault in checks if not holds]


def _coded(rows: tuple[T, ...], code: str, what: str) -> T:
    for row in rows:
        if row.code == code:
            return row
    known = ", ".join(r.code for r in rows)
    raise InputError(f"{what} 只能是 {known}", f"{what} must be one of {known}")
