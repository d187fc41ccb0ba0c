"""Compile with a cache on disk, so that only the first run on a machine waits for the compiler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit


def cached_jit(function: Callable[..., Any]) -> Any:
    """Compile a function at first use, free of the interpreter's lock, and keep the code for this processor on disk.

    Where no folder can be written (neither the package's, nor the user's, nor NUMBA_CACHE_DIR) it compiles every time.
    """
    try:
        return njit(nogil=True, cache=True)(function)
    except RuntimeError:
        return njit(nogil=True)(function)
