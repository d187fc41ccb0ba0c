"""What one upload shows beside the filters: flags, places of tokens that are empty, and which rows share a token.

A token hides its value but not who shares it, and sharing is the same under every key. So the attacker, who encodes
the same people under a key of its own, sorts rows and people into one set of classes by colour refinement: first by
flags, empty places and being known, then again and again by the classes of those a token is shared with.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from linkage.risk.crowd import Crowd, Ints, Rows
from linkage.risk.graph import Classes
from linkage.schema import EncodingSchema

REFINEMENTS = 4
Members = list[tuple[int, list[int]]]  # Of each shared value its tag and its rows.


def structure_classes(crowd: Crowd, schema: EncodingSchema, seeds: Ints) -> Classes:
    """Return the classes of the upload's rows and of the attacker's people; known pairs have a class of their own."""
    return classes_of(crowd.rows, crowd.own, schema, (seeds, crowd.order[seeds]))


def classes_of(seen: Rows, own: Rows, schema: EncodingSchema, known: tuple[Ints, Ints]) -> Classes:
    """Return the classes of two encodings of the same people; known: places of both that are one person."""
    sides = (seen, own)
    values = [_shared_values(rows["tokens"], schema) for rows in sides]
    numbers: dict[Hashable, int] = {}
    colours = [
        [_number(numbers, found) for found in _shown(rows, listed)] for rows, listed in zip(sides, known, strict=True)
    ]
    for _ in range(REFINEMENTS):
        numbers = {}
        colours = [
            [_number(numbers, found) for found in _seen_around(colour, shared)]
            for colour, shared in zip(colours, values, strict=True)
        ]
    return np.array(colours[0]), np.array(colours[1])


def _shown(rows: Rows, known: Ints) -> Iterator[Hashable]:
    """Yield per row its flags, which places of tokens are empty, and which known pair it is."""
    pair = {int(row): number for number, row in enumerate(known)}
    there = np.asarray(rows["tokens"].any(axis=2))
    for row, (flags, places) in enumerate(zip(rows["flags"].tolist(), there.tolist(), strict=True)):
        yield flags, tuple(places), pair.get(row, -1)


def _shared_values(tokens: npt.NDArray[np.uint8], schema: EncodingSchema) -> Members:
    """List every value that several rows have, its rows as often as they have it."""
    tags = list(dict.fromkeys(kind.tag for kind in schema.tokens))
    columns = {tag: [i for i, kind in enumerate(schema.tokens) if kind.tag == tag] for tag in tags}
    out: Members = []
    for number, tag in enumerate(tags):
        flat = np.ascontiguousarray(tokens[:, columns[tag]]).reshape(-1, tokens.shape[2])
        there = np.flatnonzero(flat.any(axis=1))
        if not len(there):
            continue
        _, value, count = np.unique(
            flat[there].view([("", flat.dtype, flat.shape[1])]).ravel(), return_inverse=True, return_counts=True
        )
        order = np.argsort(value, kind="stable")
        for rows in np.split(there[order] // len(columns[tag]), np.cumsum(count)[:-1]):
            if len(rows) > 1:
                out.append((number, rows.tolist()))
    return out


def _seen_around(colour: Sequence[int], values: Members) -> Iterator[Hashable]:
    """Yield per row its class, and of every token it shares the tag and the classes of all who do."""
    around: list[list[tuple[int, tuple[int, ...]]]] = [[] for _ in colour]
    for tag, rows in values:
        found = (tag, tuple(sorted(colour[row] for row in rows)))
        for row in rows:
            around[row].append(found)
    for own, found_here in zip(colour, around, strict=True):
        yield own, tuple(sorted(found_here))


def _number(numbers: dict[Hashable, int], found: Hashable) -> int:
    return numbers.setdefault(found, len(numbers))


def alone(classes: Classes, unknown: Ints) -> float:
    """Return the share of the unknown rows that are the only one of their class: found without any filter."""
    size = np.bincount(classes[0])
    return float((size[classes[0][unknown]] == 1).mean())
