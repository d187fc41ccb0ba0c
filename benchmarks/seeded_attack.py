"""Attack the encodings of a schema with a seeded graph attack and print how many people it finds.

    python -m benchmarks.seeded_attack COUNTY [--people 3000] [--known 0.01 0.1] [--seeds 3] [--schema person-v1]
        [--dataset ID]

The attack is linkage/risk: the attacker has every plaintext, the schema and the program, sees one upload of the same
people, and knows some pairs. The people are those of all registers of a county, each once, or of one register. The
control is the same attack on the same grams without diffusion: it shows that the attack bites. The last two columns
also give the attacker what rows show beside the filter: empty places of tokens, and which rows share a token.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.county import as_of_of, newest, offices, register_truth, row_key
from linkage.normalise import Person, normalise
from linkage.risk.crowd import Crowd, know, person_rows
from linkage.risk.graph import attack, draw_seeds
from linkage.risk.structure import alone, structure_classes
from linkage.schema import EncodingSchema, load_schema

EXCLUDED = ("enforcement_debtor", "enforcement_creditor")  # Without birth or village, and half of them companies.


def register_people(county: Path, count: int, *, seed: int, dataset: str = "") -> list[Person]:
    """Return `count` different people of a generated county, each as one office's register shows them.

    Who is the same person is taken from the truth, so that no two of them are one. `dataset` limits them to one
    register, and then fewer may be returned. Raises ValueError when there are too few.
    """
    person_of, as_of = register_truth(county), as_of_of(county)
    people: dict[str, Person] = {}
    for office, registers in offices(county, as_of).items():
        for found in registers.datasets():
            if found.id in EXCLUDED or dataset not in ("", found.id):
                continue
            for row in registers.rows(newest(office, found.id)):
                person = person_of.get(row_key(row), "")
                if person and person not in people:
                    people[person] = normalise(row.person, as_of=as_of)
    if len(people) < count and not dataset:
        raise ValueError(f"the county's registers list {len(people)} people, {count} are asked for")
    ids = sorted(people)
    return [people[ids[i]] for i in np.random.default_rng(seed).permutation(len(ids))[:count]]


def report(people: Sequence[Person], schema: EncodingSchema, shares: Sequence[float], rounds: int) -> Iterator[str]:
    """Yield Markdown rows: share of the unknown people found, mean and range over the seeds."""
    yield "| known pairs | filters | control without diffusion | tokens | filters and tokens |"
    yield "|---|---|---|---|---|"
    found: dict[float, list[tuple[float, float, float, float]]] = {share: [] for share in shares}
    encode, bare = person_rows(people), replace(schema, diffusion=0)
    for seed in range(rounds):
        known = know(encode, schema, seed=seed)
        crowd, control = (Crowd(encode, used, seed=seed, known=known) for used in (schema, bare))
        for share in shares:
            seeds = draw_seeds(crowd, share, seed=seed)
            classes = structure_classes(crowd, schema, seeds)
            shown = alone(classes, np.setdiff1d(np.arange(len(crowd)), seeds)), attack(crowd, seeds, classes)
            found[share].append((attack(crowd, seeds), attack(control, seeds), *shown))
    for share, rows in found.items():
        yield f"| {share:.0%} | " + " | ".join(map(_range, zip(*rows, strict=True))) + " |"


def _range(values: Sequence[float]) -> str:
    return f"{np.mean(values):.2%} ({min(values):.2%}–{max(values):.2%})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("county", type=Path)
    parser.add_argument("--people", type=int, default=3000)
    parser.add_argument("--known", type=float, nargs="+", default=[0.01, 0.1])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--schema", default="person-v1")
    parser.add_argument("--dataset", default="", help="only this register's people")
    args = parser.parse_args()
    people = register_people(args.county, args.people, seed=1, dataset=args.dataset)
    print(f"{len(people)} people", flush=True)
    for line in report(people, load_schema(args.schema), args.known, args.seeds):
        print(line, flush=True)


if __name__ == "__main__":
    main()
