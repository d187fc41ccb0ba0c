"""What the figures are counted from comes out of the store as it is, without a name or a case number."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal

from procuratorate_node.awards.office import AwardOffice
from procuratorate_node.clues import Clue, ClueBook
from procuratorate_node.cluework.checks import Check
from procuratorate_node.cluework.states import Action
from procuratorate_node.cluework.work import ClueWork
from procuratorate_node.governance.collecting import collect
from procuratorate_node.governance.rows import AwardRow, BudgetRow, ClueRow
from procuratorate_node.store import Store
from tests.procuratorate_node.awards.conftest import Fill
from tests.procuratorate_node.conftest import NOW, TODAY


def test_a_paid_award_and_its_clue_become_rows(identified: str, fill: Fill, office: AwardOffice, store: Store) -> None:
    office.set_budget(2026, Decimal(90_000), by="乙", now=NOW, reason="年度预算")
    award, _ = office.propose(identified, fill(), by="甲", now=NOW)
    office.decide(award, by="乙", now=NOW, reasons={})
    office.pay(award, TODAY, by="甲", now=NOW)

    rows = collect(store)

    right = Check("yes", "yes", "yes")
    told = ClueRow("SX-1", "刑事", "", "A", "award-paid", "confirmed", ("DIBAO",), TODAY, right)
    assert rows.clues == [replace(told, department="刑事检察", award="paid")]
    assert rows.awards == [
        AwardRow(
            *("SX-1", "故意伤害", "criminal_injury", 1, "审查起诉", ("DIBAO",)),
            amount=Decimal(8000),
            decided=TODAY,
            persons=1,
            found=TODAY,
            paid=TODAY,
        )
    ]
    assert rows.awards[0].days == 0
    assert rows.budgets == [BudgetRow(2026, Decimal(90_000), Decimal(0), Decimal(8000), 1)]


def test_a_closed_clue_keeps_its_verdict_and_a_reopened_one_is_open(
    clue: Clue, work: ClueWork, book: ClueBook, store: Store
) -> None:
    work.reject(clue.clue_id, by="甲", now=NOW, reason="已获赔偿", verdict=Check(facts="no"))
    work.simply(clue.clue_id, Action.CLOSE, by="甲", now=NOW, reason="归档")
    assert [(r.phase, r.verdict) for r in collect(store).clues] == [("closed", "rejected")]

    work.simply(clue.clue_id, Action.REOPEN, by="甲", now=NOW, reason="有新线索")
    assert [(r.phase, r.verdict) for r in collect(store).clues] == [("review", "open")]


def test_no_row_has_a_field_for_a_person_or_a_case() -> None:
    names = {f.name for cls in (ClueRow, AwardRow, BudgetRow) for f in fields(cls)}

    assert not names & {"name", "id_number", "case_number", "reference", "clue_id", "people", "rows"}
