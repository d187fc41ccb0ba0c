"""Make a fictitious county: agency exports with realistic errors, the procuratorate's data, and the truth.

Everything is invented. One seed gives one county, byte for byte.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from linkage.demo.county.agency import AgencyWriter
from linkage.demo.county.colours import Painter
from linkage.demo.county.court_files import CourtWriter
from linkage.demo.county.errata import Clerk, factor
from linkage.demo.county.expected import MODELS, Clue, Expected, Facts
from linkage.demo.county.habits import Habits
from linkage.demo.county.papers import Clerkship
from linkage.demo.county.procuratorate import ProcuratorateWriter
from linkage.demo.county.sheets import Archive
from linkage.demo.county.truth import TruthWriter, manifest
from linkage.demo.county.world import World, build
from linkage.errors import ConfigError

SMALLEST = 500
_PROMISED = 3_000
_ATTEMPTS = 12


@dataclass(frozen=True, slots=True)
class Summary:
    """Say what was made: data rows per file and expected clues per model."""

    population: int
    files: dict[str, int]
    clues: dict[str, int]


def generate_county(out: Path, *, seed: int, population: int, profile: str = "normal") -> Summary:
    """Write a county of about `population` living people under `out` and return what was made.

    `profile` is clean, normal or harsh (error rates x0.2, x1, x3). From 3,000 people on every model has a clue.
    Raises ConfigError for an unknown profile, a population under 500, or a folder that already holds a county.
    """
    strength = factor(profile)
    if population < SMALLEST:
        raise ConfigError(f"人口不得少于{SMALLEST}", f"a county needs at least {SMALLEST} people")
    if (out / "manifest.json").exists():
        raise ConfigError("目标文件夹中已有一个县的数据", "the folder already holds a county",
                          hint_zh="请换一个空文件夹", hint_en="name an empty folder")  # fmt: skip
    stem, world, clues = _world(seed, population)
    archive = Archive(out)
    clerk = Clerk(random.Random(f"{stem}/{profile}/clerk"), world.county, strength, world.certified)
    habits = Habits(random.Random(f"{stem}/habits"))
    agency = AgencyWriter(random.Random(f"{stem}/{profile}/agency"), world, clerk, habits, archive)
    papers = Clerkship(random.Random(f"{stem}/papers"), world, out)
    ProcuratorateWriter(random.Random(f"{stem}/{profile}/procuratorate"), world, clerk, archive, papers).write()
    agency.write()
    CourtWriter(agency).write()
    TruthWriter(world, archive, clues, list(Painter(Facts(world)).colours())).write()
    facts = manifest(world, archive, clues, seed=seed, profile=profile)
    facts["documents"] = {"files": len(papers.index), "cases": len(papers.chosen), "scanned": 0}
    (out / "manifest.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    counts = Counter(clue.model for clue in clues)
    return Summary(population, dict(archive.counts), {model: counts[model] for model in MODELS})


def in_order(clues: list[Clue]) -> list[Clue]:
    """Return the clues model by model, as expected_clues.csv lists them."""
    return sorted(clues, key=lambda clue: MODELS.index(clue.model))


def _world(seed: int, population: int) -> tuple[str, World, list[Clue]]:
    """Return the first county of the seed in which every model has a clue, with the name of its draws."""
    for attempt in range(_ATTEMPTS):
        stem = f"county/{seed}/{population}/{attempt}"
        world = build(stem, population)
        facts = Facts(world)
        clues = in_order([*Expected(facts).clues(), *Painter(facts).clues()])
        if population < _PROMISED or {clue.model for clue in clues} == set(MODELS):
            break
    return stem, world, clues
