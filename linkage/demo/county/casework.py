"""Hold cases, their parties and their judgments."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from linkage.demo.county.people import SNAPSHOTS, Person
from linkage.demo.county.roll import Roll
from linkage.demo.county.words import lines

CRIMINAL = ("刑事", "未检")
PROBE_ROLES = ("被害人", "申请人", "申诉人", "信访人")


@dataclass(slots=True)
class Party:
    """Hold one person in one role of one case; `of` is the victim a relative belongs to."""

    case: str
    role: str
    person: str
    number: str = ""
    relation: str = ""
    of: Party | None = None
    dead: bool = False
    harm: str = ""
    loss: int = 0
    fault: str = ""
    state: str = ""
    note: str = ""
    remark: str = ""
    doubles: list[str] = field(default_factory=list)

    def compensation(self) -> str:
        """Return the state of the person's own or related victim's compensation; UNKNOWN where there is none."""
        victim = self.of if self.role == "近亲属" and self.of is not None else self
        return victim.state or "UNKNOWN"


@dataclass(slots=True)
class Case:
    """Hold one case; `judgment` is empty until judged, `award` the sum ordered."""

    number: str
    category: str
    cause: str
    kind: str
    office: str
    staff: str
    received: date
    event: date
    stage: str
    related: str = ""
    judgment: str = ""
    judged: date | None = None
    award: int = 0
    summary: str = ""
    parties: list[Party] = field(default_factory=list)

    def role(self, *roles: str) -> list[Party]:
        return [party for party in self.parties if party.role in roles]

    def probes(self) -> list[Party]:
        """Return the living victims and, for dead ones, their relatives (criminal cases only)."""
        if self.category not in CRIMINAL:
            return []
        living = [party for party in self.role("被害人") if not party.dead]
        kin = [party for party in self.role("近亲属") if party.of is not None and party.of.dead]
        return living + kin


@dataclass(slots=True)
class Docket:
    """Hold all cases and hand out case numbers, which run by kind and year in no order of time."""

    rng: random.Random
    cases: list[Case] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def number(self, stem: str, year: int, ceiling: int) -> str:
        """Return a number not used before, as 澄检刑诉受〔2026〕12号; `ceiling` bounds the running number."""
        while True:
            found = f"{stem}〔{year}〕{self.rng.randrange(1, ceiling)}号"
            if found not in self.used:
                self.used.add(found)
                return found

    def judgment(self, year: int, kind: str, ceiling: int) -> str:
        """Return the number of a judgment, as （2025）湖7523刑初12号."""
        while True:
            found = f"（{year}）湖7523{kind}{self.rng.randrange(1, ceiling)}号"
            if found not in self.used:
                self.used.add(found)
                return found

    def parties(self) -> list[tuple[Case, Party]]:
        return [(case, party) for case in self.cases for party in case.parties]


def any_day(rng: random.Random, first: date, last: date) -> date:
    """Return a day between two days, both included."""
    return first + timedelta(days=rng.randrange(max((last - first).days, 0) + 1))


def staff(rng: random.Random) -> str:
    return rng.choice(lines("staff.txt"))


def hardship_sentence(rng: random.Random, who: str, *, urgent: float) -> str:
    """Return a sentence on somebody's hardship; with the chance `urgent` an emergency."""
    wanted = "U" if rng.random() < urgent else "K"
    pool = [line[2:] for line in lines("hardship.txt") if line[0] == wanted]
    return rng.choice(pool).replace("{w}", who) + "。"


def bury(person: Person, died: date, roll: Roll, rng: random.Random) -> None:
    """Record a death: register entries end, but some of a recent death stay, and old lists keep all."""
    person.died = died
    recent = (SNAPSHOTS[0] - died).days < 200
    for name, entries in roll.entries.items():
        kept = []
        for entry in entries:
            if entry.person != person.key:
                kept.append(entry)
            elif name == "CARD" or (recent and rng.random() < 0.5):
                entry.stale = True
                kept.append(entry)
        roll.entries[name] = kept
