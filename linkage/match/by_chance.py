"""Link by the chance rule alone: what lies nearer than unrelated rows do, with a bonus for a shared token.

No truth, no training and no assumed share of partners. How far apart unrelated rows lie is first said by the diffusion
(distances.py) and then corrected by a sample of pairs of the very rows: short rows of one language are a little alike.
The cut lies so many standard deviations below that as leaves `false_links` per row of the smaller side expected.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linkage.encoded import EncodedPopulation
from linkage.errors import ConfigError
from linkage.match.assign import Assigned, components, one_to_one, pairs_within
from linkage.match.distances import Progress, chance_z, hamming_pairs, popcounts
from linkage.match.joins import Pairs, candidates_by_token, distinct_pairs, pack, unpack
from linkage.match.kernel import chance_rule, compare
from linkage.schema import ChanceRule, EncodingSchema

SAMPLE_PAIRS = 1 << 17
SAMPLE_SEED = 1  # Any: the sample only has to be the same in every run.
OUTLIERS = 4.5  # Standard deviations: sampled pairs nearer than this are hardly unrelated.


@dataclass(frozen=True, slots=True)
class Chance:
    """Hold how near unrelated rows of two files lie, in standard deviations of an ideal diffusion, and the cut."""

    mean: float
    spread: float
    cut: float


@dataclass(frozen=True, slots=True, repr=False)
class ChanceLinks:
    """Hold pairs sorted by (left, right), int32, and how many bits nearer than chance each lies, bonus included."""

    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    score: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.left)

    def __repr__(self) -> str:
        return f"ChanceLinks(n={len(self)})"

    def assigned(self) -> Assigned:
        """Say which pairs are links when every row has at most one partner, and which are unclear."""
        return one_to_one(self.left, self.right, self.score)


def rule_of(schema: EncodingSchema) -> ChanceRule:
    """Return the schema's chance rule. Raises ConfigError for a schema that decides otherwise."""
    if schema.chance is None:
        raise ConfigError(f"编码方案 {schema.id} 不按机会规则判定", f"schema {schema.id} does not decide by chance")
    return schema.chance


def nearness(a: EncodedPopulation, b: EncodedPopulation, pairs: Pairs) -> npt.NDArray[np.float32]:
    """Return per pair how many bits nearer it lies than the popcounts of its rows explain."""
    bits = np.float32(a.filters.shape[1] * 64)
    lean_a, lean_b = (1 - 2 * popcounts(x.filters).astype(np.float32) / bits for x in (a, b))
    expected = (1 - lean_a[pairs[0]] * lean_b[pairs[1]]) * (bits / 2)
    return (expected - hamming_pairs(a.filters, b.filters, *pairs)).astype(np.float32)


def chance_of(a: EncodedPopulation, b: EncodedPopulation, schema: EncodingSchema, *, pairs: int) -> Chance:
    """Measure how near unrelated rows lie on a sample, and place the cut for so many pairs compared."""
    draw = np.random.default_rng(SAMPLE_SEED)
    i, j = (_by_content(x)[draw.integers(0, len(x), SAMPLE_PAIRS)] for x in (a, b))
    found = nearness(a, b, (i, j)) / np.float32(np.sqrt(schema.filter_bits) / 2)
    middle = float(np.median(found))
    kept = found[found < middle + OUTLIERS]
    mean, spread = float(kept.mean()), max(1.0, float(kept.std()))
    z = chance_z(pairs, min(len(a), len(b)), rule_of(schema).false_links)
    return Chance(mean, spread, mean + spread * z)


def _by_content(x: EncodedPopulation) -> npt.NDArray[np.int32]:
    """Return the rows in an order that does not depend on how they came."""
    return np.lexsort((x.filters[:, 1], x.filters[:, 0])).astype(np.int32)


def link_files(
    left: EncodedPopulation,
    right: EncodedPopulation,
    schema: EncodingSchema,
    *,
    looser: float = 0.0,
    progress: Progress | None = None,
) -> ChanceLinks:
    """Return every pair of two files that is nearer than chance. Raises ConfigError for another kind of schema.

    `looser` lowers the cut by so many standard deviations, for whoever wants to see what lies beyond it.
    """
    if not len(left) or not len(right):
        return _sorted(left, right, [], schema)
    cut = chance_of(left, right, schema, pairs=len(left) * len(right)).cut - looser
    near = compare(left.filters, right.filters, chance_rule(schema.filter_bits, cut), progress=progress)
    return _sorted(left, right, [near, *_sharing(left, right, schema, cut)], schema)


def find_duplicates(
    file: EncodedPopulation, schema: EncodingSchema, *, looser: float = 0.0, progress: Progress | None = None
) -> ChanceLinks:
    """Return every pair (left < right) of one file that is nearer than chance; `looser` as in link_files."""
    if len(file) < 2:
        return _sorted(file, file, [], schema)
    cut = chance_of(file, file, schema, pairs=len(file) * (len(file) - 1) // 2).cut - looser
    near = compare(file.filters, file.filters, chance_rule(schema.filter_bits, cut), progress=progress)
    found = [near, *_sharing(file, file, schema, cut)]
    return _sorted(file, file, [(i[i < j], j[i < j]) for i, j in found], schema)


def connected(rows: int, links: ChanceLinks) -> Pairs:
    """Return all pairs (left < right) of rows that links connect, directly or through others."""
    return pairs_within(components(rows, links.left, links.right))


def _sharing(a: EncodedPopulation, b: EncodedPopulation, schema: EncodingSchema, cut: float) -> list[Pairs]:
    """Return the pairs that share a token and with the bonus lie beyond the cut."""
    out = []
    for _, pairs in candidates_by_token(a.tokens, b.tokens, schema):
        bits = nearness(a, b, pairs) + np.float32(rule_of(schema).token_bonus * schema.filter_bits)
        kept = bits >= np.float32(cut * np.sqrt(schema.filter_bits) / 2)
        out.append((pairs[0][kept], pairs[1][kept]))
    return out


def _sorted(a: EncodedPopulation, b: EncodedPopulation, found: list[Pairs], schema: EncodingSchema) -> ChanceLinks:
    """Join the pairs found, the first by nearness and the rest by a shared token, and score them."""
    packed = [pack(pairs) for pairs in found]
    distinct, sharing = distinct_pairs(packed), distinct_pairs(packed[1:])
    i, j = unpack(distinct)
    shared = np.isin(distinct, sharing, assume_unique=True)
    bonus = round(rule_of(schema).token_bonus * schema.filter_bits)
    score = np.rint(nearness(a, b, (i, j))).astype(np.int32) + bonus * shared.astype(np.int32)
    return ChanceLinks(i, j, score)
