"""Link two populations: token joins, then the full fuzzy comparison, then one fitted score, then grades."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from linkage.encoded import EncodedPopulation, Grade, is_mapped, take_rows
from linkage.errors import LimitError
from linkage.match.candidates import FULL_COMPARISONS, PAIRS_AT_ONCE, Effort, Prospect, find_prospect
from linkage.match.distances import Progress
from linkage.match.evidence import features, score
from linkage.match.grades import Candidates, ambiguous, final_grades, name_agrees, numbers_differ, two_numbers
from linkage.match.joins import EMPTY, Pairs, distinct_pairs, unpack
from linkage.match.kernel.engine import available_cores
from linkage.schema import EncodingSchema

MOST_PAIRS = 200_000_000  # To judge; some minutes on two cores, and 4 GB where every one of them fits.


@dataclass(frozen=True, slots=True, repr=False)
class Links:
    """Hold the links of one population, sorted by (anchor, grade, other): int32, int32, uint8 (Grade)."""

    anchor: npt.NDArray[np.int32]
    other: npt.NDArray[np.int32]
    grade: npt.NDArray[np.uint8]
    effort: Effort = field(default_factory=Effort)

    def __len__(self) -> int:
        return len(self.anchor)

    def __repr__(self) -> str:
        return f"Links(n={len(self)})"


def link(
    anchors: EncodedPopulation,
    others: EncodedPopulation,
    schema: EncodingSchema,
    *,
    need_context: bool,
    wide: bool,
    most: int = FULL_COMPARISONS,
    most_pairs: int = MOST_PAIRS,
    progress: Progress | None = None,
) -> Links:
    """Link every anchor to the rows of `others` that are the same person, as far as the encodings tell.

    With `need_context` only rows sharing the context token are compared. With `wide` the grade W band is reported too.
    At most `most` filters are compared: all with all while that suffices, else as candidates.py says. `progress` gets
    (done, planned) comparisons, and where not all were made, pairs judged on top of them. Deterministic; does not
    depend on row order. Reveals nothing beyond the pairs and their grades. Raises LimitError before judging when there
    would be over `most_pairs` pairs to judge.
    """
    prospect = find_prospect(anchors, others, schema, need_context=need_context, most=most, progress=progress)
    pairs = prospect.most_pairs()
    if pairs > most_pairs:
        raise LimitError(f"需判定 {pairs} 对，上限 {most_pairs}", f"{pairs} pairs to judge, at most {most_pairs}")
    compared = prospect.effort.compared

    def say(judged: int) -> None:
        if progress is not None and compared < len(anchors) * len(others):
            progress(compared + judged, compared + pairs)

    found = judge_all(anchors, others, prospect, schema, say=say)
    say(pairs)
    unclear = ambiguous(found, schema.decision.margin, same_person(others, schema), same_person(anchors, schema))
    grade = final_grades(found, schema.decision, unclear, rows=len(others))
    keep = np.flatnonzero((grade > 0) & ((grade != Grade.W) | wide))
    i, j, grade = found.pairs[0][keep], found.pairs[1][keep], grade[keep]
    order = np.lexsort((j, grade, i))
    return Links(i[order], j[order], grade[order], replace(prospect.effort, judged=pairs))


def candidate_pairs(
    anchors: EncodedPopulation, others: EncodedPopulation, schema: EncodingSchema, *, need_context: bool
) -> Pairs:
    """Return all pairs `link` would judge, sorted by (anchor, row), at once: for small populations."""
    prospect = find_prospect(anchors, others, schema, need_context=need_context)
    return unpack(distinct_pairs(list(prospect.parts())))


def judge_all(
    a: EncodedPopulation,
    b: EncodedPopulation,
    prospect: Prospect,
    schema: EncodingSchema,
    *,
    say: Callable[[int], None] = lambda judged: None,
) -> Candidates:
    """Score all pairs of a prospect, a bounded number at a time on all cores, and keep those that could still link."""
    cores, judged = available_cores(), 0
    parts, waiting = [judge(a, b, EMPTY, schema)], deque[Future[Candidates]]()
    with ThreadPoolExecutor(cores) as pool:
        for packed in prospect.parts():
            waiting.append(pool.submit(judge, a, b, unpack(packed), schema))
            if len(waiting) > cores:
                parts.append(waiting.popleft().result())
                say(judged)
            judged += len(packed)
        parts.extend(future.result() for future in waiting)
    return Candidates(
        (np.concatenate([p.pairs[0] for p in parts]), np.concatenate([p.pairs[1] for p in parts])),
        np.concatenate([p.score for p in parts]),
        np.concatenate([p.same_number for p in parts]),
        np.concatenate([p.other_number for p in parts]),
        np.concatenate([p.same_name for p in parts]),
        np.concatenate([p.name_birth_sex for p in parts]),
    )


def judge(a: EncodedPopulation, b: EncodedPopulation, pairs: Pairs, schema: EncodingSchema) -> Candidates:
    """Score candidate pairs and keep those that could still become a link."""
    columns = gathered_features(a, b, pairs, schema)
    total = score(columns, schema)
    keep = total >= schema.decision.wide
    return Candidates(
        (pairs[0][keep], pairs[1][keep]),
        total[keep],
        columns["agree:number"][keep] > 0,
        numbers_differ(columns)[keep],
        name_agrees(columns)[keep],
        columns["agree:name_birth_sex"][keep] > 0,
    )


def gathered_features(
    a: EncodedPopulation, b: EncodedPopulation, pairs: Pairs, schema: EncodingSchema
) -> dict[str, npt.NDArray[np.float32]]:
    """Return the features of pairs; rows that lie on disk are read first, in their order."""
    if not is_mapped(a) and not is_mapped(b):
        return features(a, b, pairs, schema)
    rows_a, i = np.unique(pairs[0], return_inverse=True)
    rows_b, j = np.unique(pairs[1], return_inverse=True)
    near = (i.astype(np.int32), j.astype(np.int32))
    return features(take_rows(a, rows_a), take_rows(b, rows_b), near, schema)


def same_person(
    population: EncodedPopulation, schema: EncodingSchema
) -> Callable[[npt.NDArray[np.int32], npt.NDArray[np.int32]], npt.NDArray[np.bool_]]:
    """Return a judge of whether two rows of one population are one person: a duplicate, not a rival.

    An equal number or equal name, birth and sex; otherwise the score must say so and neither number nor birth may
    differ, for namesakes of one village are alike too.
    """

    def some(i: npt.NDArray[np.int32], j: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        columns = gathered_features(population, population, (i, j), schema)
        other = two_numbers(columns)
        certain = (columns["agree:number"] > 0) | ((columns["agree:name_birth_sex"] > 0) & ~other)
        contradicted = other | (columns["differ:both_birth"] > 0)
        return certain | ((score(columns, schema) >= schema.decision.sure) & ~contradicted)

    def judged(i: npt.NDArray[np.int32], j: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        parts = [slice(start, start + PAIRS_AT_ONCE) for start in range(0, len(i), PAIRS_AT_ONCE)]
        return np.concatenate([np.zeros(0, np.bool_), *(some(i[part], j[part]) for part in parts)])

    return judged
