"""Which state must be left within how many working days (domain B1 procedure, PA-V-2); the table is data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from importlib import resources
from pathlib import Path
from typing import Final

from linkage.errors import ConfigError
from procuratorate_node.cluework.states import AwardState, Standing, Status
from procuratorate_node.relief.grammar import read_record, read_records
from procuratorate_node.relief.table_file import Head, open_table, repeated, wrong_setting
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
    """One file's rules by phase, and its digestible head."""

    head: Head
    rules: Mapping[str, Deadline]

    def due(self, phase: str, *, red: bool, since: date, calendar: Calendar) -> Due | None:
        """Return the last day for leaving a phase entered on `since`; None where no deadline runs."""
        rule = self.rules.get(phase)
        if rule is None:
            return None
        day = calendar.after(since, rule.red_days if red and rule.red_days else rule.days)
        return Due(day, tuple(y for y in range(since.year, day.year + 1) if y not in calendar.years))


def local_day(moment: datetime) -> date:
    """Return the day it is in China, where deadlines run."""
    return moment.astimezone(BEIJING).date()


def missing_text(years: Iterable[int]) -> str:
    """Say which years lack a table of holidays and what to do."""
    text = "、".join(map(str, sorted(set(years))))
    return (
        f"{text} 年放假安排尚未录入，期限按周末推定，请在 [office] holidays 的表里补录 | "
        f"no holidays known for {text}: deadlines count weekends alone; add the year to the table of [office] holidays"
    )


def parse_deadlines(content: bytes, *, name: str) -> Deadlines:
    """Read a deadlines file. Raises ConfigError with all faults."""
    data, faults = open_table(content, ("table", "deadlines"), name=name)
    head = read_record(Head, data.get("table"), "table", faults)
    rules = read_records(Deadline, data.get("deadlines"), "deadlines", faults)
    if repeated(r.phase for r in rules):
        faults.append("a phase stands twice")
    if faults or head is None:
        text = "; ".join(faults)
        raise ConfigError(f"期限表 {name} 有误：{text}", f"the table of deadlines {name} is wrong: {text}")
    return Deadlines(head, {r.phase: r for r in rules})


def load_deadlines(file: Path | None) -> Deadlines:
    """Read an office's own file, the shipped one where there is none. Raises ConfigError."""
    return parse_deadlines(table_bytes(file, FILE), name=FILE if file is None else file.name)


def table_bytes(file: Path | None, shipped: str) -> bytes:
    """Return the bytes of an office's own table or of the shipped one. Raises ConfigError."""
    if file is None:
        return resources.files("procuratorate_node.cluework").joinpath("tables", shipped).read_bytes()
    try:
        return file.read_bytes()
    except OSError:
        raise ConfigError(f"读不到数据表 {file.name}", f"cannot read the table {file.name}") from None
