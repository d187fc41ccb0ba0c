"""An office with one clue in its store; all people are made up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from linkage.audit.log import AuditLog
from linkage.keys.signing import SigningKey
from linkage.owner.database import open_database
from linkage.owner.trail import AuditTrail
from linkage.warrant import utc_text
from procuratorate_node.casework import Casework, load_casework
from procuratorate_node.clues import Clue, ClueBook, make_clue
from procuratorate_node.cluework.board import Board
from procuratorate_node.cluework.deadlines import load_deadlines
from procuratorate_node.cluework.kept import keep_marks
from procuratorate_node.cluework.marks import CLUE_MARKS, NEVER
from procuratorate_node.cluework.work import ClueWork
from procuratorate_node.config import Config, Officer
from procuratorate_node.outcome import ClueRow
from procuratorate_node.reidentify import Desk
from procuratorate_node.store import Store
from procuratorate_node.working_days import load_calendar
from tests.procuratorate_node.conftest import NOW, TODAY
from tests.procuratorate_node.test_clues_and_opening import FOUND

OFFICERS = (
    Officer("甲", ("request", "confirm", "reidentify", "refer", "award")),
    Officer("乙", ("approve", "assign", "confirm", "release")),
    Officer("检察长", ("approve",), ("chief_prosecutor",)),
    Officer("政法委", (), ("political_legal_committee",)),
    Officer("财政局", (), ("finance_department",)),
)


@pytest.fixture
def config(config: Config, database: str) -> Config:
    return replace(config, officers=OFFICERS, database=database)


@pytest.fixture
def casework(config: Config) -> Casework:
    return load_casework(config, today=TODAY)


@pytest.fixture
def store(config: Config) -> Store:
    return Store(open_database(config.place))


@pytest.fixture
def book(store: Store) -> ClueBook:
    return ClueBook(store)


@pytest.fixture
def trail(config: Config) -> AuditTrail:
    log = AuditLog.open(config.state / "audit", origin="test/p", signer=SigningKey.generate(), clock=lambda: NOW)
    return AuditTrail(log, peer="coordinator")


@pytest.fixture
def work(store: Store, trail: AuditTrail, config: Config) -> ClueWork:
    return ClueWork(store, trail, config)


@pytest.fixture
def desk(config: Config, store: Store, book: ClueBook, trail: AuditTrail) -> Desk:
    return Desk(store, book, trail, config)


@pytest.fixture
def board(store: Store) -> Board:
    return Board(store, load_deadlines(None), load_calendar(None))


@pytest.fixture
def clue(casework: Casework, book: ClueBook) -> Clue:
    """Put one clue into the store, found at NOW."""
    found = make_clue(FOUND, casework.facts, locality=None)
    book.take_round("r1", ["SX-1"], [found], at=utc_text(NOW))
    return found


@pytest.fixture
def identified(clue: Clue, work: ClueWork, desk: Desk, casework: Casework) -> str:
    """Confirm the clue and open it with two people; return its id."""
    work.confirm(clue.clue_id, by="甲", now=NOW)
    opening = desk.request(clue.clue_id, by="甲", reason="告知权利", now=NOW)
    desk.approve(opening, by="乙", now=NOW, file=casework.read.file, person_of=casework.facts.person_of)
    return clue.clue_id


@pytest.fixture
def audit(config: Config) -> Callable[[], str]:
    return lambda: (config.state / "audit" / "entries.jsonl").read_text("utf-8")


def later(days: float) -> datetime:
    return NOW + timedelta(days=days)


def row(**changes: object) -> ClueRow:
    return replace(FOUND, **changes)  # type: ignore[arg-type]


def assert_kept(board: Board) -> None:
    """Assert that lists sort every clue by what it is now: the marks in the database, worked out where blank."""
    keep_marks(board.store.engine, board.deadlines, board.calendar)
    items = board.items(ClueBook(board.store).list())
    marks = board.store.select(sa.select(*(CLUE_MARKS.c[n] for n in ("clue_id", "phase", "shown", "due"))))
    days = {i.clue.clue_id: i.due.day.isoformat() if i.due else NEVER for i in items}

    assert {(i.clue.clue_id, i.phase, i.clue.shown_colour, days[i.clue.clue_id]) for i in items} == set(
        map(tuple, (m.values() for m in marks))
    )
