"""How much of the fault suite runs: a bounded part in `make test`, everything in `make test-faults`."""

from __future__ import annotations

import os

import pytest

ALL = os.environ.get("LINKAGE_FAULTS") == "all"
long_part = pytest.mark.skipif(not ALL, reason="a long fault run: make test-faults")


def fresh_seed() -> int:
    """Return a seed that a failing test shows."""
    return int.from_bytes(os.urandom(4), "big")
