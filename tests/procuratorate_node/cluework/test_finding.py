"""The database filters and sorts clues exactly as going through all of them would."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from linkage.owner.database import open_database, reading
from linkage.warrant import utc_text
from procuratorate_node.awards.records import AWARDS
from procuratorate_node.casework import Casework, load_casework
from procuratorate_node.clues import Clue, ClueBook, clue_values, make_clue
from procuratorate_node.cluework.board import Board, WorkItem
from procuratorate_node.cluework.deadlines import load_deadlines
from procuratorate_node.cluework.finding import NOBODY, OPEN, SORTS, Part, Wanted
from procuratorate_node.cluework.marks import CLUE_MARKS, mark, mark_older
from procuratorate_node.cluework.moves import take_found
from procuratorate_node.cluework.records import CLUE_WORK
from procuratorate_node.cluework.states import Status
from procuratorate_node.referrals.states import State
from procuratorate_node.referrals.table import REFERRALS
from procuratorate_node.store import CLUES, Store
from procuratorate_node.working_days import load_calendar
from tests.procuratorate_node.cluework.conftest import later
from tests.procuratorate_node.conftest import TODAY, office_config, write_cases
from tests.procuratorate_node.test_clues_and_opening import FOUND

COLOURS = ("red", "orange", "yellow", "")
RANK = {colour: rank for rank, colour in enumerate(COLOURS)}


def fill(store: Store, casework: Casework) -> None:
    """Put 120 clues into the store, in every state, found at any hour of the last months."""
    chance, base = random.Random(7), make_clue(FOUND, casework.facts, locality=None)
    clues = [_clue(base, n, chance) for n in range(120)]
    with store.engine.begin() as connection:
        values = [clue_values(clue) | {"status": chance.choice(list(Status)).value} for clue in clues]
        connection.execute(CLUES.insert(), values)
        mark(connection, values)
        for n, clue in enumerate(clues):
            take_found(connection, [clue.clue_id], round_id="r1", at=utc_text(later(-120 * chance.random())))
            officer, watched = chance.choice(("", "甲", "乙")), chance.random() < 0.2
            work = CLUE_WORK.update().where(CLUE_WORK.c.clue_id == clue.clue_id)
            connection.execute(work.values(officer=officer, watched=watched))
            for _ in range(chance.choice((0, 0, 1, 2))):
                connection.execute(AWARDS.insert().values(_award(clue, n, chance)))
            if chance.random() < 0.3:
                connection.execute(REFERRALS.insert().values(_referral(clue, n)))


@pytest.fixture(scope="module")
def board(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Board:
    """Return the lists over a filled store, which no test changes."""
    folder = tmp_path_factory.mktemp("finding")
    config = replace(office_config(folder / "state", write_cases(folder / "cases")), database=shared_database)
    store = Store(open_database(config.place))
    fill(store, load_casework(config, today=TODAY))
    return Board(store, load_deadlines(None), load_calendar(None))


@pytest.fixture(scope="module")
def items(board: Board) -> list[WorkItem]:
    return list(board.items(ClueBook(board.store).list()))


def _clue(base: Clue, number: int, chance: random.Random) -> Clue:
    colouring: dict[str, object] = {"colour": chance.choice(COLOURS), "weak": chance.random() < 0.5}
    return replace(
        base,
        clue_id=f"{number:012x}",
        model=chance.choice(("SX-1", "PA")),
        case_number=f"c{chance.randrange(40)}",
        grade=chance.choice("ABC"),
        verdict=chance.choice(("yes", "cannot-tell")),
        facts={"category": chance.choice(("刑事", "民事"))},
        colouring=colouring if chance.random() < 0.8 else {},
    )


def _award(clue: Clue, number: int, chance: random.Random) -> dict[str, object]:
    texts = {c.name: "" for c in AWARDS.columns if c.name not in ("number", "inputs", "year")}
    state = chance.choice(("proposed", "decided", "paid", "refused"))
    award = f"{number}-{chance.randrange(10**9)}"
    return texts | {"award_id": award, "clue_id": clue.clue_id, "state": state, "inputs": b"", "year": 2026}


def _referral(clue: Clue, number: int) -> dict[str, object]:
    values: dict[str, object] = {c.name: "" for c in REFERRALS.columns}
    values |= {"person": 1, "days": 5, "letter_year": 2026, "letter_number": 1, "sealed": b""}
    state = State.SENT.value if number % 2 else State.DRAFT.value
    sent = "2026-10-01T00:00:00Z" if number % 2 else ""
    return values | {"referral_id": f"r{number}", "clue_id": clue.clue_id, "state": state, "sent_at": sent}


def expected(wanted: Wanted, item: WorkItem) -> bool:
    clue = item.clue
    pairs = (
        (wanted.model, clue.model),
        (wanted.change, clue.change),
        (wanted.colour, clue.shown_colour),
        (wanted.grade, clue.grade),
        (wanted.verdict, clue.verdict),
        (wanted.category, clue.facts.get("category", "")),
        (wanted.officer, item.officer or NOBODY),
    )
    states = ("", item.phase, str(clue.status), *([OPEN] if clue.status not in ("rejected", "closed") else []))
    due = item.due.day if item.due else date.max
    return (
        all(w in ("", found) for w, found in pairs)
        and wanted.status in states
        and (wanted.due_by is None or due <= wanted.due_by)
        and (not wanted.overdue or item.overdue(TODAY))
        and (not wanted.watched or item.watched)
    )


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(model="PA", grade="A"),
        Wanted(colour="orange"),
        Wanted(colour="red", verdict="yes"),
        Wanted(status="award-proposed"),
        Wanted(status="identified"),
        Wanted(status="referred"),
        Wanted(status=OPEN, category="民事"),
        Wanted(officer=NOBODY, change="new"),
        Wanted(officer="甲", watched=True),
        Wanted(overdue=True),
        Wanted(due_by=TODAY),
        Wanted(due_by=TODAY + timedelta(days=9)),
        Wanted(due_by=date(9999, 1, 1)),
    ],
    ids=repr,
)
def test_filters_let_through_what_they_say(items: list[WorkItem], board: Board, wanted: Wanted) -> None:
    should = {i.clue.clue_id for i in items if expected(wanted, i)}
    total, found = board.find(wanted, Part(), today=TODAY)

    assert should and (total, {i.clue.clue_id for i in found}) == (len(should), should)
    assert [i for i in items if i.clue.clue_id in should] == list(found)


def by_due(item: WorkItem) -> date:
    return item.due.day if item.due else date.max


KEYS: dict[str, Callable[[WorkItem], Any]] = {
    "due": lambda i: (by_due(i), RANK[i.clue.shown_colour]),
    "colour": lambda i: (RANK[i.clue.shown_colour], by_due(i)),
    "model": lambda i: (i.clue.model, i.clue.case_number),
    "case": lambda i: i.clue.case_number,
    "officer": lambda i: (i.officer or NOBODY, by_due(i)),
    "grade": lambda i: i.clue.grade,
    "phase": lambda i: i.phase,
    "change": lambda i: i.clue.change,
}


@pytest.mark.parametrize("sort", SORTS)
def test_pages_follow_each_other_in_order(items: list[WorkItem], board: Board, sort: str) -> None:
    pages = [board.find(Wanted(), Part(sort, start=at, size=70), today=TODAY)[1] for at in range(0, len(items), 70)]
    found = [item for page in pages for item in page]

    assert sorted(i.clue.clue_id for i in found) == sorted(i.clue.clue_id for i in items)
    assert [KEYS[sort](i) for i in found] == sorted(KEYS[sort](i) for i in items)


@pytest.mark.parametrize("sort", SORTS)
def test_descending_is_the_other_way_round(items: list[WorkItem], board: Board, sort: str) -> None:
    _, found = board.find(Wanted(), Part(sort, descending=True), today=TODAY)

    assert [KEYS[sort](i) for i in found] == sorted((KEYS[sort](i) for i in items), reverse=True)


def test_clues_of_an_older_program_get_their_marks(store: Store, casework: Casework) -> None:
    fill(store, casework)
    with reading(store.engine) as connection:
        before = set(connection.execute(CLUE_MARKS.select()))
    store.delete(CLUE_MARKS)
    mark_older(store.engine)

    with reading(store.engine) as connection:
        assert before and set(connection.execute(CLUE_MARKS.select())) == before
