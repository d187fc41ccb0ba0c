"""The coordinator tests' rig, for faults that need no processes of their own."""

from __future__ import annotations

from tests.coordinator.conftest import consortium, rig, rows, schema

__all__ = ["consortium", "rig", "rows", "schema"]
