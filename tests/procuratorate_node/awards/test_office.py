"""Amounts for clues over the real store and log: two people, bound by digest, caps hold, the budget is tracked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from linkage.errors import InputError, NotFoundError, PermissionRefused, PolicyRefusal, RoundStateError
from linkage.owner.database import reading
from procuratorate_node.awards.budget import BudgetUse, budget_use
from procuratorate_node.awards.history import decided_cases
from procuratorate_node.awards.office import AwardOffice
from procuratorate_node.clues import Clue, ClueBook
from procuratorate_node.cluework.board import Board, tasks
from procuratorate_node.cluework.states import Action
from procuratorate_node.cluework.work import ClueWork
from procuratorate_node.reidentify import Desk
from procuratorate_node.relief.input_file import AmountInput
from procuratorate_node.store import Store
from tests.procuratorate_node.awards.conftest import Fill
from tests.procuratorate_node.cluework.conftest import assert_kept, later
from tests.procuratorate_node.conftest import LI, NOW, TODAY
from tests.procuratorate_node.relief.conftest import FATAL, MET, tables

ABOVE_LOCAL = Decimal(60_000)


def proposed(office: AwardOffice, clue_id: str, given: AmountInput) -> str:
    return office.propose(clue_id, given, by="甲", now=NOW)[0]


def decide(office: AwardOffice, award: str, *, by: str = "乙", amount: Decimal | None = None, why: str = "") -> Decimal:
    return office.decide(award, by=by, now=NOW, amount=amount, reasons={"amount": why}).amount


def use(store: Store, year: int = 2026) -> BudgetUse:
    with reading(store.engine) as connection:
        return budget_use(connection, year)


def test_facts_come_from_clue_and_case_and_the_officer_supplies_the_rest(fill: Fill) -> None:
    facts = fill().facts

    assert (facts.charge, facts.case_type, facts.harm, facts.tags) == ("故意伤害", "criminal_injury", 1, ("DIBAO",))
    assert (facts.reference, facts.paid, facts.award, facts.minor) == ("c1", Decimal(0), None, False)


def test_a_clue_goes_from_opened_to_paid(
    identified: str, fill: Fill, office: AwardOffice, board: Board, book: ClueBook, audit: Callable[[], str]
) -> None:
    award, found = office.propose(identified, fill(), by="甲", now=NOW)
    assert found.amount == Decimal(8000)  # 1,000 × (1 + 7)
    assert decide(office, award) == Decimal(8000)
    office.pay(award, TODAY, by="甲", now=NOW)

    assert board.items([book.get(identified)])[0].phase == "award-paid"
    assert [line[2] for line in board.history(identified)][-3:] == ["propose", "decide", "pay"]
    log = audit()
    assert [log.count(f"award.{step}") for step in ("proposed", "decided", "paid")] == [1, 1, 1]
    assert office.find(award)["approved_digest"] in log
    assert not any(text in log for text in ("8000", "李晓梅", LI))


def test_lists_go_by_what_an_award_has_come_to(identified: str, fill: Fill, office: AwardOffice, board: Board) -> None:
    assert_kept(board)
    refused = proposed(office, identified, fill())
    assert_kept(board)
    office.refuse(refused, by="乙", now=NOW, reason="不符合条件")
    assert_kept(board)
    award = proposed(office, identified, fill())
    assert_kept(board)
    decide(office, award)
    assert_kept(board)
    office.pay(award, TODAY, by="甲", now=NOW)
    assert_kept(board)


def test_a_clue_that_is_not_opened_gets_no_amount(clue: Clue, work: ClueWork, office: AwardOffice) -> None:
    work.confirm(clue.clue_id, by="甲", now=NOW)
    given = AmountInput(replace(FATAL, reference="c1"), MET, ())

    with pytest.raises(RoundStateError, match="confirmed does not allow 'propose'"):
        proposed(office, clue.clue_id, given)


def test_who_proposes_cannot_decide_and_who_decides_cannot_pay(
    identified: str, fill: Fill, office: AwardOffice
) -> None:
    everybody = tuple(replace(o, may=("award", "approve")) for o in office.config.officers)
    lone = replace(office, config=replace(office.config, officers=everybody))
    award = proposed(lone, identified, fill())

    with pytest.raises(PermissionRefused, match="two people"):
        decide(lone, award, by="甲")
    decide(lone, award, by="乙")
    with pytest.raises(PermissionRefused, match="two people"):
        lone.pay(award, TODAY, by="乙", now=NOW)
    lone.pay(award, TODAY, by="甲", now=NOW)


def test_duties_are_kept(identified: str, fill: Fill, office: AwardOffice) -> None:
    with pytest.raises(PermissionRefused):
        office.propose(identified, fill(), by="乙", now=NOW)
    award = proposed(office, identified, fill())
    with pytest.raises(PermissionRefused):
        decide(office, award, by="财政局")


def test_above_the_wage_cap_only_with_the_two_approvals_the_rule_names(
    identified: str, fill: Fill, office: AwardOffice
) -> None:
    plain = replace(office, tables=tables("1000"))  # No local limit: the wage cap is the one in question.
    award = proposed(plain, identified, fill('fault = "none"\ntier = "serious"\naward = 900000'))
    amount = Decimal(300_000)

    def approve(role: str, by: str) -> None:
        plain.approve(award, "wage", role, up_to=amount, ground="exceptional", by=by, now=NOW)

    with pytest.raises(PolicyRefusal, match="approval missing for wage"):
        decide(plain, award, amount=amount, why="损失特别重大")
    with pytest.raises(PermissionRefused, match="hold this role"):
        approve("chief_prosecutor", "乙")
    approve("chief_prosecutor", "检察长")
    with pytest.raises(PolicyRefusal, match="approval missing for wage"):
        decide(plain, award, amount=amount, why="损失特别重大")
    approve("political_legal_committee", "政法委")
    with pytest.raises(PolicyRefusal, match="approval missing for wage"):
        decide(plain, award, amount=amount + 100, why="损失特别重大")
    assert decide(plain, award, amount=amount, why="损失特别重大") == amount


def test_above_the_local_limit_only_with_its_approval(identified: str, fill: Fill, office: AwardOffice) -> None:
    award = proposed(office, identified, fill())

    with pytest.raises(PolicyRefusal, match="approval missing for local"):
        decide(office, award, amount=ABOVE_LOCAL, why="需长期治疗")
    office.approve(award, "local", "chief_prosecutor", up_to=ABOVE_LOCAL, ground="local-rule", by="检察长", now=NOW)
    assert decide(office, award, amount=ABOVE_LOCAL, why="需长期治疗") == ABOVE_LOCAL


def test_nobody_goes_above_what_a_court_awarded(identified: str, fill: Fill, office: AwardOffice) -> None:
    award = proposed(office, identified, fill('fault = "none"\ntier = "serious"\naward = 5000'))

    assert office.find(award)["proposed_amount"] == "5000"
    with pytest.raises(PolicyRefusal, match="nobody may exceed"):
        decide(office, award, amount=Decimal(6000), why="困难")


def test_above_the_budget_only_with_the_finance_department(
    identified: str, fill: Fill, office: AwardOffice, store: Store
) -> None:
    office.set_budget(2026, Decimal(6000), by="乙", now=NOW, reason="年度预算")
    award = proposed(office, identified, fill())
    assert office.find(award)["proposed_amount"] == "6000"

    with pytest.raises(PolicyRefusal, match="approval missing for budget"):
        decide(office, award, amount=Decimal(8000), why="预算将追加")
    office.approve(
        award, "budget", "finance_department", up_to=Decimal(8000), ground="budget-added", by="财政局", now=NOW
    )
    decide(office, award, amount=Decimal(8000), why="预算已追加")
    assert use(store) == BudgetUse(2026, Decimal(6000), Decimal(8000), Decimal(0))
    assert use(store).left == 0


def test_a_budget_used_up_by_others_stops_an_older_proposal(identified: str, fill: Fill, office: AwardOffice) -> None:
    office.set_budget(2026, Decimal(100_000), by="乙", now=NOW, reason="年度预算")
    award = proposed(office, identified, fill())
    office.set_budget(2026, Decimal(7000), by="乙", now=NOW, reason="预算调减")

    with pytest.raises(PolicyRefusal, match="no longer suffices"):
        decide(office, award)


def test_the_budget_is_bound_when_decided_spent_when_paid_and_free_when_refused(
    identified: str, fill: Fill, office: AwardOffice, store: Store
) -> None:
    office.set_budget(2026, Decimal(50_000), by="乙", now=NOW, reason="年度预算")
    award = proposed(office, identified, fill())
    assert use(store) == BudgetUse(2026, Decimal(50_000), Decimal(0), Decimal(0))
    decide(office, award)
    assert use(store) == BudgetUse(2026, Decimal(50_000), Decimal(8000), Decimal(0))
    office.refuse(award, by="乙", now=NOW, reason="本人放弃")
    assert use(store).left == 50_000

    second = proposed(office, identified, fill())
    decide(office, second)
    office.pay(second, TODAY, by="甲", now=NOW)
    assert use(store) == BudgetUse(2026, Decimal(50_000), Decimal(0), Decimal(8000))


def test_an_open_checklist_stops_the_decision(identified: str, fill: Fill, office: AwardOffice) -> None:
    award = proposed(office, identified, fill(checklist={"scope-1": "yes"}))

    with pytest.raises(PolicyRefusal, match="checklist is not complete"):
        decide(office, award)


def test_a_changed_table_needs_a_new_proposal(identified: str, fill: Fill, office: AwardOffice) -> None:
    award = proposed(office, identified, fill())
    newer = replace(office, tables=tables("1100", local_cap="50000"))

    with pytest.raises(PolicyRefusal, match="propose again"):
        decide(newer, award)
    with pytest.raises(PolicyRefusal, match="propose again"):
        newer.approve(award, "decision", "chief_prosecutor", up_to=Decimal(1), ground="", by="检察长", now=NOW)
    office.refuse(award, by="乙", now=NOW, reason="基准调整，重新提出")
    assert office.find(proposed(newer, identified, fill()))["proposed_amount"] == "8800"


def test_a_proposal_whose_day_has_passed_is_made_again(identified: str, fill: Fill, office: AwardOffice) -> None:
    award = proposed(office, identified, fill())

    with pytest.raises(PolicyRefusal, match="day has passed"):
        office.decide(award, by="乙", now=later(2), reasons={})
    with pytest.raises(InputError, match="before today"):
        office.propose(identified, fill(), by="甲", now=later(2))


def test_the_same_person_is_not_aided_twice_in_one_case(
    identified: str, fill: Fill, office: AwardOffice, clue: Clue, book: ClueBook, work: ClueWork, desk: Desk
) -> None:
    proposed(office, identified, fill())
    twin = replace(clue, clue_id="twin", model="SX-2")
    book.take_round("r9", ["SX-2"], [twin])
    work.confirm("twin", by="甲", now=NOW)

    with pytest.raises(PolicyRefusal, match="already has an award"):
        proposed(office, "twin", fill())


def test_a_refusal_is_explained_to_the_applicant(
    identified: str, fill: Fill, office: AwardOffice, board: Board, book: ClueBook, work: ClueWork
) -> None:
    office.refuse(proposed(office, identified, fill()), by="乙", now=NOW, reason="已获赔偿")

    assert [t.en for t in tasks(board.items(book.list()), board.deadlines, today=TODAY)] == [
        "explain to the applicant why there is no aid"
    ]
    work.simply(identified, Action.EXPLAIN, by="甲", now=NOW, reason="已告知并释法说理")
    assert "propose an amount" in tasks(board.items(book.list()), board.deadlines, today=TODAY)[0].en


def test_payment_lies_between_decision_and_today(identified: str, fill: Fill, office: AwardOffice) -> None:
    award = proposed(office, identified, fill())
    with pytest.raises(RoundStateError, match="must be decided"):
        office.pay(award, TODAY, by="甲", now=NOW)
    decide(office, award)

    for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=1)):
        with pytest.raises(InputError, match="between decision and today"):
            office.pay(award, day, by="甲", now=NOW)


def test_stored_awards_are_the_peers_and_the_benchmark_of_the_next(
    identified: str, fill: Fill, office: AwardOffice, store: Store
) -> None:
    award = proposed(office, identified, fill())
    decide(office, award)

    scale = office.tables.on(TODAY, region="example").scale
    (found,) = decided_cases(store, [], scale)
    assert (found.amount, found.multiplier, found.tier, found.capped) == (Decimal(8000), Decimal(8), "serious", False)
    assert (found.decided_on, found.reference, found.harm) == (date(2026, 10, 31), "c1", 1)


def test_an_unknown_award_is_told(office: AwardOffice) -> None:
    with pytest.raises(NotFoundError):
        office.find("none")


def test_nothing_personal_is_in_the_database(identified: str, fill: Fill, office: AwardOffice) -> None:
    decide(office, proposed(office, identified, fill()))

    content = b"".join(p.read_bytes() for p in office.config.state.glob("node.db*"))
    assert not any(text.encode() in content for text in ("李晓梅", LI, "14100000001", "钟桥"))


def test_a_clue_with_a_decided_amount_is_not_closed(
    identified: str, fill: Fill, office: AwardOffice, work: ClueWork
) -> None:
    award = proposed(office, identified, fill())
    decide(office, award)
    with pytest.raises(RoundStateError, match="pay or refuse"):
        work.simply(identified, Action.CLOSE, by="甲", now=NOW, reason="办结")
    office.pay(award, TODAY, by="甲", now=NOW)
    work.simply(identified, Action.FOLLOW, by="甲", now=NOW, reason="已回访")
    work.simply(identified, Action.CLOSE, by="甲", now=NOW, reason="办结")
