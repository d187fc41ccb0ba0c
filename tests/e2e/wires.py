"""A wire between a party and the linkage unit that can be listened to, held up after so many bytes, and cut."""

from __future__ import annotations

import contextlib
import math
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

PIECE = 1 << 14


class Wire:
    """Pass TCP connections on to `target` on this machine and keep a copy of every byte, both ways, in `record`."""

    def __init__(self, target: int, record: Path) -> None:
        self._target, self._record = target, record.open("ab")
        self._left: float = math.inf  # How many more bytes may go up.
        self._changed = threading.Condition()
        self._ends: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def hold_after(self, count: int) -> None:
        """Let `count` more bytes go up, then none."""
        with self._changed:
            self._left = count
            self._changed.notify_all()

    def hold(self) -> None:
        """Let nothing more go up; the sender waits, nothing is lost."""
        self.hold_after(0)

    def release(self) -> None:
        """Let everything pass again."""
        with self._changed:
            self._left = math.inf
            self._changed.notify_all()

    def cut(self) -> None:
        """Break every connection; what had not passed yet is lost."""
        with self._changed:
            ends = tuple(self._ends)
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop listening, break what is open."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.cut()
        self.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                near.close()  # The linkage unit is down; the party will try again.
                continue
            with self._changed:
                self._ends |= {near, far}
            threading.Thread(target=self._pump, args=(near, far, self._allowed), daemon=True).start()
            threading.Thread(target=self._pump, args=(far, near, lambda: PIECE), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, allowed: Callable[[], int]) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(allowed()):
                if allowed == self._allowed:
                    self._spend(len(piece))
                with self._changed:
                    self._record.write(piece)
                    self._record.flush()
                sink.sendall(piece)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        with self._changed:
            self._ends -= {source, sink}

    def _allowed(self) -> int:
        """Return how many bytes may go up now, once there are any."""
        with self._changed:
            self._changed.wait_for(lambda: self._left > 0)
            return int(min(PIECE, self._left))

    def _spend(self, count: int) -> None:
        with self._changed:
            self._left -= count
