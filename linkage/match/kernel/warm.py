"""Compile the kernel before it is needed, and say what that costs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from linkage.match.kernel.engine import compare
from linkage.match.kernel.rules import dice_rule
from linkage.match.kernel.targets import best_lanes


def warm_up(words: int, *, monotonic: Callable[[], float], progress: Callable[[int, int], None] | None = None) -> float:
    """Compile, or load from the cache, everything a comparison of filters of `words` words needs; return the seconds.

    progress: called with (0, 1) before and (1, 1) after. With a cache this takes a fraction of a second, without one
    some ten. The prefix is compiled along with the whole comparison: both are one code.
    """
    if progress is not None:
        progress(0, 1)
    began = monotonic()
    rows = np.zeros((2, words), np.uint64)
    compare(rows, rows, dice_rule(0.5), cores=1, lanes=best_lanes())
    seconds = monotonic() - began
    if progress is not None:
        progress(1, 1)
    return seconds
