"""One agency has no network at all: its files are carried, and the clues are those of a connected round."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from linkage.demo import steps
from linkage.demo.consortium import REQUESTING
from linkage.demo.parties import COORDINATOR
from tests.e2e.conftest import Street
from tests.e2e.test_rounds import clues_of, play

pytestmark = pytest.mark.slow
MODELS = ("SX-2", "WD-1", "WD-3")  # Of civil_affairs and court, whose policies decide by themselves.
OFFLINE = "civil_affairs"


def unplug(street: Street) -> None:
    """End the agency's program and leave it no address of the linkage unit."""
    street.running.programs.kill(street.running.program(OFFLINE))
    config = street.running.files[OFFLINE]
    text = config.read_text("utf-8")
    config.write_text(re.sub(r'coordinator = ".*"', 'coordinator = "nowhere.invalid:1"', text), encoding="utf-8")


def unit_exports(street: Street, stick: Path) -> None:
    config = str(street.running.files[COORDINATOR])
    street.running.linkage("coordinator", "courier", "export", str(stick), "--to", OFFLINE, "--config", config)


def agency_imports(street: Street, stick: Path) -> None:
    street.running.agency(OFFLINE, "courier", "import", str(stick))


def carry(street: Street, stick: Path) -> None:
    """Carry the stick once from the linkage unit to the agency and back."""
    unit_exports(street, stick)
    agency_imports(street, stick)
    street.running.agency(OFFLINE, "courier", "export", str(stick))
    config = str(street.running.files[COORDINATOR])
    street.running.linkage("coordinator", "courier", "import", str(stick), "--config", config)


def test_a_round_carried_by_files_gives_the_clues_of_a_connected_one(street: Street, tmp_path: Path) -> None:
    steps.close_round(street.running, play(street, MODELS), street.view)
    before = clues_of(street)
    unplug(street)
    round_id = steps.propose(street.running, MODELS, street.view)
    waiting = steps.start_round(street.running, round_id)
    waiting.wait_for(f"{round_id} PROPOSED", seconds=120)
    carry(street, tmp_path)  # The warrant out, the decision back.
    street.running.program("court").wait_for(f"round {round_id}: COLLECTING", seconds=120)
    carry(street, tmp_path)  # The consents out, the encodings back.
    assert waiting.process.wait(300) == 0, waiting.tail()
    street.running.programs.forget(waiting)

    assert before, "nothing to compare with"
    assert clues_of(street) == before
    street.running.procuratorate("round", "close", round_id, "--by", REQUESTING)
    street.running.program("court").wait_for(f"round {round_id}: our data are erased", seconds=120)
    carry(street, tmp_path)  # The end of the round out, the deletion statement back.
    street.running.program("court").wait_for(f"round {round_id}: CLOSED", seconds=120)
    unit_exports(street, tmp_path)
    agency_imports(street, tmp_path)
    assert f"{OFFLINE}-to-{COORDINATOR}-000003.linkage" in {file.name for file in tmp_path.iterdir()}


def test_the_logs_of_a_carried_round_are_sound_and_agree(street: Street) -> None:
    street.running.programs.stop()
    steps.review_logs(street.running, street.running.root.parent, street.view)

    assert "are sound" in street.screen.getvalue()
    assert "the logs agree: " in street.screen.getvalue()
