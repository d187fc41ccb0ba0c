from __future__ import annotations

import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from linkage.operations.logs import start_logging
from linkage.operations.settings import Operations

SECRET = "李晓梅 110105198001011234"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Give the test process its own logging back."""
    root = logging.getLogger()
    handlers, level, hooks = root.handlers[:], root.level, (sys.excepthook, threading.excepthook, sys.unraisablehook)
    raising = logging.raiseExceptions
    yield
    for handler in set(root.handlers) - set(handlers):
        handler.close()
    root.handlers[:], logging.raiseExceptions = handlers, raising
    root.setLevel(level)
    logging.captureWarnings(False)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


def settings(folder: Path, *, most: int = 1 << 20) -> Operations:
    return Operations(log_format="json", log_file=folder / "node.log", log_bytes=most, log_files=2)


def events(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / "node.log").read_text("utf-8").splitlines()]


def test_an_event_is_one_line_whatever_its_text(tmp_path: Path) -> None:
    start_logging(settings(tmp_path))
    logging.getLogger("agency_node.daemon").warning("one\ntwo %s", "三\r\n")

    (event,) = events(tmp_path)
    assert (event["level"], event["logger"], event["event"]) == ("WARNING", "agency_node.daemon", "one\\ntwo 三\\r\\n")
    assert event["time"].endswith("+00:00")


def test_what_other_libraries_say_is_withheld_but_not_where(tmp_path: Path) -> None:
    start_logging(settings(tmp_path))
    logging.getLogger("sqlalchemy.engine").error("parameters %s", SECRET)
    warnings.warn(SECRET, stacklevel=1)

    assert [event["logger"] for event in events(tmp_path)] == ["sqlalchemy.engine", "py.warnings"]
    assert "test_logs.py" in events(tmp_path)[0]["event"]
    assert "李晓梅" not in (tmp_path / "node.log").read_text("utf-8")


def test_of_an_exception_only_the_type_is_told(tmp_path: Path) -> None:
    start_logging(settings(tmp_path))

    def fails() -> None:
        raise ValueError(SECRET)

    try:
        fails()
    except ValueError:
        logging.getLogger("linkage.x").exception("it failed")
    thread = threading.Thread(target=fails)
    thread.start()
    thread.join()

    found = events(tmp_path)
    assert (found[0]["event"], found[0]["exception"]) == ("it failed", "ValueError")
    assert found[1]["event"].startswith("a thread ends: ValueError at ")
    assert "李晓梅" not in (tmp_path / "node.log").read_text("utf-8")


def test_the_end_of_the_program_tells_no_text_either(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start_logging(settings(tmp_path))
    sys.excepthook(ValueError, ValueError(SECRET), None)

    assert events(tmp_path)[0]["event"] == "the program ends: ValueError at ?"
    assert "李晓梅" not in capsys.readouterr().err


def test_a_log_file_is_private_and_bounded(tmp_path: Path) -> None:
    start_logging(settings(tmp_path, most=2000))
    for number in range(200):
        logging.getLogger("linkage.x").info("event %d", number)

    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["node.log", "node.log.1", "node.log.2"]
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    assert sum(file.stat().st_size for file in files) <= 3 * 2000
    assert events(tmp_path)[-1]["event"] == "event 199"


def test_text_lines_tell_the_same(tmp_path: Path) -> None:
    start_logging(Operations(log_file=tmp_path / "node.log"))
    logging.getLogger("linkage.x").info("done")

    assert (tmp_path / "node.log").read_text("utf-8").endswith(" INFO linkage.x: done\n")
