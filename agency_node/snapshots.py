"""Tell from a file's name (or its title) which month its list shows, and choose among a register's snapshots.

A snapshot's id is YYYYMM. A list dated only by a year, a term or a quarter is a single list: it stands for the end of
that time, or today if that is still to come, and answers for any later month that has no list of its own.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from linkage.errors import NotFoundError

YEAR = r"(?<!\d)(20\d{2})"
MONTH_FORMS = (
    re.compile(YEAR + r"\s*年\s*(1[0-2]|0?[1-9])\s*月(?:\s*(3[01]|[12]\d|0?[1-9])\s*日)?"),
    re.compile(YEAR + r"(1[0-2]|0[1-9])(3[01]|[12]\d|0[1-9])?(?!\d)"),
    re.compile(YEAR + r"[-_./](1[0-2]|0?[1-9])(?:[-_./](3[01]|[12]\d|0?[1-9]))?(?!\d)"),
)
QUARTER = re.compile(YEAR + r"\s*年?\s*(?:第?([一二三四1-4])季度?|Q([1-4]))", re.IGNORECASE)
YEAR_FORM = re.compile(YEAR + r"\s*(?:年|学年)?度?\s*(年底|年末|底|末|上半年|下半年|春|夏|秋|冬)?(?!\d)")
QUARTERS: Mapping[str, int] = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
# A term or half-year ends in this month; autumn and winter terms run into the next January.
PART_ENDS: Mapping[str, tuple[int, int]] = {
    "上半年": (0, 6),
    "春": (0, 7),
    "夏": (0, 8),
    "秋": (1, 1),
    "冬": (1, 1),
}


@dataclass(frozen=True, slots=True)
class Period:
    """Name the day a list shows. `exact` = the month itself was written, not only a year or term."""

    as_of: date
    exact: bool

    @property
    def month(self) -> str:
        return f"{self.as_of:%Y%m}"


def period_of(text: str, *, today: date) -> Period | None:
    """Return the period a file name, sheet title or date text names, None if it names none."""
    folded = unicodedata.normalize("NFKC", text)
    for form in MONTH_FORMS:
        if found := form.search(folded):
            year, month = int(found[1]), int(found[2])
            last = calendar.monthrange(year, month)[1]
            day = min(int(found[3]), last) if found[3] else last
            return Period(_not_future(date(year, month, day), today), True)
    if found := QUARTER.search(folded):
        return Period(min(_month_end(int(found[1]), 3 * QUARTERS[found[2] or found[3]]), today), False)
    if found := YEAR_FORM.search(folded):
        later, month = PART_ENDS.get(found[2] or "", (0, 12))
        return Period(min(_month_end(int(found[1]) + later, month), today), False)
    return None


def _not_future(day: date, today: date) -> date:
    """Take today for the end of the running month: ages are counted on a day that has come."""
    return today if day > today and (day.year, day.month) == (today.year, today.month) else day


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def choose_snapshot(periods: Iterable[Period], wanted: str, *, dataset: str) -> str:
    """Return the id of the snapshot that "latest" or "YYYYMM" means. Raises NotFoundError listing what there is."""
    known = sorted(periods, key=lambda p: p.as_of)
    if wanted == "latest" and known:
        return known[-1].month
    if any(p.month == wanted for p in known):
        return wanted
    single = [p for p in known if not p.exact and p.month <= wanted]
    if single and not any(p.exact for p in known):
        return single[-1].month
    raise _no_snapshot(dataset, wanted, known)


def previous_snapshot(periods: Iterable[Period], month: str, *, dataset: str) -> str:
    """Return the id of the newest snapshot before `month`. Raises NotFoundError when it is the first."""
    known = sorted(periods, key=lambda p: p.as_of)
    earlier = [p.month for p in known if p.month < month]
    if not earlier:
        raise _no_snapshot(dataset, f"< {month}", known)
    return earlier[-1]


def _no_snapshot(dataset: str, wanted: str, known: Iterable[Period]) -> NotFoundError:
    months = "、".join(dict.fromkeys(p.month for p in known)) or "-"
    return NotFoundError(
        f"数据集 {dataset} 没有 {wanted} 的快照，现有：{months}",
        f"dataset {dataset} has no snapshot {wanted}; there are: {months}",
        hint_zh="把该月的文件放进数据文件夹，或在 agency.toml 的 [[file]] 中写明 as_of",
        hint_en="put that month's file into the folder, or state as_of in [[file]] of agency.toml",
    )
