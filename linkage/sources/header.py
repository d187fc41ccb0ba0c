"""Find the header among a table's first rows: one row, or two rows where the upper one groups the lower.

The header is the row whose titles are best known. A pair of rows is taken only when it is better known than any single
row; its titles are then "upper/lower", so that who reads them sees the group ("监护人/姓名").
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from linkage.sources.table import HEADER_SEARCH_ROWS, HeaderFit

LEAST_KNOWN = 2  # One known title alone may be a cell of the data.
CODE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")


@dataclass(frozen=True, slots=True)
class Header:
    """Name the columns ("" = no title; a repeated title ends in #2, #3, …) and the row the data start after."""

    titles: tuple[str, ...]
    last_line: int
    known: int


def find_header(first: Sequence[tuple[int, Sequence[str]]], fit: HeaderFit) -> Header | None:
    """Return the best header of the first rows, given as (line, cells), or None when no row is known enough."""
    rows = list(first)[:HEADER_SEARCH_ROWS]
    best: Header | None = None
    for line, cells in rows:
        best = _better(best, Header(_numbered(cells), line, fit(cells)))
    for (_, upper), (line, lower) in itertools.pairwise(rows):
        titles = _joined(upper, lower)
        best = _better(best, Header(_numbered(titles), line, fit(titles)))
    return best if best is not None and best.known >= LEAST_KNOWN else None


def is_header_again(line: int, cells: Sequence[str], header: Header, fit: HeaderFit) -> bool:
    """Tell a header printed again, or a second one of field codes right below it (XM, SFZH), from data."""
    filled = [c for c in cells if c]
    if len(filled) <= LEAST_KNOWN:
        return False
    if line == header.last_line + 1 and all(CODE_NAME.fullmatch(c) for c in filled):
        return True
    # Two rows of titles: the lower one repeats only its own part, so half of the known titles must do.
    looks_same = line == header.last_line + 1 or any(c == t for c, t in zip(cells, header.titles, strict=False) if t)
    return looks_same and fit(cells) * 2 > header.known


def _better(best: Header | None, found: Header) -> Header:
    return found if best is None or found.known > best.known else best


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    titles, group = [], ""
    for index in range(max(len(upper), len(lower))):
        above = upper[index] if index < len(upper) else ""
        below = lower[index] if index < len(lower) else ""
        group = above or group
        if not below:
            group = above
        titles.append(f"{group}/{below}" if group and below else above or below)
    return titles


def _numbered(titles: Sequence[str]) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    numbered = []
    for title in titles:
        seen[title] = seen.get(title, 0) + 1
        numbered.append(title if seen[title] == 1 or not title else f"{title}#{seen[title]}")
    return tuple(numbered)
