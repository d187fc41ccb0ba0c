"""Say how far a long step is: stage, rows done, rows in all, rate, time left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One moment of a long step. `total` 0 and `seconds_left` -1 mean not known; `rate` is per second."""

    stage: str
    done: int
    total: int
    rate: float
    seconds_left: float


Report = Callable[[Progress], object]
Monotonic = Callable[[], float]


class Meter:
    """Turn counts into progress reports, at most one every `every` seconds and always one at the end."""

    def __init__(self, stage: str, total: int, *, report: Report, clock: Monotonic, every: float = 1.0) -> None:
        self._stage, self._total = stage, total
        self._report, self._clock, self._every = report, clock, every
        self._begun = self._last = clock()

    def at(self, done: int) -> None:
        """Report when it is time to."""
        if self._clock() - self._last >= self._every:
            self._say(done, self._total)

    def end(self, done: int) -> None:
        """Report the end."""
        self._say(done, done)

    def _say(self, done: int, total: int) -> None:
        self._last = self._clock()
        passed = self._last - self._begun
        rate = done / passed if passed > 0 else 0.0
        left = (total - done) / rate if rate > 0 and total >= done else -1.0
        self._report(Progress(self._stage, done, total, rate, left if total else -1.0))


def report_nothing(_: Progress) -> None:
    """Say nothing."""
