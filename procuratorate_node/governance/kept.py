"""Keep the newest report for a while: it counts every clue there ever was, and pages ask for it again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from procuratorate_node.governance.report import Report
from procuratorate_node.governance.rows import Period

KEPT_FOR: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Counted:
    """A report and when its rows were counted."""

    report: Report
    at: datetime


@dataclass(slots=True, repr=False)
class KeptFigures:
    """The report of one period; several pages may ask at once, one of them counts."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    kept: Counted | None = None

    def of(self, period: Period, count: Callable[[], Report], *, now: datetime, anew: bool = False) -> Counted:
        """Return the period's report, counted again when another is kept, when that is old, or when told to."""
        with self.lock:
            kept = self.kept
            if kept is None or anew or kept.report.period != period or not kept.at <= now < kept.at + KEPT_FOR:
                kept = self.kept = Counted(count(), now)
            return kept
