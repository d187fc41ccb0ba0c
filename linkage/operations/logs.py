"""Start a program's log: one event per line, text or JSON, to standard error or to a file that is rotated by size.

* Our own messages never hold a personal value; what other libraries say might quote one, so of theirs only logger,
  level and place are told.
* Of an exception only the type is told, never its text; that holds for threads and for the end of the program too.
* A log file is this account's alone (mode 0600).
"""

from __future__ import annotations

import io
import json
import logging
import os
import sys
import threading
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from types import TracebackType
from typing import Final

from linkage.operations.settings import Operations

OURS: Final = ("linkage", "agency_node", "procuratorate_node")
log = logging.getLogger(__name__)


def start_logging(settings: Operations) -> None:
    """Send the whole process's log where the settings say; replaces what was set up before."""
    handler = _handler(settings)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # What cannot be logged would be printed with its arguments.
    sys.excepthook = _tell_end
    threading.excepthook = _tell_thread_end
    sys.unraisablehook = _tell_unraisable


class TextLines(logging.Formatter):
    """Write time, level, logger and event on one line."""

    def format(self, record: logging.LogRecord) -> str:
        found = event_of(record)
        kind = f" ({found['exception']})" if "exception" in found else ""
        return f"{found['time']} {found['level']} {found['logger']}: {found['event']}{kind}"


class JsonLines(logging.Formatter):
    """Write one JSON object per line: time, level, logger, event and, of an exception, its type."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(event_of(record), ensure_ascii=False)


def event_of(record: logging.LogRecord) -> dict[str, str]:
    """Return what may be told of a record, all on one line."""
    ours = record.name.split(".")[0] in OURS
    told = record.getMessage() if ours else f"text of another library withheld ({record.filename}:{record.lineno})"
    event = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "event": told.replace("\r", "\\r").replace("\n", "\\n"),
    }
    if record.exc_info and record.exc_info[0] is not None:
        event["exception"] = record.exc_info[0].__name__
    return event


class PrivateRotatingFile(RotatingFileHandler):
    """Rotate by size; every file is made with mode 0600."""

    def _open(self) -> io.TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        return io.TextIOWrapper(io.FileIO(descriptor, "a"), encoding="utf-8", line_buffering=True)


def _handler(settings: Operations) -> logging.Handler:
    if settings.log_file is None:
        return logging.StreamHandler()
    settings.log_file.parent.mkdir(parents=True, exist_ok=True)
    return PrivateRotatingFile(settings.log_file, maxBytes=settings.log_bytes, backupCount=settings.log_files)


def _tell_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    log.critical("the program ends: %s at %s", kind.__name__, _place(trace))


def _tell_thread_end(ended: threading.ExceptHookArgs) -> None:
    log.critical("a thread ends: %s at %s", ended.exc_type.__name__, _place(ended.exc_traceback))


def _tell_unraisable(found: sys.UnraisableHookArgs) -> None:
    log.error("ignored: %s at %s", found.exc_type.__name__, _place(found.exc_traceback))


def _place(trace: TracebackType | None) -> str:
    """Return module and line where an exception began: enough to find it, nothing of its text."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}" if trace is not None else "?"
