"""How often one address may ask."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

ADDRESSES: Final = 4096  # So that many addresses cannot fill the memory.


class Rate:
    """At most `most` in `seconds` from one address, counted over a sliding window; safe for several threads."""

    def __init__(self, most: int, seconds: float, *, monotonic: Callable[[], float]) -> None:
        self._most = most
        self._seconds = seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def allows(self, address: str) -> bool:
        """Count one and tell whether it is still within the bound."""
        now = self._monotonic()
        with self._lock:
            times = self._times.setdefault(address, deque())
            self._times.move_to_end(address)
            while times and times[0] <= now - self._seconds:
                times.popleft()
            if len(self._times) > ADDRESSES:
                self._times.popitem(last=False)
            if len(times) >= self._most:
                return False
            times.append(now)
            return True
