# ruff: noqa: F401, F811 - pytest finds the fixtures of the office by their names in this file.
"""An office with one opened clue and a region file of its own."""

from __future__ import annotations

import tomllib
from collections.abc import Callable

import pytest

from linkage.owner.trail import AuditTrail
from procuratorate_node.awards.deriving import derive_facts
from procuratorate_node.awards.drafting import merge_facts
from procuratorate_node.awards.history import decided_cases
from procuratorate_node.awards.office import AwardOffice
from procuratorate_node.casework import Casework
from procuratorate_node.clues import ClueBook
from procuratorate_node.config import Config
from procuratorate_node.relief.input_file import AmountInput
from procuratorate_node.store import Store
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
from tests.procuratorate_node.conftest import TODAY
from tests.procuratorate_node.relief.conftest import MET, tables

Fill = Callable[..., AmountInput]


@pytest.fixture
def office(store: Store, trail: AuditTrail, config: Config) -> AwardOffice:
    return AwardOffice(store, trail, config, tables(local_cap="50000"))


@pytest.fixture
def fill(identified: str, book: ClueBook, casework: Casework, store: Store, office: AwardOffice) -> Fill:
    """Return a way to merge what the clue says with an officer's words, such as `fill('tier = "serious"')`."""

    def filled(facts: str = 'fault = "none"\ntier = "serious"', *, checklist: dict[str, str] = MET) -> AmountInput:
        scale = office.tables.on(TODAY, region="example").scale
        found = derive_facts(book.get(identified), [], casework.read.file, scale, decided_on=TODAY)
        answers = "\n".join(f'{code} = "{answer}"' for code, answer in checklist.items())
        text = f"[facts]\n{facts}\n[checklist]\n{answers}\n"
        history = decided_cases(store, casework.read.file.aided, scale)
        return merge_facts({"region": "example", **found}, tomllib.loads(text), name="f.toml", history=history).given

    return filled
