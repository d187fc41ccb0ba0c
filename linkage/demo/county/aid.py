"""Give aid: judicial aid by the procuratorate, court, police and justice bureau; social aid; the grid's list."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from linkage.demo.county.casework import Case, Docket, Party, any_day
from linkage.demo.county.enforcement import Enforcement
from linkage.demo.county.people import SNAPSHOTS, TODAY, Person, Population
from linkage.demo.county.registers import DISABILITIES
from linkage.demo.county.roll import Entry, Roll, churn
from linkage.demo.county.sampling import scaled, weighted
from linkage.demo.county.words import towns

_PROJECTS = ("临时救助", "临时救助", "急难救助", "慈善援助", "教育救助", "住房救助", "医疗救助")
_OLD_CAUSES = ("故意伤害", "交通肇事", "故意杀人", "盗窃", "诈骗", "强奸")


@dataclass(frozen=True, slots=True)
class Aided:
    """Hold one row of the procuratorate's aid ledger; `case` is empty for old matters."""

    serial: str
    number: str
    case: str
    person: str
    role: str
    cause: str
    money: int
    received: date
    decided: date
    paid: date
    remark: str


@dataclass(frozen=True, slots=True)
class Grant:
    """Hold one row of another office's judicial aid list."""

    office: str
    person: str
    money: int
    on: date


@dataclass(slots=True)
class AidOffice:
    """Make the aid lists; every draw comes from `rng`."""

    rng: random.Random
    county: Population
    roll: Roll
    docket: Docket
    size: int
    certified: dict[str, tuple[int, int]]
    aided: list[Aided] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)

    def work(self, rows: list[Enforcement]) -> None:
        """Fill the aid ledgers, the grid's list and the changes among aided people."""
        self._ledger()
        self._others()
        self._social()
        self._grid(rows)
        self._follow()

    # -- judicial aid ------------------------------------------------------------------------------------------

    def _candidates(self) -> list[tuple[Case, Party]]:
        found = []
        for case, party in self.docket.parties():
            fits = party.role in ("被害人", "近亲属", "申诉人") or case.kind == "涉法涉诉信访"
            if fits and not party.dead and (TODAY - case.received).days > 30:
                found.append((case, party))
        return found

    def _weight(self, pair: tuple[Case, Party]) -> float:
        state = pair[1].compensation()
        return {"FULL": 0.05, "PARTIAL": 0.7, "NOT": 1.6, "UNKNOWN": 0.5}[state]

    def _ledger(self) -> None:
        count = scaled(281, self.size, 0.75)
        drafts: list[tuple[date, str, Party, str]] = []
        for case, party in weighted(self.rng, self._candidates(), round(count * 0.75), self._weight):
            received = min(case.received + timedelta(days=self.rng.randrange(20, 200)), TODAY)
            drafts.append((received, case.number, party, case.cause if case.category != "信访" else case.kind))
        for person in self.rng.sample(self.county.living(), count - len(drafts)):
            received = any_day(self.rng, date(2018, 2, 1), date(2023, 12, 1))
            role = self.rng.choice(("被害人", "被害人", "近亲属"))
            drafts.append((received, "", Party("", role, person.key), self.rng.choice(_OLD_CAUSES)))
        drafts.sort(key=lambda draft: (draft[0], draft[1], draft[2].person))
        for serial, (received, number, party, cause) in enumerate(drafts, 1):
            self.aided.append(self._row(serial, received, number, party=party, cause=cause))

    def _row(self, serial: int, received: date, number: str, *, party: Party, cause: str) -> Aided:
        decided = received + timedelta(days=self.rng.randrange(4, 20))
        paid = decided + timedelta(days=self.rng.randrange(5, 40))
        person = self.county.people[party.person]
        remark = ""
        if self.rng.random() < 0.45:
            remark = "户籍地澄溪县" if person.local else "户籍地外省市"
        ledger = self.docket.number("澄检救助", received.year, max(160, self.size // 300))
        money = self.rng.randrange(3, 41) * 1000
        return Aided(f"JZ{serial:05d}", ledger, number, party.person, party.role, cause, money, received, decided, paid,
                     remark)  # fmt: skip

    def _others(self) -> None:
        for office, count in (("court", 121), ("public_security", 40), ("justice_bureau", 60)):
            wanted = scaled(count, self.size, 0.75)
            pairs = weighted(self.rng, self._candidates(), round(wanted * 0.75), self._weight)
            keys = [party.person for _, party in pairs]
            keys += [person.key for person in self.rng.sample(self.county.living(), wanted - len(keys))]
            self.rng.shuffle(keys)
            for key in dict.fromkeys(keys):
                on = any_day(self.rng, date(2022, 1, 10), date(2026, 9, 20))
                self.grants.append(Grant(office, key, self.rng.randrange(3, 41) * 1000, on))

    # -- social aid and the grid -------------------------------------------------------------------------------

    def _social(self) -> None:
        count = scaled(600, self.size, 0.85)
        poor = sorted(self.roll.people("DIBAO", "DIBIAN", "MEDAID", "MONITOR", "TEKUN"))
        unpaid = [party.person for _, party in self.docket.parties()
                  if party.role in ("被害人", "近亲属") and not party.dead
                  and party.compensation() != "FULL"]  # fmt: skip
        aided = [row.person for row in self.aided]
        keys = self.rng.sample(poor, min(len(poor), round(count * 0.38)))
        keys += self.rng.sample(unpaid, min(len(unpaid), round(count * 0.2)))
        keys += self.rng.sample(aided, round(len(aided) * 0.38))
        rest = max(count - len(keys), 0)
        keys += [person.key for person in self.rng.sample(self.county.living(), rest)]
        self.rng.shuffle(keys)
        for key in keys:
            self._aid_once(key)

    def _aid_once(self, key: str) -> None:
        on = any_day(self.rng, date(2022, 1, 5), TODAY)
        extra = {"project": self.rng.choice(_PROJECTS), "money": str(self.rng.randrange(10, 80) * 100),
                 "on": on.isoformat()}  # fmt: skip
        entry = self.roll.add(Entry("SAC", key, "SOCIAL_AIDED", extra))
        if on > SNAPSHOTS[0]:
            entry.listed = (False, True)

    def _grid(self, rows: list[Enforcement]) -> None:
        count = scaled(960, self.size, 0.9)
        hurt = {party.person for _, party in self.docket.parties() if party.role == "被害人" and not party.dead}
        hurt.update(row.creditor for row in rows if row.unpaid())
        poor = self.roll.people("DIBAO", "TEKUN", "DPF")

        def weight(person: Person) -> float:
            age = person.age(TODAY)
            load = 3.0 if age >= 70 else 0.8
            load *= 2.5 if person.key in poor else 1.0
            return load * self.county.home(person).hardship * (3.0 if person.key in hurt else 1.0)

        order = {town.name: place for place, town in enumerate(towns())}
        chosen = weighted(self.rng, self.county.living(), count, weight)
        chosen.sort(key=lambda person: (order[self.county.home(person).town], self.rng.random()))
        for person in chosen:
            extra = {"kind": self._kind(person, person.key in hurt)}
            self.roll.add(Entry("GRID", person.key, "VULN", extra))
        churn(self.rng, self.roll.entries["GRID"])

    def _kind(self, person: Person, hurt: bool) -> str:
        age = person.age(TODAY)
        if hurt and self.rng.random() < 0.6:
            return "因案致困"
        if age < 16:
            return "留守儿童" if self.rng.random() < 0.8 else "因病致困"
        if person.key in self.certified and self.rng.random() < 0.8:
            return "残疾"
        if age >= 65 and self.rng.random() < 0.6:
            return "空巢老人"
        if person.sex == "F" and 22 <= age < 60 and self.rng.random() < 0.3:
            return "留守妇女"
        return "因病致困"

    # -- changes among the aided -------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Let about one aided person in seven gain or lose a register between the snapshots."""
        for row in self.aided:
            person = self.county.people[row.person]
            if not person.alive(TODAY) or self.rng.random() > 0.15:
                continue
            held = [entry for entries in self.roll.entries.values() for entry in entries
                    if entry.person == person.key and entry.register in _FOLLOWED and entry.counts(1)]  # fmt: skip
            if held and self.rng.random() < 0.5:
                self._change(self.rng.choice(held))
            else:
                self._gain(person)

    def _change(self, entry: Entry) -> None:
        if entry.register in ("DIBAO", "DIBIAN", "TEKUN", "DPF", "MEDAID") and self.rng.random() < 0.5:
            entry.active = (True, False)
        else:
            entry.listed = (False, True) if self.rng.random() < 0.6 else (True, False)

    def _gain(self, person: Person) -> None:
        register = self.rng.choice(("MEDAID", "MEDAID", "DIBAO", "MONITOR", "DPF"))
        entries = self.roll.entries[register]
        if any(entry.person == person.key for entry in entries):
            return
        model = self.rng.choice(entries)
        extra = {**model.extra}
        if model.head:
            extra.update({"relation": "户主", "count": "1"})
        if "home" in extra:
            extra["home"] = f"2700{self.rng.randrange(10**6):06d}"
        if register == "DPF":
            extra.update({"guardian": "", "since": "2026-10-12"})
            place = DISABILITIES.index(extra["category"]) + 1
            self.certified.setdefault(person.key, (place, "一二三四".index(extra["grade"][0]) + 1))
        head = person.key if model.head else ""
        place = self.rng.randrange(len(entries) + 1)
        entries.insert(place, Entry(register, person.key, model.tag, extra, head=head, listed=(False, True)))


_FOLLOWED = {"DIBAO", "DIBIAN", "TEKUN", "CHILD", "DPF", "MONITOR", "WOMEN", "WORKER", "MEDAID"}
