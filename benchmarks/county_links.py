"""Judge the links of a county's persons to every register: those an equal valid number does not settle, and all.

    python -m benchmarks.county_links COUNTY [--seed 1]

Prints one JSON line. A link is a pair (person of the procuratorate, register row) of one true person; it is settled
when both sides show an equal valid number. `precision` and `recall` are those of what `link` says for sure (grades A to
D), `wide_recall` counts "cannot tell" too; `recall_at_99` is the greatest recall at precision 0.99 of any cut of the
score over the best row per person and register, chosen with the truth; two different valid numbers are "cannot tell"
whatever the score (grades.py, rule 2). Recall by error operator is that of clues.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.county import encoder_for
from benchmarks.fit_decision import SCHEMA, own_side, register_sides
from benchmarks.quality_report import FEWEST, judged
from benchmarks.scoring import score_by_slip
from linkage.encoded import EncodedPopulation, Grade
from linkage.match import link
from linkage.match.evidence import features, score
from linkage.match.grades import numbers_differ
from linkage.match.link import candidate_pairs

PRECISION = 0.99
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, repr=False)
class Side:
    """Links and candidates of one register: who is right, who has an equal number, grades, scores of the best rows."""

    real: int
    settled: int
    said_right: Bools
    said_settled: Bools
    grade: npt.NDArray[np.uint8]
    best_right: Bools
    best_score: npt.NDArray[np.float32]


def side_of(
    anchors: EncodedPopulation, own: npt.NDArray[np.str_], others: EncodedPopulation, theirs: npt.NDArray[np.str_]
) -> Side:
    """Link one register and compare with the truth."""
    counted, mine = Counter(theirs.tolist()), Counter(own.tolist())
    real = sum(n * counted[person] for person, n in mine.items())
    i, j = candidate_pairs(anchors, others, SCHEMA, need_context=False)
    columns = features(anchors, others, (i, j), SCHEMA)
    right, number = own[i] == theirs[j], columns["agree:number"] > 0
    total = score(columns, SCHEMA)
    total[numbers_differ(columns)] = SCHEMA.decision.near
    rest = np.flatnonzero(~number)
    order = rest[np.lexsort((j[rest], -total[rest], i[rest]))]
    best = order[np.flatnonzero(np.diff(i[order], prepend=-1))]
    links = link(anchors, others, SCHEMA, need_context=False, wide=False)
    said = links.anchor, links.other
    by_number = features(anchors, others, said, SCHEMA)["agree:number"] > 0
    said_right = own[said[0]] == theirs[said[1]]
    return Side(real, int((right & number).sum()), said_right, by_number, links.grade, right[best], total[best])


def judge(county: Path, *, seed: int) -> list[Side]:
    """Link every register of a county."""
    encoder = encoder_for(SCHEMA, f"links{seed}")
    anchors, own = own_side(county, encoder)
    return [side_of(anchors, own, others, theirs) for others, theirs in register_sides(county, encoder)]


def counted(sides: Sequence[Side], *, unsettled: bool) -> dict[str, float]:
    """Return links, precision and recall of sure links, and recall with those that are left to a person."""
    real = sum(s.real - (s.settled if unsettled else 0) for s in sides)
    grade = np.concatenate([s.grade for s in sides])
    right = np.concatenate([s.said_right for s in sides])
    mine = ~np.concatenate([s.said_settled for s in sides]) if unsettled else np.ones(len(right), np.bool_)
    sure = mine & (grade <= Grade.D)
    return {
        "links": real,
        "precision": float((right & sure).sum() / max(1, sure.sum())),
        "recall": float((right & sure).sum() / max(1, real)),
        "wide_recall": float((right & mine).sum() / max(1, real)),
    }


def recall_at(sides: Sequence[Side], precision: float) -> float:
    """Return the greatest recall of unsettled links at a precision, over all cuts of the score."""
    real = sum(s.real - s.settled for s in sides)
    right = np.concatenate([s.best_right for s in sides])
    total = np.concatenate([s.best_score for s in sides])
    order = np.argsort(-total, kind="stable")
    hits = np.cumsum(right[order])
    fine = hits / np.arange(1, len(hits) + 1) >= precision
    ends = np.append(np.diff(total[order]) != 0, True)[: len(hits)]  # A cut takes all pairs of one score.
    return float(hits[fine & ends].max(initial=0) / max(1, real))


def by_operator(county: Path, *, seed: int) -> Iterator[tuple[str, tuple[int, float, float]]]:
    """Yield clues expected, recall of equal numbers alone and of sure clues, by error operator on either side."""
    found = judged(county, seed=seed)
    before, after = (score_by_slip(way, found.truth) for way in (found.before, found.sure))
    for slip in sorted(after, key=lambda s: (-after[s].expected, s)):
        if after[slip].expected >= FEWEST:
            yield slip, (after[slip].expected, before[slip].recall, after[slip].recall)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("county", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args(arguments)
    sides = judge(a.county, seed=a.seed)
    found: dict[str, object] = {
        "unsettled": {**counted(sides, unsettled=True), "recall_at_99": recall_at(sides, PRECISION)},
        "all": counted(sides, unsettled=False),
        "operators": dict(by_operator(a.county, seed=a.seed)),
    }
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
