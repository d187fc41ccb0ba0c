"""Choose from a story: one party's part, a period, an officer, a purpose. Days are those of the clock at UTC+8."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone

from linkage.audit.story import Round, Story
from linkage.errors import InputError
from linkage.keys.times import parse_utc

BEIJING = timezone(timedelta(hours=8))
MONTH = re.compile(r"\d{4}-\d{2}")


@dataclass(frozen=True, slots=True)
class Choice:
    """What to keep; an empty field keeps everything. `since` and `until` are days, both included."""

    party: str = ""
    agency: str = ""
    officer: str = ""
    purpose: str = ""
    since: date | None = None
    until: date | None = None

    def holds(self, time: str) -> bool:
        """Tell whether a UTC time falls into the period."""
        day = local(time).date() if self.since or self.until else None
        return day is None or ((self.since or day) <= day <= (self.until or day))

    def apply(self, story: Story) -> Story:
        """Return the chosen part."""
        rounds = tuple(found for r in story.rounds if (found := self._round(r)) is not None)
        ids = {r.id for r in rounds}
        narrowed = bool(self.agency or self.purpose)
        return Story(
            rounds=rounds,
            openings=tuple(
                o
                for o in story.openings
                if self._fits(o.time, (o.party,), (o.requested_by, o.approved_by)) and (not narrowed or o.round in ids)
            ),
            releases=tuple(
                r
                for r in story.releases
                if self._fits(r.time, (r.party, r.requester), (r.asked_by, r.decided_by, *r.confirmed_by))
                and self.agency in ("", r.party)
            ),
            referrals=tuple(
                r
                for r in story.referrals
                if self._fits(r.time, (r.party, r.receiver), (r.by, *(by for _, by, _ in r.states)))
                and self.agency in ("", r.receiver)
            ),
            refusals=tuple(
                r
                for r in story.refusals
                if self._fits(r.time, (r.party, r.whom), (r.whom,))
                and (not self.agency or self.agency in (r.party, r.whom))
            ),
            deeds=tuple(
                d for d in story.deeds if self._fits(d.time, (d.party,), (d.officer,)) and self.agency in ("", d.party)
            ),
        )

    def _fits(self, time: str, parties: Iterable[str], officers: Iterable[str]) -> bool:
        return self.holds(time) and self.party in ("", *parties) and self.officer in ("", *officers)

    def _round(self, found: Round) -> Round | None:
        """Return a round with the chosen party's part of it, or None when nothing of it is chosen."""
        if self.purpose not in found.purpose or (self.officer and self.officer not in found.officers()):
            return None
        only = self.agency or (self.party if self.party != found.requester else "")
        consents = [c for c in found.consents if only in ("", c.party) and self.holds(c.time)]
        uploads = [u for u in found.uploads if only in ("", u.party) and self.holds(u.time)]
        begun = not only and bool(found.asked) and self.holds(found.asked)
        if not (consents or uploads or begun):
            return None
        return replace(found, consents=consents, uploads=uploads)


def local(time: str) -> datetime:
    """Return an entry's time at UTC+8; the epoch where it is malformed, which verifying reports."""
    try:
        return parse_utc(time).astimezone(BEIJING)
    except InputError:
        return datetime.fromtimestamp(0, BEIJING)


def shown(time: str) -> str:
    """Return a time for people: day and minute at UTC+8; "" for none."""
    return local(time).strftime("%Y-%m-%d %H:%M") if time else ""


def parse_day(text: str, *, last: bool) -> date | None:
    """Read YYYY-MM-DD, or YYYY-MM as its first or last day; "" is None. Raises InputError."""
    if not text:
        return None
    try:
        if MONTH.fullmatch(text):
            first = date.fromisoformat(f"{text}-01")
            return first.replace(day=calendar.monthrange(first.year, first.month)[1]) if last else first
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("日期应为 2026-10-31 或 2026-10", "a day must look like 2026-10-31 or 2026-10") from None
