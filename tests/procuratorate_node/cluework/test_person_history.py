"""A person's history joins rounds, steps, openings and awards over all clues, oldest first, and names nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from linkage.errors import NotFoundError
from linkage.warrant import utc_text
from procuratorate_node.cases.records import RowRef, Source
from procuratorate_node.casework import Casework
from procuratorate_node.clues import Clue, ClueBook, make_clue
from procuratorate_node.cluework.work import ClueWork
from procuratorate_node.model import choose_models, shipped_models
from procuratorate_node.person_history import Event, PersonHistory, Subject, history_of
from procuratorate_node.rounds.requests import new_request
from procuratorate_node.store import ANCHORS, REQUESTS, Store
from tests.procuratorate_node.cluework.conftest import later, row
from tests.procuratorate_node.conftest import LI

OTHER = RowRef(Source.PARTIES, "c2", "D3")  # The same woman in another case.
STRANGER = RowRef(Source.PARTIES, "c3", "D6")


@pytest.fixture
def history(identified: str, casework: Casework, book: ClueBook, store: Store, work: ClueWork) -> PersonHistory:
    """Return the history of the opened clue's person, who has a second clue; another person's clue lies beside."""
    other = make_clue(row(case="c2", rows=(OTHER,)), casework.facts, locality=None)
    stranger = make_clue(row(case="c3", rows=(STRANGER,)), casework.facts, locality=None)
    for clue in (other, stranger):
        book.add(replace(clue, model="SX-2"), "r2", at=utc_text(later(1)))
    work.note(other.clue_id, "已联系", by="甲", now=later(2))
    work.note(stranger.clue_id, "无关", by="甲", now=later(2))
    _note_round(store, casework.facts.person_of[OTHER])
    return history_of(store, book.get(identified), 1, casework)


def _note_round(store: Store, person: str) -> None:
    asked = new_request(
        choose_models(shipped_models(), ["SX-2"]), round_id="r2", reference="专项", by="甲", now=later(0)
    )
    store.insert(REQUESTS, asked | {"state": "CLOSED", "delivered_at": utc_text(later(1))})
    anchor = {"round_id": "r2", "number": 0, "person": person, "context": "", "case_number": "c2", "scope": 0}
    store.insert(ANCHORS, anchor | {"rows": "{}"})


def test_it_joins_all_clues_of_a_person_and_no_other(history: PersonHistory) -> None:
    assert history.cases == ("c1", "c2") and {clue.case_number for clue in history.clues} == {"c1", "c2"}
    assert [event.text for event in history.events if event.what == "note"] == ["已联系"]


def test_events_stand_in_the_order_of_time(history: PersonHistory) -> None:
    assert [e.at for e in history.events] == sorted(e.at for e in history.events)
    assert {e.subject for e in history.events} == {Subject.CLUE, Subject.OPENING, Subject.ROUND}
    (asked,) = (e for e in history.events if e.subject is Subject.ROUND)
    assert (asked.what, asked.about, asked.text) == ("CLOSED", "r2", "SX-2")


def test_what_was_done_on_a_day_comes_after_its_moments() -> None:
    paid = Event("2026-11-27", Subject.AWARD, "paid", "a")
    decided = Event("2026-11-27T15:59:59Z", Subject.AWARD, "decided", "a")
    after = Event("2026-11-28T00:00:00Z", Subject.CLUE, "follow", "c")

    assert sorted([after, paid, decided], key=lambda event: event.place) == [decided, paid, after]


def test_it_names_nobody(history: PersonHistory) -> None:
    assert [text for text in ("李晓梅", LI) if text in repr(history)] == []


def test_a_person_the_clue_has_not_is_refused(clue: Clue, book: ClueBook, store: Store, casework: Casework) -> None:
    with pytest.raises(NotFoundError):
        history_of(store, book.get(clue.clue_id), 2, casework)
