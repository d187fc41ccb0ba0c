"""Read the rows and the claims about them, strictly: every fault is told at once."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from linkage.errors import ConfigError

FOLDER: Final = Path(__file__).resolve().parent
ROWS: Final = "rows.csv"
DONE, PRACTICE, OUT = "done", "local practice", "out of reach"
STATUSES: Final = (DONE, PRACTICE, OUT)
TEXTS, LISTS = ("status", "how", "reason"), ("code", "tests")
CLASSES: Final = frozenset("LAXRHPGF")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the published systems; `classes` are letters of LAXRHPGF."""

    id: str
    classes: frozenset[str]
    term: str
    english: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What is said about a row: done, with code and tests (`how` in a few words), or not done, with the reason."""

    id: str
    status: str
    how: str = ""
    reason: str = ""
    code: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()

    def faults(self) -> list[str]:
        """Return what this claim lacks or has too much of."""
        if self.status not in STATUSES:
            return [f"{self.id}: status is one of {', '.join(STATUSES)}"]
        wanted = ("how", "code", "tests") if self.status == DONE else ("reason",)
        unwanted = ("reason",) if self.status == DONE else ("how", "tests")
        missing = [f"{self.id}: {name} is missing" for name in wanted if not getattr(self, name)]
        extra = [f"{self.id}: {name} does not belong to {self.status}" for name in unwanted if getattr(self, name)]
        return missing + extra


def read_rows(folder: Path = FOLDER) -> tuple[Row, ...]:
    """Return the rows in the order of their systems."""
    with (folder / ROWS).open(encoding="utf-8", newline="") as source:
        return tuple(
            Row(line["id"], frozenset(line["classes"]) & CLASSES, line["term"], line["english"])
            for line in csv.DictReader(source)
        )


def read_claims(folder: Path = FOLDER) -> dict[str, Claim]:
    """Return the claims by row id. Raises ConfigError naming every fault of every file."""
    claims: dict[str, Claim] = {}
    faults: list[str] = []
    for file in sorted(folder.glob("*.toml")):
        for row_id, table in tomllib.loads(file.read_text(encoding="utf-8")).items():
            claim = _claim(row_id, table, faults)
            faults += [f"{row_id} is claimed twice"] * (row_id in claims) + claim.faults()
            claims[row_id] = claim
    if faults:
        raise ConfigError(f"覆盖表有误：{'；'.join(faults)}", f"the coverage table is wrong: {'; '.join(faults)}")
    return claims


def _claim(row_id: str, table: object, faults: list[str]) -> Claim:
    found = table if isinstance(table, Mapping) else {}
    faults += [f"{row_id}: unknown key {key}" for key in sorted(set(found) - {*TEXTS, *LISTS})]
    faults += [f"{row_id}: {key} is a text" for key in TEXTS if not isinstance(found.get(key, ""), str)]
    faults += [f"{row_id}: {key} is a list of texts" for key in LISTS if not _texts(found.get(key, []))]
    status, how, reason = (str(found.get(key, "")) for key in TEXTS)
    code, tests = (tuple(map(str, found.get(key, []))) if _texts(found.get(key, [])) else () for key in LISTS)
    return Claim(row_id, status, how, reason, code=code, tests=tests)


def _texts(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(x, str) for x in value)
