"""How many links of the full comparison the token candidates keep, on a sample of anchors against a whole register."""

from __future__ import annotations

import time
from dataclasses import fields

import numpy as np
import numpy.typing as npt

from linkage.encoded import EncodedPopulation, Grade
from linkage.match.candidates import find_prospect
from linkage.match.joins import columns_of_tag, distinct_pairs, join_tag
from linkage.match.link import Links, link
from linkage.schema import EncodingSchema


def first_rows(population: EncodedPopulation, count: int) -> EncodedPopulation:
    """Return the first rows; uploads are shuffled, so they are any rows."""
    return EncodedPopulation(**{f.name: np.asarray(getattr(population, f.name)[:count]) for f in fields(population)})


def candidate_recall(
    anchors: EncodedPopulation, others: EncodedPopulation, schema: EncodingSchema, *, sample: int, most: int
) -> dict[str, float]:
    """Link a sample with every filter compared, then within its share of `most`; return which links stay candidates.

    Links of grade A to E count. "unsettled" are those no equal number makes. The cut of the chance rule is the whole
    round's, for it depends on the larger side only, and what is compared grows with the anchors: so the share is fair.
    """
    most = most * min(sample, len(anchors)) // max(1, len(anchors))
    some = first_rows(anchors, sample)
    began = time.monotonic()
    whole = link(some, others, schema, need_context=False, wide=False, most=1 << 62)
    seconds = time.monotonic() - began
    prospect = find_prospect(some, others, schema, most=most)
    brought_up = distinct_pairs(list(prospect.parts()))
    numbers = _packed(*join_tag(some.tokens, others.tokens, columns_of_tag(schema)["number"]))
    found = _packed(whole.anchor, whole.other)
    kept, unsettled = np.isin(found, brought_up), ~np.isin(found, numbers)
    sure = whole.grade <= Grade.D
    alone = link(some, others, schema, need_context=False, wide=False, most=most)
    return {
        "sample": len(some),
        "links": len(found),
        "recall": _share(kept),
        "unsettled_links": int(unsettled.sum()),
        "unsettled_recall": _share(kept[unsettled]),
        "unsettled_sure_links": int((unsettled & sure).sum()),
        "unsettled_sure_recall": _share(kept[unsettled & sure]),
        "same_grade": _same(whole, alone),
        "compared_share": prospect.effort.compared / max(1, whole.effort.compared),
        "seconds_full": round(seconds, 1),
    }


def _packed(i: npt.NDArray[np.int32], j: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    packed: npt.NDArray[np.int64] = i.astype(np.int64) << 32 | j.astype(np.int64)
    return packed


def _share(kept: npt.NDArray[np.bool_]) -> float:
    return float(kept.mean()) if len(kept) else 1.0


def _same(whole: Links, alone: Links) -> float:
    """Return the share of the links that come out with the same grade either way."""
    graded = [_packed(x.anchor, x.other) << 3 | x.grade for x in (whole, alone)]
    return _share(np.isin(graded[0], graded[1]))
