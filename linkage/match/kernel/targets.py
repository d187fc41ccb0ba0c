"""Say how wide the vectors of this processor are; every width gives the same result."""

from __future__ import annotations

from linkage.jit import features

WIDTHS = {"avx512f": 8, "avx2": 4}
ALL_LANES = (1, 2, 4, 8)


def best_lanes() -> int:
    """Return the number of 64-bit lanes to compile for: 8, 4, or the 2 that SSE2 and NEON always have."""
    return max([WIDTHS[f] for f in features() & WIDTHS.keys()], default=2)
