"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A slow machine is no fault of the code: laws are judged by what they say, not by how long an example takes.
settings.register_profile("linkage", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("linkage")

# Most tests act as officers who need not sign in; tests/accounts takes this away and shows that nothing runs then.
os.environ["LINKAGE_SINGLE_USER"] = "exercise"


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the folder that holds pyproject.toml."""
    return Path(__file__).resolve().parent.parent
