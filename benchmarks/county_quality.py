"""Judge the whole chain on a county in one process: read, resolve, encode, link, plan, clues; no network.

    python -m benchmarks.county_quality COUNTY --out PREDICTIONS.csv [--seed 1]

Writes `model,case_no,party_row,verdict,grade,tags,colour`, the form a county's own score script reads. The same code
as the programs use does every step; only keys, transport and consent are left out.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from agency_node.registers import RegisterRow
from benchmarks.county import as_of_of, encode_anchors, encode_rows, encoder_for, offices, read_own
from linkage.coordinator.assemble import Linked, needed_populations, rows_of_model
from linkage.encode.payload import Payload, pack_payload, unpack_payload
from linkage.encoded import EncodedPopulation, Grade
from linkage.match import link
from linkage.match.link import Links
from linkage.normalise.references import fold_reference
from linkage.plan import Verdict
from linkage.schema import EncodingSchema, load_schema
from linkage.warrant import Limits, PopulationSpec, RoundWarrant
from procuratorate_node.anchors import LocalFacts, Placed, place_anchors
from procuratorate_node.colour_table import shipped_colour_table
from procuratorate_node.compile import CompiledRound, compile_round
from procuratorate_node.model import shipped_models
from procuratorate_node.outcome import ClueRow, Finding, Hit, clue_rows
from procuratorate_node.painting import paint_rows

SCHEMA = load_schema("person-v1")
LINKS_PER_ANCHOR = 20
Linker = Callable[[EncodedPopulation, EncodedPopulation, PopulationSpec, bool], Links]


@dataclass(frozen=True, slots=True, repr=False)
class Register:
    """One encoded population; `tags` has what each row's payload says, unsealed, by position."""

    spec: PopulationSpec
    negative: bool
    rows: EncodedPopulation
    tags: list[Payload]


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """Everything of a round up to the matching."""

    compiled: CompiledRound
    placed: tuple[Placed, ...]
    warrant: RoundWarrant
    anchors: EncodedPopulation
    registers: Mapping[str, Register]
    facts: LocalFacts


def product_links(anchors: EncodedPopulation, others: EncodedPopulation, spec: PopulationSpec, wide: bool) -> Links:
    """Link as the coordinator does."""
    return link(anchors, others, SCHEMA, need_context=spec.context, wide=wide)


def _warrant_of(compiled: CompiledRound, schema: EncodingSchema) -> RoundWarrant:
    return RoundWarrant(
        1, "0" * 32, "county", "procuratorate", compiled.purpose, compiled.legal_basis, "benchmark", ("a", "b"),
        tuple(m.warrant() for m in compiled.models),
        compiled.populations, tuple(compiled.sets), schema.id, schema.digest, 1, "0" * 16,
        Limits(1, 1, 10**8, 10**8), "", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z",
    )  # fmt: skip


def _payloads(rows: Iterable[RegisterRow], spec: PopulationSpec, into: list[Payload]) -> Iterator[RegisterRow]:
    """Pass rows on and note what their payload would say, after packing."""
    for row in rows:
        said = Payload(frozenset(row.classes), row.since, row.band) if spec.payload else Payload()
        into.append(unpack_payload(pack_payload(said, SCHEMA.tags), SCHEMA.tags))
        yield row


def prepare(county: Path, *, seed: int, papers: bool = True) -> Prepared:
    """Read and encode everything that a round of all shipped models needs."""
    as_of, encoder = as_of_of(county), encoder_for(SCHEMA, f"benchmark{seed}")
    facts, persons = read_own(county, as_of, papers=papers)
    opened = offices(county, as_of)
    owner_of = {d.id: name for name, registers in opened.items() for d in registers.datasets()}
    compiled = compile_round(shipped_models(), requester="procuratorate", owner_of=owner_of.__getitem__)
    placed = place_anchors(compiled.sets, facts, fold_reference=fold_reference)
    warrant, registers = _warrant_of(compiled, SCHEMA), {}
    for population, negative in needed_populations(warrant).items():
        spec, tags = warrant.population(population), list[Payload]()
        rows = _payloads(opened[spec.owner].rows(spec), spec, tags)
        encoded = encode_rows(rows, encoder, SCHEMA, as_of=as_of, context=spec.context)
        registers[population] = Register(spec, negative, encoded, tags)
    return Prepared(compiled, placed, warrant, encode_anchors(placed, persons, encoder), registers, facts)


def _findings(prepared: Prepared, linked: Mapping[str, Linked]) -> Iterator[Finding]:
    words = {"yes": Verdict.YES, "cannot-tell": Verdict.CANNOT_TELL}
    for model in prepared.warrant.models:
        rows = rows_of_model(prepared.warrant, model, prepared.anchors, linked, links_per_anchor=LINKS_PER_ANCHOR)
        for row in rows:
            hits: dict[str, Hit] = {}
            for one in row.links:
                tags = prepared.registers[one.population].tags[one.position].tags
                before = hits.get(one.population, Hit(one.population, Grade[one.grade]))
                hits[one.population] = Hit(one.population, min(Grade[one.grade], before.grade), before.tags | tags)
            yield Finding(row.model, row.anchor, words[row.verdict], hits)


def clues_of(prepared: Prepared, linker: Linker = product_links) -> tuple[ClueRow, ...]:
    """Link every population and return the clues of all models."""
    linked = {
        name: Linked(linker(prepared.anchors, r.rows, r.spec, r.negative), r.rows.payload)
        for name, r in prepared.registers.items()
    }
    rows = clue_rows(prepared.compiled, prepared.placed, _findings(prepared, linked))
    coloured = frozenset(m.model.id for m in prepared.compiled.models if m.model.coloured)
    return paint_rows(rows, prepared.facts, shipped_colour_table(), coloured=coloured)


def judge(county: Path, *, seed: int, papers: bool = True) -> tuple[ClueRow, ...]:
    """Run every shipped model on a county folder and return the clues."""
    return clues_of(prepare(county, seed=seed, papers=papers))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("county", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-papers", action="store_true")
    args = parser.parse_args()
    begun = time.monotonic()
    clues = judge(args.county, seed=args.seed, papers=not args.no_papers)
    with args.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["model", "case_no", "party_row", "verdict", "grade", "tags", "colour"])
        for clue in clues:
            verdict = "yes" if clue.verdict is Verdict.YES else "cannot-tell"
            colour = clue.colouring.colour.value if clue.colouring else ""
            row = [clue.model, clue.case, clue.rows[0].row, verdict, clue.grade, ";".join(clue.tags), colour]
            writer.writerow(row)
    print(f"{len(clues)} clues in {time.monotonic() - begun:.1f} s")


if __name__ == "__main__":
    main()
