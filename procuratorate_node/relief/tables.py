"""Choose the tables that are valid on the day of the decision, from the shipped files or an office's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources

from linkage.errors import ConfigError, InputError
from procuratorate_node.relief.regions import DatedSum, Figures, Region, Wage, parse_figures
from procuratorate_node.relief.rules import Rules, parse_rules
from procuratorate_node.relief.scale import Scale, parse_scale
from procuratorate_node.relief.validity import overlap, valid_on


@dataclass(frozen=True, slots=True)
class Tables:
    """What holds in one region on one day."""

    day: date
    scale: Scale
    rules: Rules
    figures_digest: str
    figures_status: str
    region: Region
    benchmark: DatedSum
    wage: Wage
    local_cap: DatedSum | None

    @property
    def drafts(self) -> tuple[str, ...]:
        """Name the tables that no authority has adopted yet."""
        states = {"scale": self.scale.head.status, "rules": self.rules.head.status, "figures": self.figures_status}
        return tuple(name for name, status in states.items() if status == "draft")


@dataclass(frozen=True, slots=True)
class TableSet:
    """All tables of an office; those of one kind, and of one region, do not overlap in their days of validity."""

    scales: tuple[Scale, ...]
    rules: tuple[Rules, ...]
    figures: tuple[Figures, ...]

    def __post_init__(self) -> None:
        regions = {r.code for f in self.figures for r in f.regions}
        if overlap(self.scales) or overlap(self.rules) or any(overlap(self._figures_of(r)) for r in regions):
            raise ConfigError("两份表的有效期重叠", "two tables overlap in their days of validity")

    def on(self, day: date, *, region: str) -> Tables:
        """Return the tables of a region valid on `day`. Raises ConfigError (none valid), InputError (no region)."""
        scale, rules = valid_on(self.scales, day), valid_on(self.rules, day)
        candidates = self._figures_of(region)
        if not candidates:
            raise InputError("没有这个地区的数据表", "no table knows this region")
        figures = valid_on(candidates, day)
        if scale is None or rules is None or figures is None:
            raise ConfigError(
                f"没有在 {day} 有效的系数表、规则表或地区表", f"no scale, no rules or no region file is valid on {day}"
            )
        place = next(r for r in figures.regions if r.code == region)
        found = (figures.benchmark(region, day), figures.wage(place, day), figures.local_cap(region, day))
        return Tables(day, scale, rules, figures.digest, figures.head.status, place, *found)

    def _figures_of(self, region: str) -> list[Figures]:
        return [f for f in self.figures if any(r.code == region for r in f.regions)]


def parse_tables(files: Mapping[str, bytes]) -> TableSet:
    """Parse files named scale-*.toml, rules-*.toml and regions-*.toml. Raises ConfigError."""
    kinds: dict[str, list[tuple[str, bytes]]] = {"scale": [], "rules": [], "regions": []}
    for name, content in sorted(files.items()):
        kind = name.split("-", 1)[0]
        if kind not in kinds or not name.endswith(".toml"):
            raise ConfigError(f"不认识的表 {name}", f"unknown kind of table: {name}")
        kinds[kind].append((name, content))
    return TableSet(
        tuple(parse_scale(content, name=name) for name, content in kinds["scale"]),
        tuple(parse_rules(content, name=name) for name, content in kinds["rules"]),
        tuple(parse_figures(content, name=name) for name, content in kinds["regions"]),
    )


def shipped_files() -> dict[str, bytes]:
    """Return the tables that come with the program, by name."""
    folder = resources.files("procuratorate_node.relief").joinpath("tables")
    return {f.name: f.read_bytes() for f in folder.iterdir() if f.name.endswith(".toml")}


def shipped_tables() -> TableSet:
    """Parse the tables that come with the program."""
    return parse_tables(shipped_files())
