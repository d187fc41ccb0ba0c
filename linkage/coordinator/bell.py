"""Wake the watch streams when something was stored for their party, and end them when they must end."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from linkage.rpc.limits import WATCHES_PER_PARTY


class Bell:
    """Remember the newest event number per party; let streams sleep until it grows."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._newest: dict[str, int] = {}
        self._streams: dict[str, list[threading.Event]] = {}
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    def ring(self, sequences: Iterable[tuple[str, int]]) -> None:
        """Say that these events are stored: (recipient, sequence)."""
        with self._changed:
            for recipient, sequence in sequences:
                self._newest[recipient] = max(sequence, self._newest.get(recipient, 0))
            self._changed.notify_all()

    def wait(self, recipient: str, after: int, *, seconds: float) -> bool:
        """Sleep until there is an event after `after`, the bell closes, somebody wakes all, or time is over."""
        with self._changed:
            if self._closed or self._newest.get(recipient, 0) > after:
                return True
            return self._changed.wait(seconds)

    def wake(self) -> None:
        """Make every stream look again."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """End all streams."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def enter(self, party: str) -> threading.Event:
        """Register a stream; return the event that ends it. A party's oldest streams end when it opens too many."""
        ended = threading.Event()
        with self._changed:
            streams = self._streams.setdefault(party, [])
            streams.append(ended)
            for old in streams[:-WATCHES_PER_PARTY]:
                old.set()
            self._changed.notify_all()
        return ended

    def streams(self) -> int:
        """Return how many streams are held."""
        with self._changed:
            return sum(map(len, self._streams.values()))

    def leave(self, party: str, ended: threading.Event) -> None:
        """Forget a stream."""
        with self._changed:
            self._streams[party].remove(ended)
