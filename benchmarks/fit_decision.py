"""Fit the decision table of `person-v1` on generated counties and write it into the schema file.

    python -m benchmarks.fit_decision COUNTY… [--judge COUNTY…] [--write]

The counties come from `python -m linkage.demo.county` (seeds 101-103 normal, 201-202 harsh, population 60,000 made the
shipped table). They teach what offices do to rows; a county is too small to teach how many people of a province bear
one name in one village, or look alike by chance, so a large crowd (benchmarks/crowd.py) is fitted on as well.
Candidates are found and described exactly as in a round; only their labels come from the truth. The classifier is
recordlinkage's logistic regression; a coefficient is a weight of the schema. The cuts are not fitted: `sure`, `near`
and `wide` lie 1, 2 and 4 log odds below even odds. `agree:context` cannot be learnt from pairs found without a context;
its weight is set by hand, as log odds of one suspect among the people of a case.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.county import (
    as_of_of,
    encode_rows,
    encoder_for,
    newest,
    offices,
    read_csv,
    read_own,
    register_truth,
    row_key,
)
from benchmarks.crowd import AS_OF, Crowd
from linkage.encode.bulk import BulkEncoder
from linkage.encode.raw_rows import RawChunk
from linkage.encode.roundkey import RoundKey
from linkage.encode.rows import RowEncoder
from linkage.encoded import EncodedPopulation, population_from_rows
from linkage.match.candidates import find_prospect
from linkage.match.evidence import features
from linkage.match.joins import unpack
from linkage.match.link import candidate_pairs
from linkage.normalise.person import RawPerson
from linkage.schema import load_schema

SCHEMA = load_schema("person-v1")
FILE = Path(__file__).parents[1] / "linkage" / "schemas" / "person-v1.toml"
CONTEXT_WEIGHT = 4.0
SMALLEST = 0.05
CUTS = {"sure": -1.0, "near": -2.0, "wide": -4.0, "margin": 2.0, "false_links": 0.001, "crowd": 200_000}
CROWD = Crowd(40_000, 400_000, seed=77)
OWN_SLOTS = {"party": "parties", "aided": "aided"}


@dataclass(frozen=True, slots=True)
class Labelled:
    """Candidate pairs of one county: features (n, f), labels (n,), and the number of true pairs that exist."""

    values: npt.NDArray[np.float32]
    same: npt.NDArray[np.bool_]
    by_number: npt.NDArray[np.bool_]
    existing: int


def names() -> list[str]:
    """Return the feature names in the fixed order of the columns."""
    empty = population_from_rows(np.zeros(0, SCHEMA.layout(False).dtype))
    pairs = (np.zeros(0, np.int32), np.zeros(0, np.int32))
    return sorted(n for n in features(empty, empty, pairs, SCHEMA) if not n.endswith(":context"))


def own_side(county: Path, encoder: RowEncoder) -> tuple[EncodedPopulation, npt.NDArray[np.str_]]:
    """Encode the procuratorate's resolved persons; a person's truth is that of most of its rows."""
    _, persons = read_own(county, as_of_of(county), papers=False)
    truth = {
        (OWN_SLOTS[row["slot"]], row["case_no"], row["row_id"]): row["person"]
        for row in read_csv(county / "truth" / "rows.csv")
        if row["slot"] in OWN_SLOTS and row["row_id"]
    }
    people, true = [], []
    for person in persons:
        known = [truth[key] for r in person.rows if (key := (str(r.source), r.case, r.row)) in truth]
        if known:
            people.append(person.person)
            true.append(max(sorted(set(known)), key=known.count))
    return population_from_rows(encoder.encode(people)), np.array(true)


def register_sides(county: Path, encoder: RowEncoder) -> list[tuple[EncodedPopulation, npt.NDArray[np.str_]]]:
    """Encode every dataset's newest snapshot, active or not."""
    as_of, truth, sides = as_of_of(county), register_truth(county), []
    for office, registers in offices(county, as_of).items():
        for dataset in registers.datasets():
            rows = list(registers.rows(newest(office, dataset.id)))
            true = np.array([truth.get(row_key(r), "?") for r in rows])
            sides.append((encode_rows(rows, encoder, SCHEMA, as_of=as_of), true))
    return sides


def labelled(county: Path, *, seed: int) -> Labelled:
    """Find and describe the candidate pairs of a county, and label them."""
    encoder = encoder_for(SCHEMA, f"fit{seed}")
    anchors, own = own_side(county, encoder)
    columns = names()
    values, same, number, existing = [], [], [], 0
    for others, theirs in register_sides(county, encoder):
        i, j = candidate_pairs(anchors, others, SCHEMA, need_context=False)
        found = features(anchors, others, (i, j), SCHEMA)
        values.append(np.stack([found[c] for c in columns], axis=1))
        same.append(own[i] == theirs[j])
        number.append(found["agree:number"] > 0)
        existing += int(sum((theirs == person).sum() for person in own))
    return Labelled(np.concatenate(values), np.concatenate(same), np.concatenate(number), existing)


def labelled_crowd(crowd: Crowd) -> Labelled:
    """Find and describe the pairs of a crowd that share a token or lie near, and label them: a minute or two."""
    encoder = BulkEncoder(SCHEMA, RoundKey(bytes(31) + b"c"), as_of=AS_OF, threads=os.cpu_count() or 1)
    left, right = (_crowd_side(crowd, side, encoder) for side in ("left", "right"))
    truth = np.sort(np.concatenate([(i << 32 | j) for i, j in crowd.truth()]))
    values, same, number = [], [], []
    for packed in find_prospect(left, right, SCHEMA).parts():
        found = features(left, right, unpack(packed), SCHEMA)
        values.append(np.stack([found[c] for c in names()], axis=1))
        same.append(np.isin(packed, truth))
        number.append(found["agree:number"] > 0)
    return Labelled(np.concatenate(values), np.concatenate(same), np.concatenate(number), len(truth))


def _crowd_side(crowd: Crowd, side: str, encoder: BulkEncoder) -> EncodedPopulation:
    raw = (RawChunk([_person(r) for r in rows]) for rows in crowd.chunks(side))
    return population_from_rows(np.concatenate([chunk.rows for chunk in encoder.encode(raw)]))


def _person(row: Sequence[str]) -> RawPerson:
    name, number, sex, birth, address, phone = row
    return RawPerson(name=name, id_number=number, sex=sex, birth=birth, address=address, phone=phone)


def fit(parts: list[Labelled]) -> tuple[float, dict[str, float]]:
    """Return bias and weights, rounded as they are shipped.

    A weight of the wrong sign is noise, and would let a field that agrees lower a grade: such features are left out
    and the rest is fitted again, until every sign is right.
    """
    columns = names()
    values, same = np.concatenate([p.values for p in parts]), np.concatenate([p.same for p in parts])
    while True:
        bias, weights = _regression(values, same, columns)
        wrong = {n for n, w in weights.items() if (w > 0) == n.startswith("differ:") and w}
        if not wrong:
            break
        values = values[:, [n not in wrong for n in columns]]
        columns = [n for n in columns if n not in wrong]
    shipped = {n: round(w, 2) for n, w in weights.items() if abs(w) >= SMALLEST}
    return round(bias, 2), {**shipped, "agree:context": CONTEXT_WEIGHT}


def _regression(
    values: npt.NDArray[np.float32], same: npt.NDArray[np.bool_], columns: list[str]
) -> tuple[float, dict[str, float]]:
    import pandas as pd
    from recordlinkage import LogisticRegressionClassifier

    frame = pd.DataFrame(values, columns=columns)
    frame.index = pd.MultiIndex.from_arrays([frame.index, frame.index])
    model = LogisticRegressionClassifier()
    model.kernel.set_params(C=0.3, max_iter=5000)
    model.fit(frame, frame.index[same])
    return float(model.intercept), dict(zip(columns, map(float, model.coefficients), strict=True))


def report(name: str, part: Labelled, bias: float, weights: dict[str, float]) -> None:
    """Print precision and recall at several cuts, for all pairs and for those no equal number settles."""
    columns = names()
    score = part.values @ np.array([weights.get(n, 0.0) for n in columns]) + bias
    rest = ~part.by_number
    left = part.existing - int((part.same & part.by_number).sum())
    for cut in (1.0, 0.0, -1.0, -2.0, -4.0):
        kept: npt.NDArray[np.bool_] = score >= cut
        hits, hits_rest = (part.same & kept).sum(), (part.same & kept & rest).sum()
        print(
            f"{name:14} cut {cut:5.1f}  all P {hits / kept.sum():.4f} R {hits / part.existing:.4f}"
            f"  without number P {hits_rest / (kept & rest).sum():.4f} R {hits_rest / left:.4f} of {left}"
        )


def write(bias: float, weights: dict[str, float]) -> None:
    """Replace the decision table at the end of the schema file."""
    head = FILE.read_text(encoding="utf-8").split("[decision]")[0]
    lines = ["[decision]", f"bias = {bias}", *(f"{k} = {v}" for k, v in CUTS.items()), "", "[decision.weights]"]
    lines += [f'"{name}" = {weight}' for name, weight in sorted(weights.items())]
    FILE.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("county", type=Path, nargs="+")
    parser.add_argument("--judge", type=Path, nargs="*", default=[])
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    bias, weights = fit([*(labelled(c, seed=i) for i, c in enumerate(args.county)), labelled_crowd(CROWD)])
    for i, county in enumerate(args.judge):
        report(county.name, labelled(county, seed=100 + i), bias, weights)
    if args.write:
        write(bias, weights)


if __name__ == "__main__":
    main()
