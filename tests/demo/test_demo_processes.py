from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from linkage.demo.processes import Programs, wait_until
from linkage.errors import TransportError
from tests.e2e.inside import is_running

SERVER = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("ready on port 4711", flush=True)
time.sleep(60)
"""
STUBBORN = SERVER.replace("lambda *_: sys.exit(0)", "signal.SIG_IGN")
BROKEN = "import sys\nprint('the disk is gone')\nsys.exit(3)\n"


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    for name, text in (("server", SERVER), ("stubborn", STUBBORN), ("broken", BROKEN)):
        (tmp_path / f"{name}.py").write_text(text)
    with Programs(tmp_path, {"PYTHONPATH": str(tmp_path)}) as made:
        yield made


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_program_is_ready_when_its_log_says_so(programs: Programs) -> None:
    found = programs.start("server", ["server"]).wait_for(r"port (\d+)", seconds=20)

    assert found.group(1) == "4711"


def test_a_program_that_ends_early_is_reported_with_the_end_of_its_log(programs: Programs) -> None:
    with pytest.raises(TransportError) as caught:
        programs.start("broken", ["broken"]).wait_for("ready", seconds=20)

    assert "broken" in caught.value.en and "3" in caught.value.en
    assert "the disk is gone" in caught.value.hint_zh


def test_a_program_that_never_gets_ready_is_reported(programs: Programs) -> None:
    with pytest.raises(TransportError, match="not ready"):
        programs.start("server", ["server"]).wait_for("no such line", seconds=0.3)


def test_stopping_ends_every_program_that_was_started(programs: Programs) -> None:
    pids = []
    for name in ("server", "server"):
        program = programs.start(name, [name])
        program.wait_for("ready", seconds=20)
        pids.append(program.process.pid)
    programs.stop()

    assert [is_alive(pid) for pid in pids] == [False, False]


def test_a_command_begun_is_waited_for_and_its_words_are_in_the_log(programs: Programs) -> None:
    command = programs.begin("broken", ["broken"])

    assert command.process.wait(20) == 3 and not command.running
    assert command.text() == "the disk is gone\n"


def test_stopping_ends_a_command_that_was_begun_and_what_it_started(programs: Programs) -> None:
    (programs.logs / "parent.py").write_text(
        "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'server'])\n"
    )
    command = programs.begin("parent", ["parent"])
    command.wait_for("ready", seconds=20)
    (child,) = Path(f"/proc/{command.process.pid}/task/{command.process.pid}/children").read_text().split()
    programs.stop()

    assert not is_alive(command.process.pid)
    assert wait_until(lambda: not is_running(int(child)), seconds=20, every=0.02, programs=programs)


def test_a_program_that_ignores_the_request_is_killed(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linkage.demo.processes.STOP_SECONDS", 0.3)
    program = programs.start("stubborn", ["stubborn"])
    program.wait_for("ready", seconds=20)
    programs.stop()

    assert not is_alive(program.process.pid)


def test_programs_are_stopped_when_the_demo_fails(programs: Programs) -> None:
    program = programs.start("server", ["server"])
    program.wait_for("ready", seconds=20)
    with pytest.raises(KeyboardInterrupt), programs:
        raise KeyboardInterrupt

    assert not is_alive(program.process.pid)


def test_waiting_notices_a_program_that_died(programs: Programs) -> None:
    programs.start("broken", ["broken"])
    with pytest.raises(TransportError, match="ended unexpectedly with 3"):
        wait_until(lambda: False, seconds=20, every=0.05, programs=programs)


def test_a_failed_command_is_reported_with_what_it_printed(programs: Programs) -> None:
    with pytest.raises(TransportError) as caught:
        programs.run("broken", ["broken"])

    assert "the disk is gone" in caught.value.hint_zh


def test_a_command_that_takes_too_long_is_ended(programs: Programs) -> None:
    with pytest.raises(TransportError, match="took over"):
        programs.run("server", ["server"], seconds=0.5)


def test_a_command_prints_into_its_own_answer_and_leaves_this_process_alone(programs: Programs) -> None:
    (programs.logs / "teller.py").write_text("import os, sys\nprint(sys.argv[1:], os.environ['TOLD'])\n")
    told = Programs(programs.logs, {**programs.environment, "TOLD": "yes"})

    assert told.run("teller", ["teller", "甲", "乙"]) == "['甲', '乙'] yes\n"
    assert "TOLD" not in os.environ


def test_the_greatest_resident_size_is_noted_when_stopping(programs: Programs) -> None:
    programs.start("server", ["server"]).wait_for("ready", seconds=20)
    programs.stop()

    assert programs.peaks["server"] > 1000
