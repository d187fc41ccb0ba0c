"""Hold the entries of the hardship registers in the two snapshots."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

ENDABLE = {"DIBAO", "DIBIAN", "TEKUN", "CHILD", "DPF", "MONITOR", "WORKER", "MEDAID", "YOUFU"}
SINGLE = {"CARD", "CHUNLEI", "VET", "EDU"}


@dataclass(slots=True)
class Entry:
    """Hold one person's entry in one register: its tag, columns, and presence and status per snapshot."""

    register: str
    person: str
    tag: str
    extra: dict[str, str] = field(default_factory=dict)
    head: str = ""
    listed: tuple[bool, bool] = (True, True)
    active: tuple[bool, bool] = (True, True)
    stale: bool = False

    def counts(self, snapshot: int) -> bool:
        """Tell whether the entry gives its tag in a snapshot (0 the earlier, 1 the current)."""
        return self.listed[snapshot] and self.active[snapshot]


@dataclass(slots=True)
class Roll:
    """Hold the entries of every register in file order."""

    entries: dict[str, list[Entry]] = field(default_factory=dict)

    def add(self, entry: Entry) -> Entry:
        self.entries.setdefault(entry.register, []).append(entry)
        return entry

    def people(self, *registers: str) -> set[str]:
        """Return the keys of the persons who count in the current snapshot of any of the registers."""
        return {entry.person for name in registers for entry in self.entries.get(name, []) if entry.counts(1)}

    def tags(self) -> dict[str, set[str]]:
        """Return the tags of each person from all entries that count now."""
        found: dict[str, set[str]] = {}
        for entries in self.entries.values():
            for entry in entries:
                if entry.counts(1):
                    found.setdefault(entry.person, set()).add(entry.tag)
        return found

    def registers_of(self, snapshot: int) -> dict[str, set[str]]:
        """Return the registers in which each person counts in a snapshot."""
        found: dict[str, set[str]] = {}
        for name, entries in self.entries.items():
            for entry in entries:
                if entry.counts(snapshot):
                    found.setdefault(entry.person, set()).add(name)
        return found


def churn(rng: random.Random, entries: list[Entry]) -> None:
    """Let entries join, end or leave between the snapshots, together where they share a head."""
    if not entries or entries[0].register in SINGLE:
        return
    decided: dict[str, float] = {}
    for entry in entries:
        draw = decided.setdefault(entry.head or entry.person, rng.random())
        move(entry, draw)


def move(entry: Entry, draw: float) -> None:
    """Apply one uniform draw: below 1.6 % joins, then 1.4 % ends or leaves, then 0.4 % ended long ago."""
    if draw < 0.016:
        entry.listed = (False, True)
    elif draw < 0.026 and entry.register in ENDABLE:
        entry.active = (True, False)
    elif draw < 0.030:
        entry.listed = (True, False)
    elif draw < 0.034 and entry.register in ENDABLE:
        entry.active = (False, False)
