"""Moments as offices read them: stored in UTC, shown in Beijing time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

BEIJING: Final = timezone(timedelta(hours=8))
SHOWN: Final = "%Y-%m-%d %H:%M"


def local(moment: str | datetime) -> str:
    """Return a moment, or its text as stored (2026-11-26T19:25:00Z), in Beijing time to the minute; "" stays empty."""
    if isinstance(moment, str):
        if not moment:
            return ""
        moment = datetime.fromisoformat(moment)
    at = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return at.astimezone(BEIJING).strftime(SHOWN)
