"""Moments as the documents write them: ISO 8601, UTC, whole seconds, "Z"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

from linkage.errors import InputError

Clock: TypeAlias = Callable[[], datetime]


def utc_text(moment: datetime) -> str:
    """Return "2026-10-31T08:00:00Z"."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_utc(text: str) -> datetime:
    """Read the form of `utc_text` and only that. Raises InputError."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        moment = None
    if moment is None or utc_text(moment) != text:
        raise InputError("时间格式应为 2026-10-31T08:00:00Z", "a time must look like 2026-10-31T08:00:00Z")
    return moment
