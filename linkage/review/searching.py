"""What to choose, from a query that holds codes only: addresses stay in a browser's history, names must not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from linkage.audit.choosing import Choice, parse_day
from linkage.errors import InputError
from linkage.review.material import Material
from linkage.web.page import Page

FIELDS = ("officer", "agency", "purpose", "since", "until")
Options = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Search:
    """The choice, the values the form shows again, what it offers, and the query that leads to the same choice."""

    choice: Choice
    values: Mapping[str, str]
    officers: Options
    agencies: Options
    purposes: Options

    @property
    def query(self) -> str:
        given = {name: value for name, value in self.values.items() if value}
        return f"?{urlencode(given)}" if given else ""

    @property
    def is_everything(self) -> bool:
        return not self.query


def search(page: Page) -> Search:
    """Read the query. Raises InputError for a day that is none, or in the wrong order."""
    material = page.node(Material)
    values = {name: page.query.get(name, "") for name in FIELDS}
    owners = [party for party in material.reading.manifest.parties() if party.is_owner]
    since, until = _period(values)
    choice = Choice(
        officer=_coded(material.officers, values["officer"]),
        agency=values["agency"] if values["agency"] in {party.id for party in owners} else "",
        purpose=_coded(material.purposes, values["purpose"]),
        since=since,
        until=until,
    )
    agencies = [(party.id, party.name) for party in owners]
    return Search(choice, values, _options(material.officers), agencies, _options(material.purposes))


def _period(values: Mapping[str, str]) -> tuple[date | None, date | None]:
    since, until = parse_day(values["since"], last=False), parse_day(values["until"], last=True)
    if since and until and since > until:
        raise InputError("起始日期晚于截止日期", "the first day is after the last")
    return since, until


def _options(names: Sequence[str]) -> Options:
    return [(str(number), name) for number, name in enumerate(names, 1)]


def _coded(names: Sequence[str], code: str) -> str:
    return dict(_options(names)).get(code, "")
