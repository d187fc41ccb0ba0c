"""Link two CSVs of persons on hardened encodings, in one process, and judge it: the counterpart of `splink_persons`.

    python -m benchmarks.crowd_link FOLDER [--threads N] [--comparisons N] [--pairs FILE.npy]

FOLDER has what `python -m benchmarks.large_round --export FOLDER` writes. Seconds run from the first byte read to the
last pair kept, normalising and encoding both sides included; loading compiled code is timed apart, as every program of
the product does it once. A link of grade A to D counts as said at the default threshold; best grades first, one to one.
`--comparisons` bounds the filters compared, as for a round too large to compare all; `--pairs` keeps the links found.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.crowd import AS_OF
from linkage.coordinator.config import Quotas
from linkage.coordinator.work import budget_of
from linkage.encode.bulk import BulkEncoder
from linkage.encode.raw_rows import RawChunk
from linkage.encode.roundkey import RoundKey
from linkage.encoded import EncodedPopulation, Grade, population_from_rows
from linkage.match import link, warm_up
from linkage.match.link import Links
from linkage.normalise.person import RawPerson
from linkage.schema import load_schema

CHUNK = 8192
SCHEMA = load_schema("person-v1")
Pair = tuple[int, int]


def read_rows(file: Path) -> Iterator[RawChunk]:
    """Yield the rows of a CSV (row, name, id_number, sex, birth, address, phone) in chunks."""
    with file.open(encoding="utf-8", newline="") as opened:
        rows = csv.reader(opened)
        next(rows)
        while chunk := list(islice(rows, CHUNK)):
            yield RawChunk([
                RawPerson(name=r[1], id_number=r[2], sex=r[3], birth=r[4], address=r[5], phone=r[6]) for r in chunk
            ])  # fmt: skip


def encode_file(file: Path, encoder: BulkEncoder) -> EncodedPopulation:
    """Encode a whole CSV."""
    parts = [chunk.rows for chunk in encoder.encode(read_rows(file))]
    return population_from_rows(np.concatenate([np.zeros(0, SCHEMA.layout(False).dtype), *parts]))


def one_to_one(links: Links) -> list[Pair]:
    """Return the pairs kept of those that are said for sure: best grade first, then by row."""
    sure = np.flatnonzero(links.grade <= Grade.D)
    order = sure[np.lexsort((links.other[sure], links.anchor[sure], links.grade[sure]))]
    lefts, rights, kept = set[int](), set[int](), list[Pair]()
    for left, right in zip(links.anchor[order].tolist(), links.other[order].tolist(), strict=True):
        if left not in lefts and right not in rights:
            lefts.add(left)
            rights.add(right)
            kept.append((left, right))
    return kept


def read_truth(folder: Path) -> set[Pair]:
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return {(int(row[0]), int(row[1])) for row in rows}


def score(right: int, kept: int, real: int) -> dict[str, float]:
    """Return precision, recall and F1."""
    precision, recall = right / kept if kept else 0.0, right / real if real else 0.0
    return {"precision": precision, "recall": recall, "f1": 2 * right / (kept + real) if kept + real else 0.0}


def run(folder: Path, threads: int, most: int, pairs: Path | None) -> dict[str, object]:
    """Link and return what was measured; write the links found, as left << 32 | right, where asked."""
    started = time.perf_counter()
    encoder = BulkEncoder(SCHEMA, RoundKey(bytes(32)), as_of=AS_OF, threads=threads)
    warm_up(SCHEMA, monotonic=time.perf_counter)
    began, spent = time.perf_counter(), time.process_time()
    left, right = (encode_file(folder / f"{side}.csv", encoder) for side in ("left", "right"))
    encoded = time.perf_counter()
    most = most if most >= 0 else budget_of(len(left) * len(right), Quotas().full_comparisons)
    links = link(left, right, SCHEMA, need_context=False, wide=False, most=most)
    matched = time.perf_counter()
    kept = one_to_one(links)
    ended, cpu = time.perf_counter(), time.process_time() - spent
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    truth = read_truth(folder)
    if pairs:
        np.save(pairs, np.unique(links.anchor.astype(np.int64) << 32 | links.other))
    return {
        "rows": [len(left), len(right)],
        "seconds": ended - began,
        "cpu": cpu,
        "stages": {"encode": encoded - began, "match": matched - encoded, "assign": ended - matched},
        "loading": began - started,
        "peak_mib": peak,
        "pairs": len(links),
        "compared": links.effort.compared,
        "cannot_tell": int((links.grade == Grade.E).sum()),
        "default": score(len(truth.intersection(kept)), len(kept), len(truth)),
        "threads": threads,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--comparisons", type=int, default=-1, help="at most; as a round does when left out")
    parser.add_argument("--pairs", type=Path)
    a = parser.parse_args(arguments)
    print(json.dumps(run(a.folder, a.threads, a.comparisons, a.pairs)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
