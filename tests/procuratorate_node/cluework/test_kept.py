"""What lists sort by is kept, and after every kind of step it is what would be worked out anew."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from linkage.errors import LinkageError
from linkage.warrant import utc_text
from procuratorate_node.casework import Casework
from procuratorate_node.clues import Clue, ClueBook, make_clue
from procuratorate_node.cluework.board import Board
from procuratorate_node.cluework.checks import Check
from procuratorate_node.cluework.deadlines import FILE, parse_deadlines
from procuratorate_node.cluework.finding import Part, Wanted
from procuratorate_node.cluework.marks import CLUE_MARKS, mark_older
from procuratorate_node.cluework.states import Action
from procuratorate_node.cluework.table_rows import table_bytes
from procuratorate_node.cluework.work import ClueWork
from procuratorate_node.reidentify import Desk
from procuratorate_node.working_days import parse_calendar
from tests.procuratorate_node.cluework.conftest import assert_kept, later
from tests.procuratorate_node.conftest import TODAY
from tests.procuratorate_node.test_clues_and_opening import FOUND

COLOURS = ("red", "orange", "yellow", "")
HOLIDAY = b"""[table]
id = "one"
version = 1
title = "one free Monday"
[[years]]
year = 2026
source = "test"
holidays = [2026-11-02]
"""


def coloured(base: Clue, number: int, chance: random.Random) -> Clue:
    colouring: dict[str, object] = {"colour": chance.choice(COLOURS), "weak": chance.random() < 0.5}
    return replace(base, clue_id=f"{number:012x}", grade=chance.choice("ABC"), colouring=colouring)


class Walk:
    """Steps of all kinds on a few clues, one after the other, at moments that only go on."""

    def __init__(self, chance: random.Random, book: ClueBook, work: ClueWork, desk: Desk, casework: Casework) -> None:
        self.chance, self.book, self.work, self.desk, self.casework = chance, book, work, desk, casework
        self.base, self.days, self.rounds = make_clue(FOUND, casework.facts, locality=None), 0.0, 0
        self.kinds = (self.screened, self.screened_one, self.recoloured, self.added, self.opened, *self.by_officers())

    def step(self, kind: Callable[[], None]) -> bool:
        """Take one step; tell whether it was allowed."""
        self.days += 3 * self.chance.random()
        try:
            kind()
        except LinkageError:
            return False
        return True

    def any(self) -> Clue:
        return self.chance.choice(self.book.list())

    def at(self) -> str:
        return utc_text(later(self.days))

    def next_round(self) -> str:
        self.rounds += 1
        return f"r{self.rounds}"

    def some(self) -> list[Clue]:
        return [coloured(self.base, n, self.chance) for n in range(12) if self.chance.random() < 0.7]

    def screened(self) -> None:
        self.book.take_round(self.next_round(), ["SX-1"], self.some(), at=self.at())

    def screened_one(self) -> None:
        self.book.take_one(self.next_round(), coloured(self.base, self.chance.randrange(14), self.chance), at=self.at())

    def added(self) -> None:
        self.book.add(coloured(self.base, self.chance.randrange(14, 20), self.chance), "r0", at=self.at())

    def recoloured(self) -> None:
        known = self.book.list()
        self.chance.shuffle(known)
        back = coloured(self.base, 20, self.chance)
        kept = [(coloured(c, int(c.clue_id, 16), self.chance), self.chance.random() < 0.5) for c in known[:3]]
        self.book.recolour(
            [(replace(c, status=old.status), differs) for (c, differs), old in zip(kept, known, strict=False)],
            vanished=[replace(c, colouring={}) for c in known[3:4]],
            appeared=[back] if back.clue_id not in [c.clue_id for c in known[:4]] else [],
            at=self.at(),
        )

    def opened(self) -> None:
        now, file = later(self.days), self.casework.read.file
        opening = self.desk.request(self.any().clue_id, by="甲", reason="告知权利", now=now)
        self.desk.approve(opening, by="乙", now=now, file=file, person_of=self.casework.facts.person_of)

    def by_officers(self) -> Iterator[Callable[[], None]]:
        def act(do: Callable[..., object], *given: object, **values: object) -> Callable[[], None]:
            return lambda: void(do(self.any().clue_id, *given, by="甲", now=later(self.days), **values))

        yield lambda: void(self.work.assign([self.any().clue_id], ["甲"], by="乙", now=later(self.days)))
        yield act(self.work.note, "已联系")
        yield act(self.work.check, Check("yes", "yes", "yes"))
        yield act(self.work.confirm)
        yield act(self.work.reject, reason="不符合")
        yield lambda: self.work.defer(
            self.any().clue_id, later(self.days + 9).date(), by="甲", now=later(self.days), reason="等鉴定"
        )
        yield act(self.work.watch, on=True, reason="命案")
        for action in (Action.RESUME, Action.EXPLAIN, Action.FOLLOW, Action.CLOSE, Action.REOPEN):
            yield act(self.work.simply, action, reason="理由")


def void(_: object) -> None:
    """Take what a step returns."""


@pytest.mark.parametrize("seed", range(2))
def test_after_every_kind_of_step_lists_sort_by_what_is_now(
    seed: int, book: ClueBook, work: ClueWork, desk: Desk, casework: Casework, board: Board
) -> None:
    walk = Walk(random.Random(seed), book, work, desk, casework)
    walk.screened()
    assert_kept(board)

    taken = 0
    for kind in walk.chance.sample(walk.kinds * 3, k=3 * len(walk.kinds)):
        taken += walk.step(kind)
        assert_kept(board)
    assert taken > len(walk.kinds)


def test_a_changed_table_of_deadlines_or_holidays_moves_every_last_day(clue: Clue, board: Board) -> None:
    def last_day(board: Board) -> list[int]:
        days = (Wanted(due_by=TODAY + timedelta(days=n)) for n in range(20))
        return [n for n, wanted in enumerate(days) if board.find(wanted, Part(), today=TODAY)[0]][:1]

    usual = last_day(board)
    shorter = table_bytes(None, FILE)[0].replace(b"days = 5", b"days = 2")
    sooner = replace(board, deadlines=parse_deadlines(shorter, name="t"))
    later_on = replace(board, calendar=parse_calendar(HOLIDAY, name="t"))

    assert (usual, last_day(sooner), last_day(later_on), last_day(board)) == ([6], [3], [9], [6])


def test_every_clue_of_an_older_program_is_found_by_its_last_day(clue: Clue, board: Board) -> None:
    board.store.delete(CLUE_MARKS)
    mark_older(board.store.engine)

    assert board.find(Wanted(due_by=TODAY + timedelta(days=6)), Part(sort="due"), today=TODAY)[0] == 1
    assert_kept(board)
