"""Say from which number of common bits on two rows are near, by their popcounts alone: the threshold as a table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Need = npt.NDArray[np.int64]
# From the popcounts of left and right rows, one entry per class, to the common bits needed: (left, right).
Rule = Callable[[Counts, Counts], Need]


def chance_rule(bits: int, z: float) -> Rule:
    """Return the rule that keeps pairs more than z standard deviations nearer than unrelated rows of their popcounts.

    Hamming distance <= l/2 · (1 - A·B) - z·sqrt(l)/2 with A, B = 1 - 2·popcount/l. It is worked out in single
    precision once per pair of popcounts, and rounded to whole bits: H is whole, so no pair changes sides.
    """
    slack = np.float32(z * bits**0.5 / 2)

    def need(left: Counts, right: Counts) -> Need:
        a = (1 - 2 * left / bits).astype(np.float32)
        b = (1 - 2 * right / bits).astype(np.float32)
        farthest = np.floor((1 - a[:, None] * b[None, :]) * (bits / 2) - slack).astype(np.int64)
        needed: Need = -((farthest - left[:, None] - right[None, :]) // 2)
        return needed

    return need


def dice_rule(threshold: float) -> Rule:
    """Return the rule that keeps pairs with 2·common >= threshold · (popcount + popcount), in double precision."""
    if not 0 <= threshold <= 1:
        raise ValueError("a Dice threshold lies between 0 and 1")

    def need(left: Counts, right: Counts) -> Need:
        needed: Need = np.ceil(threshold * (left[:, None] + right[None, :]) / 2).astype(np.int64)
        return needed

    return need
