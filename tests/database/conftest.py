"""One empty database on SQLite, one on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def place(database: str, tmp_path: Path) -> Path | str:
    """Return where an empty database is."""
    return database or tmp_path / "party.db"
