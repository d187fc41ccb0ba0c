"""Compile the matcher before it is needed, and say what that costs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from linkage.encoded import TOKEN_BYTES, EncodedPopulation
from linkage.match import kernel
from linkage.match.joins import MAX_BUCKET, join_tag
from linkage.match.link import link
from linkage.schema import EncodingSchema


def warm_up(
    schema: EncodingSchema, *, monotonic: Callable[[], float], progress: Callable[[int, int], None] | None = None
) -> float:
    """Compile, or load from the cache, everything that linking needs; return the seconds.

    progress: called with (0, 2), (1, 2) and (2, 2). With a cache this takes about a second, without one some thirty.
    """
    say = progress or (lambda done, total: None)
    began = monotonic()
    say(0, 2)
    kernel.warm_up(schema.filter_bits // 64, monotonic=monotonic)
    say(1, 2)
    # One over-full value and one that brings pairs up, within a budget that allows for one block and not for all.
    anchors, others = _alike(schema, 1, bare=1), _alike(schema, MAX_BUCKET + 1)
    link(anchors, others, schema, need_context=False, wide=True, most=MAX_BUCKET + 1)
    link(anchors, anchors, schema, need_context=False, wide=True, most=0)
    join_tag(anchors.tokens, anchors.tokens, [0])
    say(2, 2)
    return monotonic() - began


def _alike(schema: EncodingSchema, rows: int, *, bare: int = 0) -> EncodedPopulation:
    """Return equal rows, the last `bare` empty, their columns lying in memory as those on disk do."""
    tokens = np.zeros((len(schema.tokens), rows + bare, TOKEN_BYTES), np.uint8)
    tokens[:, :rows] = 1
    rows += bare
    filters = np.full((rows, schema.filter_bits // 64), 0x5555, np.uint64)
    filters[rows - bare :] = 0
    return EncodedPopulation(
        tokens=tokens.transpose(1, 0, 2),
        filters=filters,
        flags=np.zeros(rows, np.uint16),
        scope=np.zeros(rows, np.uint32),
        payload=np.zeros((rows, 0), np.uint8),
    )
