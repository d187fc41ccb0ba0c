"""From normalised columns to material for hashing: the compiled readers do the rows, numpy the simple columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from linkage.encode.lanes import STEP
from linkage.encode.material import (
    CONTEXT,
    DAY_GRAM,
    GRAMS,
    HOUSE,
    MONTH_GRAM,
    PARTS,
    REGION_GRAM,
    ROW_BYTES,
    SEX_GRAM,
    TOWN_GRAM,
    VILLAGE,
    VILLAGE_GRAM,
    Material,
    fill_births,
    fill_names,
    fill_numbers,
    fill_small,
)
from linkage.encode.vocabulary import Known
from linkage.normalise.columns import PersonColumns

REGION_DIGITS = np.array([100_000, 10_000, 1000, 100, 10, 1])


def gather(
    people: PersonColumns, regions: npt.NDArray[np.int64], known: Known, contexts: Sequence[str] = ()
) -> Material:
    """Return what the chunk's hashing needs; `contexts` has one entry per row or none at all."""
    rows, base, texts = len(people), len(known.shared), [text.encode() for text in contexts]
    end = base + rows * ROW_BYTES
    arena = np.zeros(end + sum(map(len, texts)) + STEP, np.uint8)
    arena[:base] = known.shared
    starts, sizes = np.zeros((rows, len(PARTS)), np.int32), np.zeros((rows, len(PARTS)), np.int32)
    grams, listed = np.full((rows, GRAMS), -1, np.int32), known.listed
    fill_births(people.births, people.days, base, known.years, known.near_years, arena, starts, sizes, grams)
    fill_numbers(people.digits, people.exact, base, known.digits, arena, starts, sizes, grams)
    fill_names(people.name_chars, people.name, known.chars, listed.parts, base, arena, starts, sizes, grams)
    fill_small(
        people.sexes, people.phones, people.village, people.house, people.houses, people.house_sizes,
        known.texts, base, arena, starts, sizes,
    )  # fmt: skip
    grams[:, MONTH_GRAM], grams[:, DAY_GRAM] = known.months[people.births[:, 2]], known.days[people.births[:, 3]]
    grams[:, REGION_GRAM], grams[:, SEX_GRAM] = known.regions[regions], known.sexes[people.sexes]
    grams[:, VILLAGE_GRAM], grams[:, TOWN_GRAM] = known.villages[people.village], known.towns[people.town]
    if texts:
        sizes[:, CONTEXT] = [len(text) for text in texts]
        starts[:, CONTEXT] = end + np.cumsum(sizes[:, CONTEXT]) - sizes[:, CONTEXT]
        arena[end:-STEP] = np.frombuffer(b"".join(texts), np.uint8)
    flags = _flags(people, sizes)
    odd = people.name >= 0
    flags[odd, 0] = listed.whole[people.name[odd]] != 0
    return Material(arena, starts, sizes, grams, people.name, listed, flags, known.table)


def _flags(people: PersonColumns, sizes: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Return the flags (n, 9) in the order of material.FLAGS, every name taken as whole."""
    return np.stack(
        (
            np.ones(len(people), np.bool_),
            people.days != 0,
            people.births[:, 0] != 0,
            people.exact,
            people.digits[:, 0] != 0,
            people.sexes != 0,
            *(sizes[:, VILLAGE : HOUSE + 2] != 0).T,
        ),
        axis=1,
    )


def regions_of(digits: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Return the first six digits of every number (n, 18), -1 where one of them is unknown or there is no number."""
    first = digits[:, :6].astype(np.int64) - ord("0")
    readable = ((first >= 0) & (first <= 9)).all(axis=1)
    return np.where(readable, first @ REGION_DIGITS, -1)
