"""The worker process: it fails loudly, ends with its coordinator, and starts again after a restart."""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from linkage.coordinator import upkeep, work
from linkage.coordinator.job import Job, Outcome
from linkage.coordinator.matching import ATTEMPTS, Matching
from linkage.coordinator.worker import sayer
from linkage.errors import InputError
from linkage.rpc.upload import upload_file
from linkage.rpc.v1 import linkage_pb2 as pb
from tests.e2e.inside import is_running

TOLD = "import json, os, pathlib, sys; told = lambda: pathlib.Path(json.loads(sys.stdin.readline()))\n"
DONE = TOLD + "told().joinpath('outcome.json').write_bytes(pathlib.Path('{}').read_bytes())"
# Leaves its process id in each folder it is told, and says it has finished.
WILLING = TOLD + "while True: told().joinpath('by').write_text(str(os.getpid())); print('finished', flush=True)"
HANG = 'import sys; print(\'{"stage":"x","done":1,"total":2}\', flush=True); sys.stdin.read()'


class Waiting:
    """Run one program as a worker and wait for what it leaves."""

    def __init__(self, program: str, monotonic: Any = time.monotonic) -> None:
        self.matching = Matching(monotonic, (sys.executable, "-c", program))
        self.outcomes: queue.Queue[Outcome] = queue.Queue()

    def start(self, folder: Path, round_id: str = "r") -> None:
        self.matching.start(round_id, folder, lambda _, outcome: self.outcomes.put(outcome))

    def until_progress(self, round_id: str = "r") -> None:
        while (found := self.matching.progress(round_id)) is None or not found.done:
            time.sleep(0.01)


def test_a_worker_that_crashes_is_a_failure_with_its_code(tmp_path: Path) -> None:
    waiting = Waiting("raise SystemExit(7)")
    waiting.start(tmp_path)

    assert "7" in waiting.outcomes.get(timeout=60).failure


def test_a_worker_that_is_killed_begins_again_but_not_for_ever(tmp_path: Path) -> None:
    waiting = Waiting(TOLD + "open(told() / 'begun', 'a').write('.'); os.kill(os.getpid(), 9)")
    waiting.start(tmp_path)

    assert "-9" in waiting.outcomes.get(timeout=60).failure
    assert len((tmp_path / "begun").read_text()) == ATTEMPTS


def test_a_workers_outcome_is_handed_over(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    Outcome(b"d" * 32, 5, 1, 2).save(tmp_path / "made")
    waiting = Waiting(DONE.format(tmp_path / "made" / "outcome.json"))
    waiting.start(tmp_path)

    assert waiting.outcomes.get(timeout=60) == Outcome(b"d" * 32, 5, 1, 2)


def test_a_damaged_outcome_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "outcome.json").write_text("{}")
    waiting = Waiting("")
    waiting.start(tmp_path)

    assert waiting.outcomes.get(timeout=60).failure


def test_a_stopped_worker_leaves_no_outcome_and_makes_room_for_the_next(tmp_path: Path) -> None:
    waiting = Waiting(HANG)
    waiting.start(tmp_path)
    waiting.until_progress()
    waiting.start(tmp_path, "next")

    waiting.matching.stop("r")

    waiting.until_progress("next")
    assert waiting.outcomes.empty() and waiting.matching.progress("r") is None
    waiting.matching.close()


def test_a_round_has_one_worker_at_most(tmp_path: Path) -> None:
    waiting = Waiting(HANG)
    waiting.start(tmp_path)
    waiting.until_progress()
    waiting.start(tmp_path)

    progress = waiting.matching.progress("r")

    assert progress is not None and progress.done == 1
    waiting.matching.close()


def test_a_round_whose_outcome_is_being_stored_gets_no_second_worker(tmp_path: Path) -> None:
    waiting = Waiting("")
    outcomes: list[Outcome] = []
    stored = threading.Event()

    def store(round_id: str, outcome: Outcome) -> None:
        waiting.start(tmp_path, round_id)  # As the coordinator's next tick would.
        outcomes.append(outcome)
        stored.set()

    waiting.matching.start("r", tmp_path, store)

    assert stored.wait(60)
    with pytest.raises(queue.Empty):
        waiting.outcomes.get(timeout=1)
    assert len(outcomes) == 1 and waiting.matching.progress("r") is None


def served_by(waiting: Waiting, folder: Path) -> str:
    """Have a round matched and return the id of the process that did it."""
    folder.mkdir()
    Outcome(b"d" * 32, 5, 1, 2).save(folder)
    waiting.start(folder, folder.name)
    waiting.outcomes.get(timeout=60)
    while waiting.matching.progress(folder.name) is not None:
        time.sleep(0.01)
    return (folder / "by").read_text()


def test_rounds_in_turn_share_a_worker_until_it_is_killed(tmp_path: Path) -> None:
    waiting = Waiting(WILLING)

    first, second = (served_by(waiting, tmp_path / name) for name in "ab")
    os.kill(int(first), signal.SIGKILL)
    third = served_by(waiting, tmp_path / "c")

    assert first == second != third
    waiting.matching.close()
    assert not is_running(int(third))


def test_a_worker_that_has_waited_long_enough_is_ended(tmp_path: Path) -> None:
    now = [0.0]
    waiting = Waiting(WILLING, lambda: now[0])
    worker = int(served_by(waiting, tmp_path / "a"))

    waiting.matching.rest(60)
    assert is_running(worker)
    now[0] = 60.0
    waiting.matching.rest(60)

    assert not is_running(worker)


def test_a_worker_that_works_is_not_ended_for_waiting(tmp_path: Path) -> None:
    waiting = Waiting(HANG)
    waiting.start(tmp_path)
    waiting.until_progress()

    waiting.matching.rest(0)

    assert waiting.matching.counts() == (1, 0)
    waiting.matching.close()


def test_a_worker_that_says_nothing_for_too_long_is_named(tmp_path: Path) -> None:
    now = [0.0]
    waiting = Waiting(HANG, lambda: now[0])
    waiting.start(tmp_path)
    waiting.until_progress()

    assert waiting.matching.silent(60) == ()
    now[0] = 61.0
    assert waiting.matching.silent(60) == ("r",)
    waiting.matching.close()


def test_a_closed_matching_starts_nothing(tmp_path: Path) -> None:
    waiting = Waiting("")
    waiting.matching.close()
    waiting.start(tmp_path)

    assert waiting.matching.progress("r") is None


def test_progress_lines_are_few_but_the_last_always_comes() -> None:
    lines: list[str] = []
    now = iter([0.0, 0.01, 0.02, 5.0])
    say = sayer(lines.append, lambda: next(now))

    for done in (1, 2, 10, 3):
        say("x", done, 10)

    assert [line.split('"done": ')[1].split(",")[0] for line in lines] == ["1", "10", "3"]


def test_a_job_reads_back_as_it_was_saved(tmp_path: Path) -> None:
    job = Job(b"warrant", {"p": 3}, {"p": b"key"}, 8, {"p": 9}, 10)
    job.save(tmp_path)

    assert Job.load(tmp_path) == job


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"rows":{},"upload_keys":{}}'])
def test_a_damaged_job_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "job.json").write_text(text)

    with pytest.raises(InputError):
        Job.load(tmp_path)


def collected(rig: Any, rows: Any, folder: Path, **changes: object) -> Any:
    warrant = rig.consented(**changes)
    for population, people in (("anchors", [1, 2]), ("dis", [1, 2]), ("dibao", [2])):
        spec = warrant.population(population)
        content = rows(people, payload=spec.payload, scope=int(spec.anchor))
        (folder / population).write_bytes(content.tobytes())
        upload_file(rig.client(spec.owner), folder / population, rig.facts(warrant, population, content))
    return warrant


def state_of(event: pb.Event) -> str:
    return pb.RoundState.Name(event.status.state)


def test_a_coordinator_stopped_while_matching_finishes_after_its_restart(
    rig: Any, rows: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = rig.coordinator.unit
    monkeypatch.setattr(unit.matching, "_command", (sys.executable, "-c", HANG))
    warrant = collected(rig, rows, tmp_path)
    rig.restart()

    ready = rig.events("procuratorate", lambda e: state_of(e) == "READY")[-1]

    assert ready.round_id == warrant.round_id


def test_a_result_beyond_the_warrants_cap_fails_the_round(rig: Any, rows: Any, tmp_path: Path) -> None:
    from linkage.warrant import Limits

    collected(rig, rows, tmp_path, limits=Limits(1, 1, 10, 0))

    failed = rig.events("civil", lambda e: state_of(e) == "FAILED")[-1]

    assert "larger than the warrant allows" in failed.status.reason
    assert not any(digit in failed.status.reason for digit in "0123456789"), "the number would be an answer"
    assert not rig.coordinator.unit.folder(failed.round_id).joinpath("result").exists()


def test_too_many_comparisons_fail_the_round_before_it_starts(
    rig: Any, rows: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "share_comparisons", lambda products, budget: dict.fromkeys(products, 10**18))
    collected(rig, rows, tmp_path)

    assert rig.events("civil", lambda e: state_of(e) == "FAILED")[-1].status.reason.startswith("预计比较")
    assert '"comparisons":2000000000000000000' in rig.audit()


def test_a_silent_worker_fails_the_round(rig: Any, rows: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    matching = rig.coordinator.unit.matching
    monkeypatch.setattr(matching, "_command", (sys.executable, "-c", HANG))
    warrant = collected(rig, rows, tmp_path)
    monkeypatch.setattr(matching, "silent", lambda seconds: (warrant.round_id,))

    upkeep.tend(rig.coordinator.unit)

    assert rig.client("civil").get_round(warrant.round_id).state == pb.FAILED
    assert not rig.coordinator.unit.folder(warrant.round_id).exists()


def test_cancelling_ends_the_worker_and_erases(
    rig: Any, rows: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = rig.coordinator.unit
    monkeypatch.setattr(unit.matching, "_command", (sys.executable, "-c", HANG))
    warrant = collected(rig, rows, tmp_path)

    rig.client("procuratorate").cancel_round(warrant.round_id, "停")

    assert unit.matching.progress(warrant.round_id) is None
    rig.events("civil", lambda e: e.HasField("deletion"))  # Stated once it is done.
    assert not unit.folder(warrant.round_id).exists()
