"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import postgresql

COMPILING = ("encode", "match")

# A slow machine is no fault of the code: laws are judged by what they say, not by how long an example takes.
settings.register_profile("linkage", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("linkage")

# Most tests act as officers who need not sign in; tests/accounts takes this away and shows that nothing runs then.
os.environ["LINKAGE_SINGLE_USER"] = "exercise"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what compiles kernels for everybody after, then slow files; short ones at the end even the load out."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path.parent.name not in COMPILING, item.path not in slow))


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the folder that holds pyproject.toml."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def postgresql_programs() -> Path:
    """Return where PostgreSQL's programs lie; without them these tests are skipped, but never where CI is set."""
    programs = postgresql.binaries()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL's programs are needed here: initdb, pg_ctl")
        pytest.skip("PostgreSQL's programs (initdb, pg_ctl) are not on this machine")
    return programs


@pytest.fixture(scope="session")
def server(postgresql_programs: Path) -> Iterator[postgresql.Server]:
    """Yield a PostgreSQL server that all tests share."""
    with postgresql.started(postgresql_programs) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Return the address of an empty database for a configuration: "" is SQLite in the state folder."""
    return _address(request)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_database(request: pytest.FixtureRequest) -> str:
    """Return such an address for all tests of a file, which then change nothing in it."""
    return _address(request)


def _address(request: pytest.FixtureRequest) -> str:
    return "" if request.param == "sqlite" else str(request.getfixturevalue("server").address())
