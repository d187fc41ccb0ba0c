"""The office of the award tests."""

# ruff: noqa: F401 - pytest finds the fixtures of the office by their names in this file.
from __future__ import annotations

from tests.procuratorate_node.awards.conftest import fill, office
from tests.procuratorate_node.cluework.conftest import (
    audit,
    board,
    book,
    casework,
    clue,
    config,
    desk,
    identified,
    store,
    trail,
    work,
)
