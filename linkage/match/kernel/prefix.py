"""Choose how many words of the filters to compare for every pair, from a sample of the very rows to be compared."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from linkage.match.kernel.rules import Rule

Words = npt.NDArray[np.uint64]
SAMPLE = 128  # Rows of each side: 16,384 pairs tell one survivor in a thousand from one in ten thousand.
CHECK_COST = 40.0  # Of one survivor's exact check, in pairs compared in full, as measured.


def sample_rows(filters: Words, limit: int) -> Words:
    """Return up to `limit` rows at even distances: no randomness, so that a run can be repeated."""
    return filters[np.linspace(0, len(filters) - 1, min(limit, len(filters))).astype(np.int64)]


def choose_prefix(left: Words, right: Words, rule: Rule) -> int:
    """Return the number of leading words with the lowest expected cost; all of them when no prefix decides enough.

    A pair survives a prefix when its common bits there and all further bits of its right row could reach the need.
    """
    a, b = sample_rows(left, SAMPLE), sample_rows(right, SAMPLE)
    words: int = a.shape[1]
    ones_a, ones_b = (np.bitwise_count(x).astype(np.int64) for x in (a, b))
    need = rule(ones_a.sum(1), ones_b.sum(1))
    common = np.zeros(need.shape, np.int64)
    rest = ones_b.sum(1)
    reachable = need <= np.minimum(ones_a.sum(1)[:, None], rest[None, :])
    best, lowest = words, 1.0
    for w in range(words - 1):
        common += np.bitwise_count(a[:, w, None] & b[None, :, w])
        rest = rest - ones_b[:, w]
        survivors = float(np.mean((common + rest[None, :] >= need) & reachable))
        cost = (w + 1) / words + CHECK_COST * survivors
        if cost < lowest:
            best, lowest = w + 1, cost
    return best
