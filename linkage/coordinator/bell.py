"""Wake the watch streams when something was stored for their party, and end them when they must end.

Every stream sleeps by itself: what concerns one party wakes its own streams and no others, so hundreds cost nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from linkage.rpc.limits import WATCHES_PER_PARTY


@dataclass(slots=True, eq=False)
class Stream:
    """One open watch of a party, opened with this certificate; `ended` once it must end."""

    party: str
    certificate: bytes
    changed: threading.Condition
    ended: bool = False

    def wake(self) -> None:
        """Make it look again."""
        with self.changed:
            self.changed.notify()


@dataclass(slots=True)
class Bell:
    """Remember the newest event number per party; let streams sleep until it grows."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _newest: dict[str, int] = field(default_factory=dict)
    _streams: dict[str, list[Stream]] = field(default_factory=dict)
    _closed: bool = False

    def ring(self, sequences: Iterable[tuple[str, int]]) -> None:
        """Say that these events are stored: (recipient, sequence)."""
        with self._lock:
            for recipient, sequence in sequences:
                self._newest[recipient] = max(sequence, self._newest.get(recipient, 0))
                for stream in self._streams.get(recipient, ()):
                    stream.changed.notify()

    def newest(self, party: str) -> int:
        """Return the number of the newest event stored for a party, 0 for none."""
        with self._lock:
            return self._newest.get(party, 0)

    def last(self) -> int:
        """Return the number of the newest event stored for anybody, 0 for none."""
        with self._lock:
            return max(self._newest.values(), default=0)

    def wait(self, stream: Stream, after: int, *, seconds: float) -> None:
        """Sleep until there is an event after `after`, the stream ends, somebody wakes it, or time is over."""
        with self._lock:
            if not stream.ended and self._newest.get(stream.party, 0) <= after:
                stream.changed.wait(seconds)

    def open_streams(self) -> tuple[Stream, ...]:
        """Return the streams that are open now."""
        with self._lock:
            return tuple(stream for streams in self._streams.values() for stream in streams)

    def close(self) -> None:
        """End all streams."""
        with self._lock:
            self._closed = True
            for streams in self._streams.values():
                self._end(streams)

    def enter(self, party: str, certificate: bytes) -> Stream:
        """Register a stream. A party's oldest streams end when it opens too many."""
        stream = Stream(party, certificate, threading.Condition(self._lock))
        with self._lock:
            stream.ended = self._closed
            streams = self._streams.setdefault(party, [])
            streams.append(stream)
            self._end(streams[:-WATCHES_PER_PARTY])
        return stream

    def leave(self, stream: Stream) -> None:
        """Forget a stream."""
        with self._lock:
            self._streams[stream.party].remove(stream)

    @staticmethod
    def _end(streams: Iterable[Stream]) -> None:
        for stream in streams:
            stream.ended = True
            stream.changed.notify()
