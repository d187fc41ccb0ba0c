"""Read a county folder as the programs do, and its truth: rows, persons, expected clues.

`truth/` is never an input of the programs; only fitting and judging look at it.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

import numpy as np

from agency_node.datasets import Registers
from agency_node.registers import RegisterRow
from linkage.encode.roundkey import RoundKey
from linkage.encode.rows import RowEncoder
from linkage.encoded import EncodedPopulation, population_from_rows
from linkage.normalise import normalise
from linkage.normalise.references import fold_reference
from linkage.schema import EncodingSchema
from linkage.warrant import PopulationSpec
from procuratorate_node.anchors import LocalFacts, Placed
from procuratorate_node.casefiles.states import paper_states, states_of
from procuratorate_node.cases.preset import standard_preset
from procuratorate_node.cases.reading import read_cases
from procuratorate_node.casework import Reading, with_papers
from procuratorate_node.compensation import compensation_states
from procuratorate_node.persons import OwnPerson, own_rows, person_keys, resolve_persons

CHUNK = 8192
TWO_PERSONS = ("creditor", "debtor")  # Only these slots share a row.
RowKey = tuple[str, str, int, str]  # File name, sheet, physical line, role where a row names two persons.


def as_of_of(county: Path) -> date:
    """Return a day in the newest month that any agency file's name gives."""
    newest = max(m for f in county.glob("agencies/*/*") for m in re.findall(r"20\d{4}", f.name))
    return date(int(newest[:4]), int(newest[4:]), 28)


def read_csv(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def read_own(county: Path, as_of: date, *, papers: bool) -> tuple[LocalFacts, tuple[OwnPerson, ...]]:
    """Read the procuratorate's files, resolve its persons, find the compensation states. Scans are left out: slow."""
    folder = county / "procuratorate"
    file, read = read_cases(folder, standard_preset()).file, {}
    if papers:
        filled, found = with_papers(file, folder, cache=None, as_of=as_of, reading=Reading(scans=False))
        file, read = filled.file, paper_states(states_of(filled.file, found))
    persons = resolve_persons(own_rows(file, as_of=as_of))
    return LocalFacts(file, person_keys(persons), compensation_states(file, read)), persons


def offices(county: Path, as_of: date) -> dict[str, Registers]:
    """Open every office's registers, by the name of its folder."""
    return {f.name: Registers(f, today=as_of) for f in sorted((county / "agencies").iterdir())}


def newest(office: str, dataset: str) -> PopulationSpec:
    """Ask for a dataset's newest snapshot, active rows or not."""
    return PopulationSpec("p", office, dataset, "", active_only=False)


def row_key(row: RegisterRow) -> RowKey:
    return row.file, row.sheet, row.line, row.role if row.role in TWO_PERSONS else ""


def truth_key(row: dict[str, str]) -> RowKey:
    """Return the key of a row of the truth (columns file, sheet, row, slot)."""
    return Path(row["file"]).name, row["sheet"], int(row["row"]), row["slot"] if row["slot"] in TWO_PERSONS else ""


def register_truth(county: Path) -> dict[RowKey, str]:
    """Return who each register row really is about; head and guardian columns are not who a row is about."""
    rows = read_csv(county / "truth" / "rows.csv")
    return {truth_key(r): r["person"] for r in rows if r["slot"] not in ("head", "guardian")}


def encoder_for(schema: EncodingSchema, name: str) -> RowEncoder:
    """Return an encoder under a key made from a name: repeatable, and no secret of anybody."""
    return RowEncoder(schema, RoundKey(hashlib.sha256(name.encode()).digest()))


def encode_rows(
    rows: Iterable[RegisterRow], encoder: RowEncoder, schema: EncodingSchema, *, as_of: date, context: bool = False
) -> EncodedPopulation:
    """Encode register rows in chunks, as a node does."""
    parts = [np.zeros(0, schema.layout(False).dtype)]
    for chunk in _chunks(rows):
        people = [normalise(r.person, as_of=as_of) for r in chunk]
        parts.append(encoder.encode(people, contexts=[fold_reference(r.context) if context else "" for r in chunk]))
    return population_from_rows(np.concatenate(parts))


def _chunks(rows: Iterable[RegisterRow]) -> Iterator[Sequence[RegisterRow]]:
    source = iter(rows)
    while chunk := list(islice(source, CHUNK)):
        yield chunk


def encode_anchors(placed: Iterable[Placed], persons: Iterable[OwnPerson], encoder: RowEncoder) -> EncodedPopulation:
    record = {p.key: p.person for p in persons}
    anchors = list(placed)
    rows = encoder.encode(
        [record[p.person] for p in anchors],
        contexts=[p.context for p in anchors],
        scopes=[p.scope for p in anchors],
    )
    return population_from_rows(rows)
