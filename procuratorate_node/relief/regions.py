"""The money figures of a region and period: benchmark, the province's monthly wage, the local limit (GY-M2-2, B1)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from linkage.errors import ConfigError
from procuratorate_node.relief.grammar import read_record, read_records
from procuratorate_node.relief.money import check_yuan
from procuratorate_node.relief.table_file import Head, TableFile, open_table, repeated, wrong_file, wrong_setting
from procuratorate_node.relief.validity import overlap, valid_on

SECTIONS: Final = ("figures", "regions", "benchmarks", "wages", "local_caps")
# Last year's wage is published in the middle of this one; a figure older than the year before is out of date.
OLDEST_WAGE_YEARS: Final = 2


@dataclass(frozen=True, slots=True)
class Region:
    """A county and the province whose wage counts."""

    code: str
    province: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class DatedSum:
    """A positive sum in yuan for one region and period; `cases` is how many cases a calibrated benchmark rests on."""

    region: str
    valid_from: date
    amount: Decimal
    source: str
    valid_to: date | None = None
    cases: int = 0

    def __post_init__(self) -> None:
        check_yuan(self.amount, what="amount")
        if self.amount <= 0:
            raise wrong_setting("amount is positive")


@dataclass(frozen=True, slots=True)
class Wage:
    """The average monthly wage of one province and calendar year, in yuan, with the day it was published."""

    province: str
    year: int
    published: date
    monthly: Decimal
    source: str

    def __post_init__(self) -> None:
        check_yuan(self.monthly, what="monthly")
        if self.monthly <= 0 or self.published.year <= self.year:
            raise wrong_setting("monthly is positive and published after its year")


@dataclass(frozen=True, slots=True)
class Figures(TableFile):
    """A parsed file of regions. `digest` is the hex SHA-256 of its bytes."""

    head: Head
    regions: tuple[Region, ...]
    benchmarks: tuple[DatedSum, ...]
    wages: tuple[Wage, ...]
    local_caps: tuple[DatedSum, ...]
    digest: str

    def benchmark(self, region: str, day: date) -> DatedSum:
        """Return the benchmark valid on `day`. Raises ConfigError where none is."""
        found = valid_on((b for b in self.benchmarks if b.region == region), day)
        if found is None:
            raise _none_on(day, "基准金额", "benchmark")
        return found

    def wage(self, region: Region, day: date) -> Wage:
        """Return the latest earlier year's wage published by `day`, at most two years back. Raises ConfigError."""
        known = [w for w in self.wages if w.province == region.province and w.published <= day and w.year < day.year]
        found = max(known, key=lambda w: w.year, default=None)
        if found is None or found.year < day.year - OLDEST_WAGE_YEARS:
            raise _none_on(day, "职工月平均工资", "monthly wage")
        return found

    def local_cap(self, region: str, day: date) -> DatedSum | None:
        return valid_on((c for c in self.local_caps if c.region == region), day)


def parse_figures(content: bytes, *, name: str) -> Figures:
    """Parse a file; `name` stands in errors. Raises ConfigError with all faults."""
    data, faults = open_table(content, SECTIONS, name=name)
    head = read_record(Head, data.get("figures"), "figures", faults)
    regions = read_records(Region, data.get("regions"), "regions", faults)
    benchmarks = read_records(DatedSum, data.get("benchmarks"), "benchmarks", faults)
    wages = read_records(Wage, data.get("wages"), "wages", faults)
    local_caps = read_records(DatedSum, data.get("local_caps"), "local_caps", faults)
    if head and not faults:
        made = Figures(head, regions, benchmarks, wages, local_caps, hashlib.sha256(content).hexdigest())
        faults += _faults(made)
        if not faults:
            return made
    raise wrong_file(name, faults)


def _faults(figures: Figures) -> list[str]:
    """Return what is wrong between the rows."""
    codes = [r.code for r in figures.regions]
    named = {s.region for s in (*figures.benchmarks, *figures.local_caps)}
    periods = [[s for s in rows if s.region == c] for rows in (figures.benchmarks, figures.local_caps) for c in codes]
    checks = (
        (bool(codes) and not repeated(codes), "[[regions]] is empty or a code stands twice"),
        (named <= set(codes), "a sum names an unknown region"),
        ({w.province for w in figures.wages} >= {r.province for r in figures.regions}, "a province has no wage"),
        (not any(overlap(p) for p in periods), "two periods of one region overlap, or one ends before it begins"),
        (not repeated(f"{w.province} {w.year}" for w in figures.wages), "a province has two wages of one year"),
    )
    return [fault for holds, fault in checks if not holds]


def _none_on(day: date, zh: str, en: str) -> ConfigError:
    return ConfigError(
        f"没有在 {day} 有效的{zh}",
        f"no {en} is valid on {day}",
        hint_zh="在地区数据表中补充该期间的数字",
        hint_en="add the figure of that period to the region file",
    )
