"""A program ends by SIGTERM, whichever of its threads the system hands the signal to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import signal, sys, threading, time
from linkage.operations.stopping import stop_by_signal, wait_for

def signal_this_thread():
    time.sleep(0.2)  # The main thread waits by now.
    signal.pthread_kill(threading.get_ident(), signal.Signals[sys.argv[1]])

stop = stop_by_signal()
threading.Thread(target=signal_this_thread).start()
wait_for(stop)
print("in order")
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_that_another_thread_was_given_ends_the_program_in_order(repository: Path, name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, name], cwd=repository, capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stdout) == (0, "in order\n"), done.stderr
