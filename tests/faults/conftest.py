"""The coordinator tests' rig, for faults that need no processes of their own."""

from __future__ import annotations

import pytest

from tests.coordinator.conftest import consortium, rig, rows, schema

__all__ = ["addresses", "consortium", "rig", "rows", "schema"]


def addresses(request: pytest.FixtureRequest) -> list[str]:
    """Return the addresses of two empty databases on a PostgreSQL server: the coordinator's and the requester's."""
    server = request.getfixturevalue("server")
    return [server.address(), server.address()]
