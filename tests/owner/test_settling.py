"""After a restore, ours or the linkage unit's: open rounds end with a reason, and nothing that ended opens again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from linkage.errors import NotFoundError
from linkage.owner.events import take_event
from linkage.owner.participation import Participation, Step
from linkage.owner.settling import REASON, end_rounds, send_again


@pytest.fixture
def book(town: Any, kit: Any, unit: Any) -> Participation:
    """Return the book of an office that has just uploaded its part of one round."""
    office = town.office("civil", kit.Policy())
    kit.run_to_upload(town, office, unit, town.warrant())
    return office.book  # type: ignore[no-any-return]


def test_a_restored_node_ends_its_part_of_every_open_round(town: Any, kit: Any, unit: Any, book: Participation) -> None:
    (before,) = book.rounds()
    with book.engine.begin() as connection:
        ended = end_rounds(connection)
    office = town.office("civil", kit.Policy())
    kit.worker(office, unit).work()

    after = book.round(before.round_id)
    assert after is not None and ended == (before.round_id,)
    assert (before.step, after.step, after.fault, after.statement_sent) == (Step.UPLOADED, Step.ENDED, REASON, True)
    assert not (office.state / "rounds" / before.round_id).exists()


def test_an_upload_that_the_unit_does_not_know_any_more_ends_the_round(town: Any, kit: Any, unit: Any) -> None:
    office, warrant = town.office("civil", kit.Policy()), town.warrant()

    def forget(call: str) -> None:
        if call == "begin":
            raise NotFoundError("没有这个轮次", "no such round")

    unit.before = forget
    kit.run_to_upload(town, office, unit, warrant)
    kit.worker(office, unit).work()

    found = office.book.round(warrant.round_id)
    assert (found.step, found.state, found.reason) == (Step.ENDED, "FAILED", "没有这个轮次 | no such round")


@pytest.mark.parametrize("state", ["CLOSED", "CANCELLED", "DELIVERED"])
def test_a_round_that_ended_does_not_fail_afterwards(town: Any, kit: Any, unit: Any, state: str) -> None:
    office, warrant = town.office("civil", kit.Policy()), town.warrant()
    kit.run_to_upload(town, office, unit, warrant)

    take_event(office, kit.status_event(warrant, state))
    take_event(office, kit.status_event(warrant, "FAILED", "restored"))

    assert office.book.round(warrant.round_id).state == state
    assert office.trail._log.kinds()[-1] == "event.rejected"


def test_a_round_whose_end_never_comes_is_over_a_day_after_its_warrant(town: Any, kit: Any, unit: Any) -> None:
    office, warrant = town.office("civil", kit.Policy()), town.warrant()
    kit.run_to_upload(town, office, unit, warrant)
    steps = []
    for hours in (72, 95, 97):
        town.moment = kit.NOW + timedelta(hours=hours)
        kit.worker(office, unit).work()
        steps.append(kit.step_of(office, warrant))

    assert steps == [Step.UPLOADED, Step.UPLOADED, Step.ENDED]


def test_relays_that_arrived_leave_once_more_and_refused_ones_do_not(town: Any, kit: Any, tmp_path: Path) -> None:
    book = town.office("civil", kit.Policy()).book
    for message in (b"arrived", b"refused"):
        book.post("referral_status", message)
    first, second = book.outbox()
    book.posted(first.number)
    book.posted(second.number, fault="no")

    assert send_again(book.engine) == 1
    assert [found.message for found in book.outbox()] == [b"arrived"]
