"""The referral catalogue "1 + 20 + N" (GY-P-2, domain C6): units, needs, services, triggers, guards, as a data file.

A service names the least data that may be sent for it, the answer that is expected and by when. Unknown keys are
errors, all faults are told at once, and the digest of the file is kept with every referral. An office edits its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final, TypeVar

from linkage.errors import ConfigError, InputError, NotFoundError
from linkage.owner.referrals import MAX_CHOICES, REFERRED
from procuratorate_node.cases.records import ROLES, Compensation
from procuratorate_node.locality import LOCAL, OUTSIDE
from procuratorate_node.relief.grammar import content_of, parse_table_file, read_record, read_records, unknown_sections
from procuratorate_node.warning.charge_models import KINDS, LEVELS

FILE: Final = "catalogue.toml"
SECTIONS: Final = (
    *("catalogue", "guards", "supervision", "worklist"),
    *("registers", "units", "needs", "services", "triggers"),
)
LETTERS: Final = ("suggestion", "referral")
MOST_WORKING_DAYS: Final = 250
SEXES: Final = ("", "男", "女")
MOST_AGE: Final = 150


@dataclass(frozen=True, slots=True)
class Head:
    """Name the catalogue; `bands` are the amounts of money an answer may choose from, low to high."""

    id: str
    version: int
    title: str
    basis: str
    bands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guards:
    """What protects a person (domain C4 no. 5 and 8); kinds are those of the charge models.

    Nobody below `minor_age` and nobody of a `no_field_visit` case is referred to a unit that goes to the home. Of a
    `no_home_contact` case the `withheld` fields are not sent, because the offender may live there.
    """

    minor_age: int
    no_field_visit: tuple[str, ...]
    no_home_contact: tuple[str, ...]
    withheld: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Supervision:
    """Which clues go to the supervision lane (WD-K-3) and when the answer to a letter is due, in months."""

    models: tuple[str, ...]
    receiver: str
    reply_months: int
    basis: str


@dataclass(frozen=True, slots=True)
class Worklist:
    """Which persons that no register knew are put on the list of those to visit (GY-P-3).

    `asked` are the datasets a person must have been held against: who was asked about in fewer is not yet unknown.
    """

    harm_from: int
    compensation: tuple[str, ...]
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Register:
    """Which tags a link to a dataset may give: where a screening did not ask it, their absence says nothing."""

    dataset: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """One partner. `party` is its id in the consortium, "" where it has no node; `field_visit`: it goes to the home."""

    code: str
    title: str
    title_en: str
    party: str = ""
    field_visit: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """What a person may need; a code of the domain rows where there is one (GY-N-1 to GY-N-7)."""

    code: str
    title: str
    title_en: str
    source: str


@dataclass(frozen=True, slots=True)
class Service:
    """One kind of help of one unit. `least` are all the fields that may be sent; `outcome_tags` prove that it came."""

    code: str
    unit: str
    need: str
    title: str
    title_en: str
    least: tuple[str, ...]
    items: tuple[str, ...]
    days: int
    basis: str = ""
    letter: str = "referral"
    dated: bool = True
    banded: bool = False
    outcome_tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        checks = (
            (0 < self.days <= MOST_WORKING_DAYS, f"days are 1 to {MOST_WORKING_DAYS} working days"),
            (self.letter in LETTERS, "letter is " + " or ".join(LETTERS)),
            (bool(self.least), "least is not empty"),
            (set(self.least) <= set(REFERRED), "least names fields of: " + ", ".join(REFERRED)),
            (0 < len(self.items) <= MAX_CHOICES, f"items are 1 to {MAX_CHOICES}"),
        )
        _require(checks)


@dataclass(frozen=True, slots=True)
class Trigger:
    """When a service is suggested: every condition given must hold. `harm_from` is a level, `kinds` are of charges."""

    service: str
    why: str
    why_en: str
    tags_any: tuple[str, ...] = ()
    tags_none: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    compensation: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    harm_from: int = 0
    age_from: int = 0
    age_below: int = MOST_AGE
    sex: str = ""
    words_any: tuple[str, ...] = ()
    locality: str = ""  # 本地 or 外来 where the model tells it, "" = anybody (YQ-M4-6).

    def __post_init__(self) -> None:
        checks = (
            (set(self.roles) <= set(ROLES), "roles are of: " + ", ".join(ROLES)),
            (set(self.compensation) <= set(Compensation), "compensation is a state of ours"),
            (set(self.kinds) <= set(KINDS), "kinds are of the charge models"),
            (self.harm_from in LEVELS and self.sex in SEXES, "harm_from is 0 to 3, sex is 男 or 女"),
            (self.locality in ("", LOCAL, OUTSIDE), f"locality is {LOCAL} or {OUTSIDE}"),
            (0 <= self.age_from < self.age_below <= MOST_AGE, "age_from is below age_below"),
        )
        _require(checks)


Coded = TypeVar("Coded", Unit, Need, Service)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A parsed catalogue. `digest` is the hex SHA-256 of the file."""

    head: Head
    guards: Guards
    supervision: Supervision
    worklist: Worklist
    registers: tuple[Register, ...]
    units: tuple[Unit, ...]
    needs: tuple[Need, ...]
    services: tuple[Service, ...]
    triggers: tuple[Trigger, ...]
    digest: str

    def unit(self, code: str) -> Unit:
        """Return a unit. Raises NotFoundError."""
        return _coded(self.units, code, "单位", "unit")

    def need(self, code: str) -> Need:
        """Return a need. Raises NotFoundError."""
        return _coded(self.needs, code, "需求", "need")

    def service(self, code: str) -> Service:
        """Return a service. Raises NotFoundError."""
        return _coded(self.services, code, "服务", "service")


def shipped_catalogue() -> Catalogue:
    """Read the catalogue that comes with the program."""
    return parse_catalogue(shipped_text(), name=FILE)


def shipped_text() -> bytes:
    """Return the shipped file, for an office to copy and edit."""
    return resources.files("procuratorate_node.referrals").joinpath(FILE).read_bytes()


def load_catalogue(file: Path | None) -> Catalogue:
    """Read a catalogue, the shipped one without a file. Raises ConfigError."""
    content, name = content_of(file, shipped_text(), zh="转介目录", en="the catalogue")
    return parse_catalogue(content, name=name)


def parse_catalogue(content: bytes, *, name: str) -> Catalogue:
    """Parse a catalogue; `name` stands in errors. Raises ConfigError with all faults."""
    data = parse_table_file(content, name=name)
    faults = unknown_sections(data, SECTIONS)
    head = read_record(Head, data.get("catalogue"), "catalogue", faults)
    guards = read_record(Guards, data.get("guards"), "guards", faults)
    supervision = read_record(Supervision, data.get("supervision"), "supervision", faults)
    worklist = read_record(Worklist, data.get("worklist"), "worklist", faults)
    registers = read_records(Register, data.get("registers"), "registers", faults)
    units = read_records(Unit, data.get("units"), "units", faults)
    needs = read_records(Need, data.get("needs"), "needs", faults)
    services = read_records(Service, data.get("services"), "services", faults)
    triggers = read_records(Trigger, data.get("triggers"), "triggers", faults)
    if head and guards and supervision and worklist and not faults:
        lists = (registers, units, needs, services, triggers)
        made = Catalogue(head, guards, supervision, worklist, *lists, hashlib.sha256(content).hexdigest())
        faults += _faults(made)
        if not faults:
            return made
    text = "; ".join(faults)
    raise ConfigError(f"转介目录 {name} 有误：{text}", f"the referral catalogue {name} is wrong: {text}")


def _faults(made: Catalogue) -> list[str]:
    """Return what is wrong between the rows."""
    units, services = {u.code for u in made.units}, {s.code for s in made.services}
    kinds = {*made.guards.no_field_visit, *made.guards.no_home_contact}
    checks = (
        (all(_unique(rows) for rows in (made.units, made.needs, made.services)), "a code stands twice"),
        ({s.unit for s in made.services} <= units, "a service names an unknown unit"),
        ({s.need for s in made.services} <= {n.code for n in made.needs}, "a service names an unknown need"),
        ({t.service for t in made.triggers} <= services, "a trigger names an unknown service"),
        (_tags_named(made) <= {tag for r in made.registers for tag in r.tags}, "a tag is in no [[registers]]"),
        (made.supervision.receiver in units, "supervision names an unknown unit"),
        (0 < made.supervision.reply_months <= 12, "reply_months is 1 to 12"),
        (kinds <= set(KINDS), "guards name kinds of the charge models"),
        (set(made.guards.withheld) <= set(REFERRED), "withheld names fields"),
        (0 < made.guards.minor_age <= 25, "minor_age is an age"),
        (made.worklist.harm_from in LEVELS, "worklist harm_from is 0 to 3"),
        (set(made.worklist.compensation) <= set(Compensation), "worklist compensation is a state of ours"),
        (
            bool(made.worklist.asked) and set(made.worklist.asked) <= {r.dataset for r in made.registers},
            "worklist asked names datasets of [[registers]]",
        ),
        (0 < len(made.head.bands) <= MAX_CHOICES, f"bands are 1 to {MAX_CHOICES}"),
    )
    return [fault for holds, fault in checks if not holds]


def _tags_named(made: Catalogue) -> set[str]:
    """Return the tags whose absence or arrival means something."""
    absent = {tag for t in made.triggers for tag in t.tags_none}
    return absent | {tag for s in made.services for tag in s.outcome_tags}


def _unique(rows: Iterable[Unit | Need | Service]) -> bool:
    codes = [row.code for row in rows]
    return len(set(codes)) == len(codes) and all(codes)


def _require(checks: Iterable[tuple[bool, str]]) -> None:
    faults = "; ".join(fault for holds, fault in checks if not holds)
    if faults:
        raise InputError(faults, faults)


def _coded(rows: tuple[Coded, ...], code: str, zh: str, en: str) -> Coded:
    for row in rows:
        if row.code == code:
            return row
    raise NotFoundError(
        f"转介目录里没有这个{zh}",
        f"the catalogue has no such {en}",
        hint_zh="查看目录：procuratorate-node referral catalogue",
        hint_en="see `procuratorate-node referral catalogue`",
    )
