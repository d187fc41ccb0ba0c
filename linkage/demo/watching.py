"""Read from the programs' logs what each of them is doing now; the logs hold counts and round ids, never a person."""

from __future__ import annotations

import re
from collections.abc import Iterable

AGENCY_LINE = re.compile(r" INFO (?:(?:linkage|agency_node)[\w.]*: )?(?:round [0-9a-f]{32}: )?(\S.*)$")
NODE_LINE = re.compile(r" INFO (?:linkage|procuratorate_node)[\w.]*: (?:round [0-9a-f]{32}: )?(\S.*)$")
ROUND_LINE = re.compile(r"^[0-9a-f]{32} ([A-Z]+)\s+\S+ ?(.*)$")


def newest(lines: Iterable[str], pattern: re.Pattern[str]) -> str:
    """Return what the last line of this form says, "" when there is none."""
    said = ""
    for line in lines:
        found = pattern.search(line)
        if found:
            said = found.group(1).strip()
    return said


def round_states(lines: Iterable[str]) -> list[tuple[str, str]]:
    """Return (state, detail) of every line about the round, in order."""
    found = (ROUND_LINE.match(line) for line in lines)
    return [(match.group(1), match.group(2).strip()) for match in found if match]
