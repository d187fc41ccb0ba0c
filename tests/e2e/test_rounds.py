"""Whole rounds between real programs: the plain one, a refusal, and programs that are killed on the way."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from linkage.demo import steps
from linkage.demo.consortium import OPERATOR
from linkage.errors import RoundStateError
from tests.e2e.conftest import Street

pytestmark = pytest.mark.slow
MODELS = ("SX-2", "WD-1", "WD-3")  # Of civil_affairs and court, whose policies decide by themselves.


def play(street: Street, models: tuple[str, ...], *, disturb: Callable[[str], None] = lambda _: None) -> str:
    """Run one round to its end and return its id."""
    round_id = steps.propose(street.running, models, street.view)
    waiting = steps.start_round(street.running, round_id)
    disturb(round_id)
    steps.follow(street.running, waiting, street.view, operator=nobody)
    return round_id


def nobody(office: str) -> None:
    raise AssertionError(f"{office} wants an operator")


def clues_of(street: Street) -> set[tuple[str, str]]:
    """Return (model, case) of every clue there is."""
    file = street.out / "clues.csv"
    street.running.procuratorate("export", str(file), "--score")
    with file.open(encoding="utf-8-sig", newline="") as source:
        return {(row["model"], row["case_no"]) for row in csv.DictReader(source)}


def expected_clues(county: Path, models: tuple[str, ...]) -> set[tuple[str, str]]:
    with (county / "truth" / "expected_clues.csv").open(encoding="utf-8-sig", newline="") as source:
        return {(row["model"], row["case_no"]) for row in csv.DictReader(source) if row["model"] in models}


def when_log_says(street: Street, program: str, pattern: str, act: Callable[[], object]) -> None:
    """Act as soon as a program's log has this line."""
    street.running.program(program).wait_for(pattern, seconds=120)
    act()


def secrets_of(county: Path) -> list[bytes]:
    """Return every usable number and every longer name of the procuratorate's people, as bytes."""
    with (county / "procuratorate" / "parties.csv").open(encoding="utf-8-sig", newline="") as source:
        cells = {cell for row in csv.DictReader(source) for cell in row.values() if cell}
    numbers = {cell for cell in cells if re.fullmatch(r"\d{17}[\dXx]", cell)}
    assert len(numbers) > 100
    return [text.encode() for text in numbers]


def bytes_of(folder: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_round_finds_the_clues_opens_one_and_ends_without_traces(street: Street) -> None:
    round_id = play(street, MODELS)
    found, expected = clues_of(street), expected_clues(street.county, MODELS)
    clue = steps.open_one_clue(street.running, street.view)
    assert clue is not None
    steps.ask_release(street.running, clue, street.view)
    steps.close_round(street.running, round_id, street.view)

    assert len(expected) > 20
    assert len(found & expected) >= 0.9 * max(len(found), len(expected))
    assert list((street.running.root / "coordinator" / "rounds").iterdir()) == []
    assert not [path for path in street.running.root.rglob("rounds/*/*") if path.is_file() and round_id in str(path)]
    assert "GIVEN" in street.screen.getvalue()


def test_nothing_the_coordinator_keeps_or_logs_holds_a_persons_number(street: Street) -> None:
    kept = bytes_of(street.running.root / "coordinator") + bytes_of(street.out / "logs")

    assert [number for number in secrets_of(street.county) if number in kept] == []


def test_an_operator_who_refuses_ends_the_round_with_the_reason(street: Street) -> None:
    round_id = steps.propose(street.running, ("SX-3",), street.view)
    waiting = steps.start_round(street.running, round_id)

    def refuse(office: str) -> None:
        street.running.agency(office, "refuse", round_id, "--by", OPERATOR, "--reason", "本月已查过一次")

    with pytest.raises(RoundStateError):
        steps.follow(street.running, waiting, street.view, operator=refuse)
    listed = street.running.procuratorate("rounds")

    assert re.search(f"{round_id} REFUSED .*本月已查过一次", listed)
    assert not [model for model, _ in clues_of(street) if model == "SX-3"]


def test_a_program_killed_on_the_way_changes_nothing_about_the_result(street: Street) -> None:
    steps.close_round(street.running, play(street, MODELS), street.view)
    before = clues_of(street)

    def restart_coordinator() -> None:
        street.kill_and_restart("coordinator")

    def agency_while_uploading(round_id: str) -> None:
        when_log_says(street, "court", f"round {round_id}: encoding", lambda: street.kill_and_restart("court"))

    def coordinator_while_collecting(round_id: str) -> None:
        when_log_says(street, "civil_affairs", f"round {round_id}: COLLECTING", restart_coordinator)

    def coordinator_while_matching(round_id: str) -> None:
        when_log_says(street, "civil_affairs", f"round {round_id}: MATCHING", restart_coordinator)

    for disturb in (agency_while_uploading, coordinator_while_collecting, coordinator_while_matching):
        round_id = play(street, MODELS, disturb=disturb)
        steps.close_round(street.running, round_id, street.view)

        assert before, "nothing to compare with"
        assert clues_of(street) == before, disturb.__name__


def test_every_log_is_sound_after_all_that(street: Street) -> None:
    street.running.programs.stop()
    steps.review_logs(street.running, street.running.root.parent, street.view)

    assert "are sound" in street.screen.getvalue()
    assert "the logs agree: " in street.screen.getvalue()
