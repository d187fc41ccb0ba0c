"""Wait longer after each failure, with jitter, so that many nodes do not come back in the same second."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Backoff:
    """Bound retries: `attempts` tries, waits growing from `first` to `longest` seconds, each times 0.5 to 1.

    `pause` waits and returns True when the wait was cut short because the program stops.
    """

    attempts: int = 6
    first: float = 0.25
    longest: float = 30.0
    pause: Callable[[float], bool] = field(default_factory=lambda: threading.Event().wait)
    chance: Callable[[], float] = random.random

    def waits(self) -> Iterator[float]:
        """Yield the seconds to wait after each failure but the last."""
        for attempt in range(self.attempts - 1):
            yield self.wait_after(attempt)

    def wait_after(self, failures: int) -> float:
        """Return the seconds to wait after `failures` + 1 failures in a row."""
        full: float = min(self.longest, self.first * 2.0 ** min(failures, 30))
        return full * (0.5 + self.chance() / 2)
