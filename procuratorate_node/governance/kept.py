"""Keep reports for a while: each counts every clue there ever was, and pages ask for it again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
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
    """The reports of the last minutes by period; several pages may ask at once, one of them counts."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    kept: Mapping[Period, Counted] = field(default_factory=dict)

    def find(self, period: Period, *, now: datetime) -> Counted | None:
        """Return a report that is still kept; waits for nobody who counts."""
        found = self.kept.get(period)
        return found if found is not None and _is_fresh(found, now) else None

    def of(self, period: Period, count: Callable[[], Report], *, now: datetime, anew: bool = False) -> Counted:
        """Return the period's report, counted again when none is kept or when told to."""
        with self.lock:
            found = None if anew else self.find(period, now=now)
            if found is None:
                found = Counted(count(), now)
                self.kept = {p: c for p, c in self.kept.items() if _is_fresh(c, now)} | {period: found}
            return found


def _is_fresh(found: Counted, now: datetime) -> bool:
    return found.at <= now < found.at + KEPT_FOR
