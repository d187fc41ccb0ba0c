"""Run the whole chain on counties and write what came out as Markdown.

    python -m benchmarks.quality_report COUNTY… [--titles TITLE…] [--out REPORT.md] [--seed 1]

"Before" is what equality of valid numbers alone finds, on the same resolved persons, rows and plans: only the linking
differs. "Yes" counts clues that the product is sure of; "with cannot-tell" also those that it leaves to a person.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.county_quality import SCHEMA, Prepared, clues_of, prepare
from benchmarks.scoring import (
    SHIPPED,
    Predicted,
    Score,
    Truth,
    by_grade,
    colours_right,
    predictions,
    read_truth,
    score,
    score_by_slip,
)
from linkage.encoded import EncodedPopulation, Grade
from linkage.match.joins import columns_of_tag, join_tag
from linkage.match.link import Links
from linkage.warrant import PopulationSpec

FEWEST = 10  # An operator with fewer expected clues is an anecdote.


@dataclass(frozen=True, slots=True, repr=False)
class Judged:
    """One county's truth, what numbers alone find, and what the product finds."""

    truth: Truth
    before: tuple[Predicted, ...]
    after: tuple[Predicted, ...]

    @property
    def sure(self) -> tuple[Predicted, ...]:
        return tuple(p for p in self.after if p.sure)


def number_links(anchors: EncodedPopulation, others: EncodedPopulation, spec: PopulationSpec, wide: bool) -> Links:
    """Link rows with an equal valid number, and an equal context where one is asked for; nothing else."""
    columns = columns_of_tag(SCHEMA)
    i, j = join_tag(anchors.tokens, others.tokens, columns["number"])
    if spec.context:
        (column,) = columns["context"]
        same = (anchors.tokens[i, column] == others.tokens[j, column]).all(1) & anchors.tokens[i, column].any(1)
        i, j = i[same], j[same]
    return Links(i, j, np.full(len(i), Grade.A, np.uint8))


def judged(county: Path, *, seed: int) -> Judged:
    """Run a county both ways."""
    prepared, truth = prepare(county, seed=seed), read_truth(county)
    return Judged(truth, _found(prepared, truth, numbers=True), _found(prepared, truth, numbers=False))


def _found(prepared: Prepared, truth: Truth, *, numbers: bool) -> tuple[Predicted, ...]:
    return predictions(clues_of(prepared, number_links) if numbers else clues_of(prepared), truth)


def model_table(county: Judged) -> Iterator[str]:
    """Yield precision and recall per model and over all."""
    yield "| model | expected | numbers alone P / R | yes P / R | with cannot-tell P / R | cannot-tell, right |"
    yield "|---|---|---|---|---|---|"
    for title, models in [*((m, (m,)) for m in SHIPPED), ("**all**", SHIPPED)]:
        ways = [score(found, county.truth, models=models) for found in (county.before, county.sure, county.after)]
        unsure = [p for p in county.after if p.key[0] in models and not p.sure]
        every = sum(p.key[0] in models for p in county.after)
        share = f"{len(unsure) / every:.1%}" if every else "–"
        right = sum(p.key in county.truth.expected for p in unsure)
        yield (f"| {title} | {ways[0].expected} | {' | '.join(map(_pair, ways))} | {share}, {right} of {len(unsure)} |")


def grade_table(county: Judged) -> Iterator[str]:
    """Yield how many clues of each deciding grade are right."""
    yield "| grade | clues | right |"
    yield "|---|---|---|"
    for grade, (right, every) in by_grade(county.after, county.truth).items():
        yield f"| {grade} | {every} | {right / every:.3f} |"


def slip_table(county: Judged) -> Iterator[str]:
    """Yield recall before and after per error operator, most frequent first."""
    yield "| error on either side | expected | numbers alone R | yes R | with cannot-tell R | wrong yes |"
    yield "|---|---|---|---|---|---|"
    before, sure, after = (score_by_slip(f, county.truth) for f in (county.before, county.sure, county.after))
    for slip in sorted(after, key=lambda s: (-after[s].expected, s)):
        if after[slip].expected >= FEWEST:
            recall = " | ".join(f"{way[slip].recall:.3f}" for way in (before, sure, after))
            yield f"| {slip} | {after[slip].expected} | {recall} | {sure[slip].wrong} |"


def _pair(one: Score) -> str:
    return f"{_figure(one.precision)} / {_figure(one.recall)}"


def _figure(value: float) -> str:
    return "–" if value != value else f"{value:.3f}"


def write_up(county: Judged, title: str) -> str:
    """Return one county's chapter."""
    tables = (model_table(county), grade_table(county), slip_table(county))
    right, every = colours_right(county.after, county.truth)
    colours = [f"Warning colour as expected: {right} of {every} right clues."] if every else []
    return "\n\n".join([f"### {title}", *("\n".join(t) for t in tables), *colours]) + "\n"


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("county", type=Path, nargs="+")
    parser.add_argument("--titles", nargs="+", default=[])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    titles = args.titles or [c.name for c in args.county]
    chapters = [write_up(judged(c, seed=args.seed), t) for c, t in zip(args.county, titles, strict=True)]
    if args.out:
        args.out.write_text("\n".join(chapters), encoding="utf-8")
    else:
        sys.stdout.write("\n".join(chapters))


if __name__ == "__main__":
    main()
