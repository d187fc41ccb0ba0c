"""Run the real worker with a plain matcher: rows are one person when their filters are equal."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from linkage.coordinator import worker
from linkage.encoded import EncodedPopulation
from linkage.schema import EncodingSchema


def link(
    anchors: EncodedPopulation,
    others: EncodedPopulation,
    schema: EncodingSchema,
    *,
    need_context: bool,
    wide: bool,
    most: int,
    most_pairs: int,
    progress: object = None,
) -> SimpleNamespace:
    where: dict[bytes, list[int]] = {}
    for at, row in enumerate(others.filters):
        where.setdefault(row.tobytes(), []).append(at)
    pairs = [(i, j) for i, row in enumerate(anchors.filters) for j in where.get(row.tobytes(), [])]
    found = np.array(pairs, np.int32).reshape(-1, 2)
    effort = SimpleNamespace(compared=len(anchors) * len(others), judged=len(found), left_out=0)
    return SimpleNamespace(anchor=found[:, 0], other=found[:, 1], grade=np.ones(len(found), np.uint8), effort=effort)


if __name__ == "__main__":
    sys.exit(worker.serve(link))
