"""What is known about a candidate pair without any truth, as named features, and the score a schema gives it.

Features: `agree:<tag>` · `differ:<witness>` (the rows share the witness, and no token it is against) · `dice` and
`overlap` of the filters before diffusion, estimated from distance and popcounts. Which tokens a row has is not to be
seen. A missing field sets nothing, so it never counts against a pair; and as no weight but those of `differ:` is
negative, a field that agrees never lowers a score.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from linkage.encoded import EncodedPopulation
from linkage.match.distances import hamming_pairs, popcounts
from linkage.match.joins import Pairs, agreement, columns_of_tag, witnesses_of
from linkage.schema import EncodingSchema

Column = npt.NDArray[np.float32]


def undiffuse(share: npt.NDArray[np.float32], degree: int) -> npt.NDArray[np.float32]:
    """Return the share of set (or differing) bits before diffusion, given the share after; saturates near one half."""
    if degree == 0:
        return share
    lean = np.clip(1 - 2 * share, 1e-3, 1)
    return ((1 - lean ** (1 / degree)) / 2).astype(np.float32)


def similarity(
    a: EncodedPopulation, b: EncodedPopulation, pairs: Pairs, schema: EncodingSchema
) -> tuple[Column, Column]:
    """Return (Dice, overlap coefficient) of the undiffused filters per pair, each clipped to 0..1."""
    i, j = pairs
    bits = np.float32(schema.filter_bits)
    differ = undiffuse(hamming_pairs(a.filters, b.filters, i, j) / bits, schema.diffusion)
    fill_a = undiffuse((popcounts(a.filters, i) / bits).astype(np.float32), schema.diffusion)
    fill_b = undiffuse((popcounts(b.filters, j) / bits).astype(np.float32), schema.diffusion)
    shared = (fill_a + fill_b - differ) / 2
    total = np.maximum(fill_a + fill_b, 1e-6)
    smaller = np.maximum(np.minimum(fill_a, fill_b), 1e-6)
    return np.clip(2 * shared / total, 0, 1), np.clip(shared / smaller, 0, 1)


def features(a: EncodedPopulation, b: EncodedPopulation, pairs: Pairs, schema: EncodingSchema) -> dict[str, Column]:
    """Return every feature by name, one float32 per pair."""
    out: dict[str, Column] = {}
    for tag, columns in columns_of_tag(schema).items():
        out[f"agree:{tag}"] = agreement(a.tokens, b.tokens, pairs, columns).astype(np.float32)
    for witness, (tag, columns) in witnesses_of(schema).items():
        both = agreement(a.tokens, b.tokens, pairs, columns).astype(np.float32)
        out[f"differ:{witness}"] = both * (1 - out[f"agree:{tag}"])
    dice, overlap = similarity(a, b, pairs, schema)
    out["dice"], out["overlap"] = dice, overlap
    return out


def score(columns: Mapping[str, Column], schema: EncodingSchema) -> npt.NDArray[np.float32]:
    """Return bias + Σ weight · feature per pair: the fitted log odds that the two rows are one person."""
    table = schema.decision
    total = np.full(len(next(iter(columns.values()))), table.bias, np.float32)
    for name, weight in table.weights.items():
        total += np.float32(weight) * columns[name]
    return total
