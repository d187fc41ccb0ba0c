"""Hold the product to the hand-made cases of a county: which rows must link, must not, or need a person.

    python -m benchmarks.golden COUNTY [--seed 1]

Prints one Markdown row per case: id, title, expected and actual decision. The decision is the best grade between the
resolved persons of the case's party rows and its register rows, in the whole newest snapshot: A to D is LINK, E is
REVIEW, none is NO_LINK. A case without register rows asks that nothing in any register links. Prints titles, no rows.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.county import (
    RowKey,
    as_of_of,
    encode_rows,
    encoder_for,
    newest,
    offices,
    read_own,
    row_key,
    truth_key,
)
from linkage.encoded import Grade, population_from_rows
from linkage.match import link
from linkage.schema import load_schema

SCHEMA = load_schema("person-v1")


@dataclass(frozen=True, slots=True)
class Golden:
    """One hand-made case: our rows as (file stem, row id), register rows, and the decision wanted."""

    id: str
    title: str
    decision: str
    ours: tuple[tuple[str, str], ...]
    theirs: tuple[RowKey, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    case: Golden
    got: str

    @property
    def ok(self) -> bool:
        return self.got == self.case.decision


def read_golden(county: Path) -> tuple[Golden, ...]:
    """Read truth/golden.json; empty when the county has no hand-made cases."""
    cases = json.loads((county / "truth" / "golden.json").read_text(encoding="utf-8"))
    return tuple(
        Golden(
            c["id"],
            c["title"],
            c["decision"],
            tuple((Path(r["file"]).stem, r["id"]) for r in c["party_rows"]),
            tuple(truth_key(r) for r in c["other_rows"]),
        )
        for c in cases
    )


def judge_golden(county: Path, *, seed: int) -> tuple[Judgement, ...]:
    """Link all resolved persons to every register and look up the hand-made cases."""
    return hold_cases(county, read_golden(county), seed=seed)


def hold_cases(county: Path, cases: tuple[Golden, ...], *, seed: int) -> tuple[Judgement, ...]:
    """Judge the given cases on a county's data; reads nothing when there is none."""
    if not cases:
        return ()
    as_of, encoder = as_of_of(county), encoder_for(SCHEMA, f"golden{seed}")
    _, persons = read_own(county, as_of, papers=False)
    index = {(str(r.source), r.row): i for i, p in enumerate(persons) for r in p.rows}
    anchors = population_from_rows(encoder.encode([p.person for p in persons]))
    best: dict[tuple[int, RowKey], int] = {}
    for office, registers in offices(county, as_of).items():
        for dataset in registers.datasets():
            rows = list(registers.rows(newest(office, dataset.id)))
            others = encode_rows(rows, encoder, SCHEMA, as_of=as_of)
            found = link(anchors, others, SCHEMA, need_context=False, wide=False)
            for i, j, grade in zip(found.anchor, found.other, found.grade, strict=True):
                key = (int(i), row_key(rows[j]))
                best[key] = min(int(grade), best.get(key, int(grade)))
    return tuple(Judgement(c, _decision(c, index, best)) for c in cases)


def _decision(case: Golden, index: Mapping[tuple[str, str], int], best: Mapping[tuple[int, RowKey], int]) -> str:
    ours = {index[row] for row in case.ours if row in index}
    grades = [g for (i, row), g in best.items() if i in ours and (row in case.theirs or not case.theirs)]
    if not grades:
        return "NO_LINK"
    return "REVIEW" if min(grades) >= Grade.E else "LINK"


def table(judgements: tuple[Judgement, ...]) -> Iterator[str]:
    """Yield the Markdown table and a line of totals."""
    yield "| id | case | expected | got | ok |"
    yield "|---|---|---|---|---|"
    for one in judgements:
        mark = "yes" if one.ok else "**no**"
        yield f"| {one.case.id} | {one.case.title} | {one.case.decision} | {one.got} | {mark} |"
    yield ""
    yield f"{sum(one.ok for one in judgements)} of {len(judgements)} as expected."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("county", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    print("\n".join(table(judge_golden(args.county, seed=args.seed))))


if __name__ == "__main__":
    main()
