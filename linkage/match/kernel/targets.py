"""Say how wide the vectors of this processor are; every width gives the same result."""

from __future__ import annotations

import llvmlite.binding as llvm
from numba.core import config

WIDTHS = {"avx512f": 8, "avx2": 4}
ALL_LANES = (1, 2, 4, 8)


def features() -> frozenset[str]:
    """Return the features code is compiled for: what NUMBA_CPU_FEATURES forces, else what the processor has."""
    if config.CPU_FEATURES is not None:
        return frozenset(f[1:] for f in config.CPU_FEATURES.split(",") if f.startswith("+"))
    if config.CPU_NAME == "generic":
        return frozenset()
    return frozenset(name for name, has in llvm.get_host_cpu_features().items() if has)


def best_lanes() -> int:
    """Return the number of 64-bit lanes to compile for: 8, 4, or the 2 that SSE2 and NEON always have."""
    return max([WIDTHS[f] for f in features() & WIDTHS.keys()], default=2)
