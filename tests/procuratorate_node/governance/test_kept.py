"""A report is kept for ten minutes, and counted again for another period, or when somebody asks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from procuratorate_node.governance.kept import KEPT_FOR, KeptFigures
from procuratorate_node.governance.report import Report
from procuratorate_node.governance.rows import Period

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
YEAR, MONTH = Period(date(2026, 1, 1), date(2026, 12, 31)), Period(date(2026, 11, 1), date(2026, 11, 30))
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("later", "period", "anew", "counted"),
    [
        (timedelta(), YEAR, False, 1),
        (KEPT_FOR - SECOND, YEAR, False, 1),
        (KEPT_FOR, YEAR, False, 2),
        (-SECOND, YEAR, False, 2),  # The clock was set back.
        (SECOND, MONTH, False, 2),
        (SECOND, YEAR, True, 2),
    ],
)
def test_a_report_is_counted_again_only_when_it_must(
    later: timedelta, period: Period, anew: bool, counted: int
) -> None:
    figures, counts = KeptFigures(), []

    def count(wanted: Period) -> Report:
        counts.append(wanted)
        return Report(wanted, 5, ())

    figures.of(YEAR, lambda: count(YEAR), now=NOW)
    found = figures.of(period, lambda: count(period), now=NOW + later, anew=anew)

    assert len(counts) == counted and found.report.period == period
    assert found.at == (NOW if counted == 1 else NOW + later)
