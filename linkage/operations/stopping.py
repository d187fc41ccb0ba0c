"""End by a signal: SIGTERM or SIGINT sets an event, and the program ends in order by itself."""

from __future__ import annotations

import signal
import threading
from typing import Final

LOOK_SECONDS: Final = 1.0


def stop_by_signal() -> threading.Event:
    """Return the event that SIGTERM and SIGINT set from now on. For the main thread of a program."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def wait_for(stop: threading.Event) -> None:
    """Wait in the main thread until `stop` is set.

    Only this thread runs what a signal is to do. The system may hand the signal to another thread, which wakes nobody:
    a wait without end would never learn of it.
    """
    while not stop.wait(LOOK_SECONDS):
        pass
