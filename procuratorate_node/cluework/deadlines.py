"""Which state must be left within how many working days (domain B1 procedure, PA-V-2); the table is data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Final

from linkage.keys.times import parse_utc
from procuratorate_node.cluework.states import AwardState, Standing, Status
from procuratorate_node.cluework.table_rows import parse_rows, table_bytes
from procuratorate_node.relief.table_file import wrong_setting
from procuratorate_node.working_days import MOST_DAYS, Calendar

FILE: Final = "deadlines.toml"
BEIJING: Final = timezone(timedelta(hours=8))
OPEN_AWARDS: Final = (AwardState.PROPOSED, AwardState.DECIDED, AwardState.PAID)
PHASES: Final = frozenset(
    {Standing(s).phase for s in Status}
    | {Standing(Status.IDENTIFIED, a).phase for a in OPEN_AWARDS}
    | {Standing(Status.IDENTIFIED, referrals=1).phase}
)


@dataclass(frozen=True, slots=True)
class Due:
    """The last day for doing something; `missing` names the years that no table of holidays covers."""

    day: date
    missing: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """Return the day, marked where it was counted by weekends alone."""
        return f"{self.day}（推定 assumed）" if self.missing else str(self.day)


@dataclass(frozen=True, slots=True)
class Deadline:
    """Within `days` working days after a clue came into the phase, do what `zh` and `en` say."""

    phase: str
    days: int
    zh: str
    en: str
    source: str
    red_days: int = 0

    def __post_init__(self) -> None:
        if self.phase not in PHASES:
            raise wrong_setting("phase is one of " + ", ".join(sorted(PHASES)))
        if not 0 < self.days <= MOST_DAYS or not 0 <= self.red_days <= self.days:
            raise wrong_setting("days is above 0, and red_days is not above days")


@dataclass(frozen=True, slots=True)
class Deadlines:
    """One file's rules by phase. `digest` is the hex SHA-256 of the file."""

    rules: Mapping[str, Deadline]
    digest: str

    def due(self, phase: str, *, red: bool, since: date | None, calendar: Calendar) -> Due | None:
        """Return the last day for leaving a phase entered on `since`; None where no deadline runs or nobody knows."""
        rule = self.rules.get(phase)
        if rule is None or since is None:
            return None
        day = calendar.after(since, rule.red_days if red and rule.red_days else rule.days)
        return Due(day, tuple(y for y in range(since.year, day.year + 1) if y not in calendar.years))


def local_day(moment: datetime) -> date:
    """Return the day it is in China, where deadlines run."""
    return moment.astimezone(BEIJING).date()


def day_of(moment: str) -> date | None:
    """Return the day it was in China at a stored moment; None for none."""
    return local_day(parse_utc(moment)) if moment else None


def missing_text(years: Iterable[int]) -> str:
    """Say which years lack a table of holidays and what to do."""
    text = "、".join(map(str, sorted(set(years))))
    return (
        f"{text} 年放假安排尚未录入，期限按周末推定，请在 [office] holidays 的表里补录 | "
        f"no holidays known for {text}: deadlines count weekends alone; add the year to the table of [office] holidays"
    )


def parse_deadlines(content: bytes, *, name: str) -> Deadlines:
    """Read a deadlines file. Raises ConfigError with all faults."""
    rows = parse_rows(Deadline, content, name=name, section="deadlines", key="phase")
    return Deadlines({row.phase: row for row in rows}, hashlib.sha256(content).hexdigest())


def load_deadlines(file: Path | None) -> Deadlines:
    """Read an office's own file, the shipped one where there is none. Raises ConfigError."""
    content, name = table_bytes(file, FILE)
    return parse_deadlines(content, name=name)
