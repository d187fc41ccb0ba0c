"""Clues with colours: what is dropped, what is stored, and what is shown while a weak match is not confirmed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from linkage.owner.database import open_database
from linkage.plan import Verdict
from procuratorate_node.cases.records import RowRef, Source
from procuratorate_node.casework import Casework, load_casework
from procuratorate_node.clues import CONFIRMED, Clue, ClueBook, make_clue
from procuratorate_node.colour_table import shipped_colour_table
from procuratorate_node.config import Config
from procuratorate_node.export import SCORE_HEADINGS, clue_lines, score_lines
from procuratorate_node.outcome import ClueRow
from procuratorate_node.painting import age_at_event, paint_rows
from procuratorate_node.store import Store
from tests.procuratorate_node.conftest import NOW, TODAY

LIVING, MOTHER = RowRef(Source.PARTIES, "c1", "D1"), RowRef(Source.PARTIES, "c3", "D6")


@pytest.fixture
def work(config: Config) -> Casework:
    return load_casework(config, today=TODAY)


def found(ref: RowRef, *tags: str, grade: str = "A", person: str = "nobody") -> ClueRow:
    return ClueRow("PA", ref.case, person, (ref,), Verdict.YES, grade, tags)


def painted(work: Casework, *rows: ClueRow) -> list[ClueRow]:
    return list(paint_rows(rows, work.facts, shipped_colour_table(), coloured=frozenset({"PA"})))


def clue_of(work: Casework, row: ClueRow) -> Clue:
    return make_clue(row, work.facts, locality=None)


def test_a_near_relative_is_coloured_by_what_happened_to_the_victim(work: Casework) -> None:
    (row,) = painted(work, found(MOTHER, "DIBAO"))

    assert row.colouring is not None
    assert (row.colouring.colour.value, row.colouring.step) == ("red", 6)
    assert row.colouring.inputs["H"] == "3"


def test_the_creditor_link_is_used_and_not_shown_among_the_tags(work: Casework) -> None:
    with_link, without = painted(work, found(LIVING, "CARD", "ENF_UNPAID"), found(LIVING, "CARD"))

    assert with_link.colouring is not None and without.colouring is not None
    assert (with_link.colouring.step, without.colouring.step) == (11, 12)
    assert with_link.tags == without.tags == ("CARD",)


def test_a_clue_without_a_colour_is_dropped_and_other_models_are_left_alone(work: Casework) -> None:
    aided = work.facts.person_of[MOTHER]
    other = replace(found(MOTHER, "DIBAO", person=aided), model="SX-1")

    assert painted(work, found(MOTHER, "DIBAO", person=aided), other) == [other]


def test_of_two_rows_of_one_clue_the_graver_one_counts(work: Casework) -> None:
    both = replace(found(LIVING, "CARD"), rows=(LIVING, MOTHER))

    assert [r.colouring.colour.value for r in painted(work, both) if r.colouring] == ["orange"]


@pytest.mark.parametrize(("grade", "shown"), [("A", "red"), ("C", "red"), ("B", "orange"), ("D", "orange")])
def test_a_weak_match_shows_orange_until_it_is_confirmed_and_exports_red(
    work: Casework, config: Config, grade: str, shown: str
) -> None:
    book = ClueBook(Store(open_database(config.place)))
    (row,) = painted(work, found(MOTHER, "DIBAO", grade=grade))
    book.take_round("r1", ["PA"], [clue_of(work, row)])

    (kept,) = book.list()
    assert (kept.colour, kept.shown_colour) == ("red", shown)
    assert dict(zip(SCORE_HEADINGS, score_lines([kept])[0], strict=True))["colour"] == "red"
    assert clue_lines([kept])[0][-4:-1] == (shown, "red", "6")
    assert kept.colour_reasons and len(kept.steps_before) == 5

    book.decide(kept.clue_id, status=CONFIRMED, by="甲", reason="", at=str(NOW))
    assert book.get(kept.clue_id).shown_colour == "red"


def test_a_clue_whose_colour_changed_is_a_changed_clue(work: Casework, config: Config) -> None:
    book = ClueBook(Store(open_database(config.place)))
    (row,) = painted(work, found(MOTHER, "DIBAO"))
    clue = clue_of(work, row)
    book.take_round("r1", ["PA"], [clue])

    counts = book.take_round("r2", ["PA"], [replace(clue, colouring={**clue.colouring, "colour": "orange"})])

    assert counts["changed"] == 1


def test_an_impossible_age_is_no_age_and_the_persons_other_rows_help(work: Casework) -> None:
    party, case = work.read.file.party("c2", "D3"), work.read.file.cases["c2"]
    assert party is not None
    nameless = replace(party, person=replace(party.person, birth="", id_number="", age="-3"))

    assert age_at_event(nameless, case, work.facts) == 45
    assert age_at_event(replace(nameless, ref=RowRef(Source.PARTIES, "c2", "D8")), case, work.facts) is None
