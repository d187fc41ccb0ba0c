"""Run the labelled cases through lexicon, charge models and tree, as a clue goes: one case, one row, its tags."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from linkage.normalise.person import RawPerson
from procuratorate_node.anchors import LocalFacts
from procuratorate_node.cases.records import KIN, VICTIM, Case, CaseFile, Compensation, Party, RowRef, Source
from procuratorate_node.colour_table import ColourTable
from procuratorate_node.examples.report import Example, Report, rows_of
from procuratorate_node.painting import Proven, colouring_of

FILE: Final = "colours.tsv"
CASE: Final = "样例1号"
EVENT: Final = date(2026, 1, 1)
AIDED, CREDITOR = "aided", "creditor"
WAIVER: Final = "放弃赔偿"


def run_colours(table: ColourTable) -> Report:
    """Compare colour and step of every case with the labelled ones; step 0 is a row of no charge model."""
    examples = [Example(n, f"{row['colour']} {row['step']}", _decided(table, row)) for n, row in rows_of(FILE)]
    return Report(FILE, tuple(examples))


def _decided(table: ColourTable, row: Mapping[str, str]) -> str:
    facts, asked = _facts(row)
    marks = set(row["marks"].split())
    tags = frozenset(row["tags"].split())
    proven = Proven(tags, creditor=CREDITOR in marks, aided=AIDED in marks)
    found = colouring_of([asked], facts, table, proven)
    return "none 0" if found is None else f"{found.colour.value} {found.step}"


def _facts(row: Mapping[str, str]) -> tuple[LocalFacts, RowRef]:
    case = Case(CASE, "刑事", row["charge"], accepted=EVENT, happened=EVENT, summary=row["summary"])
    kin = row["role"] == KIN
    fault = next((m for m in row["marks"].split() if m not in (AIDED, CREDITOR, WAIVER)), "")
    victim = Party(
        RowRef(Source.PARTIES, CASE, "1"),
        VICTIM,
        RawPerson(name="甲", age="" if kin else row["age"]),
        dead=kin,
        harm=row["injury"],
        loss=float(row["loss"]) if row["loss"] else None,
        fault=fault,
        remark=WAIVER if WAIVER in row["marks"] else "",
    )
    parties = [victim]
    if kin:
        person = RawPerson(name="乙", age=row["age"])
        parties.append(Party(RowRef(Source.PARTIES, CASE, "2"), KIN, person, relation="父亲", about="1"))
    file = CaseFile({CASE: case}, parties)
    persons = {p.ref: f"person{number}" for number, p in enumerate(parties)}
    return LocalFacts(file, persons, {victim.ref: Compensation(row["state"])}), parties[-1].ref
