"""One figure of the benchmarks, its target, and the result file: machine, versions, figures by section."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

PACKAGES = ("linkage", "numpy", "numba", "llvmlite", "pandas", "recordlinkage")


@dataclass(frozen=True, slots=True)
class Figure:
    """Hold what was measured; `value` None = not measured, and `note` says why.

    `target` None = only told, nothing is asked of it. `at_least` False = the value may be at most the target. `stretch`
    targets are wished for, not promised.
    """

    name: str
    value: float | None
    unit: str = ""
    target: float | None = None
    at_least: bool = True
    stretch: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"{self.name} is not a number")

    @property
    def met(self) -> str:
        """Return "yes", "no", "not measured", or "" where nothing is asked."""
        if self.value is None:
            return "not measured"
        if self.target is None:
            return ""
        return "yes" if (self.value >= self.target if self.at_least else self.value <= self.target) else "no"

    def record(self) -> dict[str, object]:
        """Return the figure as the result file holds it."""
        return {
            "name": self.name, "value": self.value, "unit": self.unit, "target": self.target,
            "sense": "at least" if self.at_least else "at most", "stretch": self.stretch, "met": self.met,
            "note": self.note,
        }  # fmt: skip


def missing(name: str, why: str, *, target: float | None = None, at_least: bool = True) -> Figure:
    """Return a figure that could not be measured."""
    return Figure(name, None, target=target, at_least=at_least, note=why)


def machine() -> dict[str, object]:
    """Return what is known of the machine; no name of it, of a person or a place."""
    cpu = platform.processor() or platform.machine()
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        names = [line.split(":", 1)[1].strip() for line in facts.read_text().splitlines() if line.startswith("model n")]
        cpu = names[0] if names else cpu
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    return {"cpu": cpu, "cores": os.cpu_count(), "memory_mib": pages >> 20, "system": platform.system(),
            "architecture": platform.machine(), "python": platform.python_version()}  # fmt: skip


def versions() -> dict[str, str]:
    """Return the versions of what we run on."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


class Results:
    """Hold the result file of one run; it is whole after every section."""

    def __init__(self, file: Path, size: str, *, started: str, peers: Mapping[str, Mapping[str, str]]) -> None:
        self.file = file
        self.head = {"size": size, "started": started, "machine": machine(), "versions": versions(), "peers": peers}
        self.sections: dict[str, dict[str, object]] = {}
        if file.exists():
            before = json.loads(file.read_text(encoding="utf-8"))
            if before["size"] == size:
                self.sections = before["sections"]

    def add(self, section: str, figures: Iterable[Figure], *, seconds: float, measured: str) -> None:
        """Put a section's figures in place of its older ones and write the file."""
        rows = [figure.record() for figure in figures]
        self.sections[section] = {"measured": measured, "seconds": round(seconds, 1), "figures": rows}
        text = json.dumps({**self.head, "sections": self.sections}, indent=1, ensure_ascii=False) + "\n"
        draft = self.file.with_suffix(".part")
        draft.write_text(text, encoding="utf-8")
        draft.replace(self.file)


def value_of(sections: Mapping[str, Mapping[str, object]], section: str, name: str) -> float | None:
    """Return a figure's value from a result file's sections, None where it is not there."""
    for row in rows_of(sections, section):
        if row["name"] == name and isinstance(row["value"], float | int):
            return float(row["value"])
    return None


def rows_of(sections: Mapping[str, Mapping[str, object]], section: str) -> list[dict[str, object]]:
    """Return the figures of a section of a result file."""
    rows = sections.get(section, {}).get("figures", [])
    assert isinstance(rows, list)
    return rows


def _shown(value: object) -> str:
    assert isinstance(value, float | int)
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def table(sections: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    """Yield every figure as Markdown, and how many targets were met."""
    yield "| section | figure | value | target | met | note |"
    yield "|---|---|---|---|---|---|"
    met = []
    for section in sections:
        for row in rows_of(sections, section):
            target = "" if row["target"] is None else f"{'≥' if row['sense'] == 'at least' else '≤'} {row['target']:g}"
            target += " (stretch)" if row["stretch"] else ""
            value = "–" if row["value"] is None else f"{_shown(row['value'])} {row['unit']}".strip()
            yield f"| {section} | {row['name']} | {value} | {target} | {row['met']} | {row['note']} |"
            met += [row["met"]] if row["target"] is not None and not row["stretch"] else []
    yield f"\nTargets: {met.count('yes')} met, {met.count('no')} missed, {met.count('not measured')} not measured."
