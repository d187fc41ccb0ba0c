"""Run the risk meter on one snapshot of a dataset and show its report; no value of a row is shown."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from agency_node.datasets import Registers
from agency_node.risks import Measured, drawn
from linkage.errors import InputError
from linkage.normalise import normalise
from linkage.normalise.person import is_known
from linkage.risk.meter import FEWEST, Finding, Progress, measure
from linkage.risk.report import finding_line, heading, verdict
from linkage.schema import load_schema
from linkage.warrant import PopulationSpec, utc_text

SEED: Final = 1  # Of the draw: the same snapshot gives the same figures.
MOST_PEOPLE: Final = 6000  # Some 600 MiB.
EVERY: Final = 1.0


@dataclass(frozen=True, slots=True)
class Request:
    """What to measure: a dataset of an office, a snapshot ("latest" or "YYYYMM"), at most so many people."""

    owner: str
    dataset: str
    snapshot: str
    people: int
    schema: str


def measure_dataset(
    registers: Registers,
    asked: Request,
    *,
    clock: Callable[[], datetime],
    show: Callable[[str], object] = print,
    progress: Progress | None = None,
) -> tuple[Measured, bool]:
    """Return the figures and whether all lie within the limits. Raises InputError, NotFoundError."""
    if not FEWEST <= asked.people <= MOST_PEOPLE:
        raise InputError(f"--people 取 {FEWEST} 到 {MOST_PEOPLE}", f"--people is {FEWEST} to {MOST_PEOPLE}")
    schema = load_schema(asked.schema)
    spec = PopulationSpec("risk", asked.owner, asked.dataset, "", active_only=False, snapshot=asked.snapshot)
    as_of = registers.as_of(spec)
    raw = drawn((row.person for row in registers.rows(spec)), asked.people, seed=SEED)
    people = [person for person in (normalise(row, as_of=as_of) for row in raw) if is_known(person)]
    if len(people) < FEWEST:
        raise InputError(
            f"数据集 {asked.dataset} 只有 {len(people)} 行可测，至少要 {FEWEST} 行",
            f"dataset {asked.dataset} has {len(people)} rows to measure, at least {FEWEST} are needed",
        )
    for line in heading(asked.dataset, str(as_of), len(people), schema):
        show(line)
    findings: list[Finding] = []
    for finding in measure(people, schema, seed=SEED, progress=progress or Said()):
        show(finding_line(finding))
        findings.append(finding)
    show(verdict(findings))
    found = {finding.attack: finding.found for finding in findings}
    measured = Measured(asked.dataset, str(as_of), schema.digest, found, len(people), utc_text(clock()))
    return measured, all(finding.passes for finding in findings)


class Said:
    """Say on the error output how far an attack is, once a second at most."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if time.monotonic() - self._last >= EVERY:
            self._last = time.monotonic()
            print(f"  {stage} {done}/{total}", file=sys.stderr, flush=True)
