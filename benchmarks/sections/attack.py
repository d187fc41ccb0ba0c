"""The seeded graph attack on `person-v1`: how many unknown people it names, with a control that shows it bites."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from statistics import mean

from benchmarks.figures import Figure
from benchmarks.running import Run
from benchmarks.seeded_attack import register_people
from linkage.risk.crowd import Crowd, know, person_rows
from linkage.risk.graph import attack, draw_seeds
from linkage.risk.structure import structure_classes
from linkage.schema import load_schema

MOST_FOUND, CONTROL = {0.01: 0.01, 0.1: 0.1}, 0.95
SCHEMA = "person-v1"


def figures(run: Run) -> Iterator[Figure]:
    """Yield the share found per share of known pairs, tokens used too, hardened and without diffusion."""
    schema = load_schema(SCHEMA)
    people = register_people(run.county(*run.size.counties[0]), run.size.attacked, seed=1)
    found: dict[tuple[str, float], list[float]] = {}
    encode = person_rows(people)
    for seed in range(run.size.attack_seeds):
        known = know(encode, schema, seed=seed)
        for kind, used in (("hardened", schema), ("control", replace(schema, diffusion=0))):
            crowd = Crowd(encode, used, seed=seed, known=known)
            for share in MOST_FOUND:
                seeds = draw_seeds(crowd, share, seed=seed)
                classes = structure_classes(crowd, used, seeds)
                found.setdefault((kind, share), []).append(attack(crowd, seeds, classes))
    for (kind, share), values in found.items():
        note = f"{len(people):,} people, {min(values):.3f}–{max(values):.3f}"
        hardened = kind == "hardened"
        target = MOST_FOUND[share] if hardened else CONTROL
        name = f"{SCHEMA}: found with {share:.0%} known{'' if hardened else ', without hardening'}"
        yield Figure(name, mean(values), "", target, at_least=not hardened, note=note)
