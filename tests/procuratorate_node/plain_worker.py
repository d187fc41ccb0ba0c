"""Run the real worker with a plain, quick matcher: an equal number token, and an equal context where one is needed."""

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
    kinds = ("number", "context") if need_context else ("number",)
    columns = [at for at, kind in enumerate(schema.tokens) if kind.id in kinds]
    where: dict[bytes, list[int]] = {}
    for at, tokens in enumerate(others.tokens):
        where.setdefault(tokens[columns].tobytes(), []).append(at)
    pairs = [
        (i, j)
        for i, tokens in enumerate(anchors.tokens)
        if tokens[columns].any(axis=1).all()
        for j in where.get(tokens[columns].tobytes(), [])
    ]
    found = np.array(sorted(pairs), np.int32).reshape(-1, 2)
    effort = SimpleNamespace(compared=0, judged=len(found), left_out=0)
    return SimpleNamespace(anchor=found[:, 0], other=found[:, 1], grade=np.ones(len(found), np.uint8), effort=effort)


if __name__ == "__main__":
    sys.exit(worker.serve(link))
