"""What a reviewer is told about a set of logs: faults, steps announced but not carried out, and notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Level = Literal["fault", "open", "note"]
LEVELS: tuple[Level, ...] = ("fault", "open", "note")


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: under which rule, at which party's log and entry (from 0; None = the log as a whole)."""

    level: Level
    rule: str
    party: str
    index: int | None
    zh: str
    en: str


def of_level(findings: Iterable[Finding], level: Level) -> list[Finding]:
    return [finding for finding in findings if finding.level == level]


def is_sound(findings: Sequence[Finding]) -> bool:
    """Tell whether there is no fault; what is open or noted is for people to judge."""
    return not of_level(findings, "fault")
