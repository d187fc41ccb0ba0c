"""Compile with a cache on disk, so that only the first run on a machine waits for the compiler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm
from numba import njit
from numba.core import config


def features() -> frozenset[str]:
    """Return the features code is compiled for: what NUMBA_CPU_FEATURES forces, else what the processor has."""
    if config.CPU_FEATURES is not None:
        return frozenset(f[1:] for f in config.CPU_FEATURES.split(",") if f.startswith("+"))
    if config.CPU_NAME == "generic":
        return frozenset()
    return frozenset(name for name, has in llvm.get_host_cpu_features().items() if has)


def cached_jit(function: Callable[..., Any]) -> Any:
    """Compile a function at first use, free of the interpreter's lock, and keep the code for this processor on disk.

    Where no folder can be written (neither the package's, nor the user's, nor NUMBA_CACHE_DIR) it compiles every time.
    """
    try:
        return njit(nogil=True, cache=True)(function)
    except RuntimeError:
        return njit(nogil=True)(function)
