"""Link two populations: token joins, then the full fuzzy comparison, then one fitted score, then grades."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linkage.encoded import EncodedPopulation, Grade
from linkage.match.distances import Progress, chance_z
from linkage.match.evidence import features, score
from linkage.match.grades import Candidates, ambiguous, final_grades, name_agrees
from linkage.match.joins import EMPTY, Pairs, candidates_by_token, columns_of_tag, join_tag
from linkage.match.kernel import chance_rule, compare
from linkage.schema import EncodingSchema

CANDIDATES_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True, repr=False)
class Links:
    """Hold the links of one population, sorted by (anchor, grade, other): int32, int32, uint8 (Grade)."""

    anchor: npt.NDArray[np.int32]
    other: npt.NDArray[np.int32]
    grade: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.anchor)

    def __repr__(self) -> str:
        return f"Links(n={len(self)})"


def predicted_comparisons(anchors: int, others: int, *, need_context: bool) -> int:
    """Return how many filter comparisons `link` will make, before it makes any."""
    return 0 if need_context else anchors * others


def link(
    anchors: EncodedPopulation,
    others: EncodedPopulation,
    schema: EncodingSchema,
    *,
    need_context: bool,
    wide: bool,
    progress: Progress | None = None,
) -> Links:
    """Link every anchor to the rows of `others` that are the same person, as far as the encodings tell.

    With `need_context` only rows sharing the context token are compared. With `wide` the grade W band is reported too.
    Deterministic; does not depend on row order. Reveals nothing beyond the pairs and their grades.
    """
    pairs = candidate_pairs(anchors, others, schema, need_context=need_context, progress=progress)
    found = judge(anchors, others, pairs, schema)
    unclear = ambiguous(found, schema.decision.margin, same_person(others, schema), same_person(anchors, schema))
    grade = final_grades(found, schema.decision, unclear)
    keep = np.flatnonzero((grade > 0) & ((grade != Grade.W) | wide))
    i, j, grade = found.pairs[0][keep], found.pairs[1][keep], grade[keep]
    order = np.lexsort((j, grade, i))
    return Links(i[order], j[order], grade[order])


def candidate_pairs(
    anchors: EncodedPopulation,
    others: EncodedPopulation,
    schema: EncodingSchema,
    *,
    need_context: bool,
    progress: Progress | None = None,
) -> Pairs:
    """Return the distinct pairs worth judging, sorted by (anchor, row)."""
    if not len(anchors) or not len(others):
        return EMPTY
    if need_context:
        return join_tag(anchors.tokens, others.tokens, columns_of_tag(schema)["context"])
    found = [pairs for _, pairs in candidates_by_token(anchors.tokens, others.tokens, schema)]
    total = len(anchors) * len(others)
    z = chance_z(total, min(len(anchors), len(others)), schema.decision.false_links)
    rule = chance_rule(anchors.filters.shape[1] * 64, z)
    found.append(compare(anchors.filters, others.filters, rule, progress=progress))
    packed = np.unique(np.concatenate([i.astype(np.int64) << 32 | j.astype(np.int64) for i, j in found]))
    return (packed >> 32).astype(np.int32), (packed & 0xFFFFFFFF).astype(np.int32)


def judge(a: EncodedPopulation, b: EncodedPopulation, pairs: Pairs, schema: EncodingSchema) -> Candidates:
    """Score candidate pairs, a bounded number at a time, and keep those that could still become a link."""
    parts: list[Candidates] = []
    for start in range(0, max(1, len(pairs[0])), CANDIDATES_AT_ONCE):
        part = (pairs[0][start : start + CANDIDATES_AT_ONCE], pairs[1][start : start + CANDIDATES_AT_ONCE])
        columns = features(a, b, part, schema)
        total = score(columns, schema)
        keep = total >= schema.decision.wide
        parts.append(
            Candidates(
                (part[0][keep], part[1][keep]),
                total[keep],
                columns["agree:number"][keep] > 0,
                columns["differ:number"][keep] > 0,
                name_agrees(columns)[keep],
                columns["agree:name_birth_sex"][keep] > 0,
            )
        )
    return Candidates(
        (np.concatenate([p.pairs[0] for p in parts]), np.concatenate([p.pairs[1] for p in parts])),
        np.concatenate([p.score for p in parts]),
        np.concatenate([p.same_number for p in parts]),
        np.concatenate([p.other_number for p in parts]),
        np.concatenate([p.same_name for p in parts]),
        np.concatenate([p.name_birth_sex for p in parts]),
    )


def same_person(
    population: EncodedPopulation, schema: EncodingSchema
) -> Callable[[npt.NDArray[np.int32], npt.NDArray[np.int32]], npt.NDArray[np.bool_]]:
    """Return a judge of whether two rows of one population are one person: a duplicate, not a rival.

    An equal number or equal name and birth; otherwise the score must say so and neither number nor name with birth may
    differ, for namesakes of one village are alike too.
    """

    def judged(i: npt.NDArray[np.int32], j: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        columns = features(population, population, (i, j), schema)
        certain = (columns["agree:number"] > 0) | ((columns["agree:name_birth"] > 0) & ~(columns["differ:number"] > 0))
        contradicted = (columns["differ:number"] > 0) | (columns["differ:name_birth"] > 0)
        return certain | ((score(columns, schema) >= schema.decision.sure) & ~contradicted)

    return judged
