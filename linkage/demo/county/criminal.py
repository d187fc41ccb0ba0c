"""Make criminal cases: suspects, victims, relatives, harm, loss, fault and compensation."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from linkage.demo.county.casework import Case, Docket, Party, any_day, bury, hardship_sentence, staff
from linkage.demo.county.compensation import draw_state, note
from linkage.demo.county.people import TODAY, Person, Population
from linkage.demo.county.roll import Roll
from linkage.demo.county.sampling import scaled
from linkage.demo.county.words import table

_AWARDS = {"死亡": 420000, "重伤一级": 260000, "重伤二级": 150000, "轻伤一级": 60000, "轻伤二级": 32000, "轻微伤": 9000}
_TRAFFIC = (("无责任", 70), ("次要责任", 18), ("同等责任", 7), ("主要责任", 4), ("全部责任", 1))
_BRAWL = (("", 40), ("无", 26), ("一般过错", 22), ("重大过错", 12))


@dataclass(frozen=True, slots=True)
class Charge:
    """Hold one line of charges.csv: share of cases, harm table, what is owed, and who the victims are."""

    name: str
    weight: float
    harm: str
    kind: str
    loss: int
    several: float
    minors: float
    text: str


def charges() -> list[Charge]:
    return [
        Charge(row["charge"], float(row["weight"]), row["harm"], row["kind"], int(row["loss"]),
               float(row["spread"]) / 100, float(row["minors"]) / 100, row["text"])
        for row in table("charges.csv")
    ]  # fmt: skip


def harms() -> dict[str, tuple[list[str], list[float]]]:
    found: dict[str, tuple[list[str], list[float]]] = {}
    for row in table("harms.csv"):
        names, weights = found.setdefault(row["table"], ([], []))
        names.append(row["harm"])
        weights.append(float(row["weight"]))
    return found


@dataclass(slots=True)
class Prosecutor:
    """Make the criminal cases in the order of their events; every draw comes from `rng`."""

    rng: random.Random
    county: Population
    roll: Roll
    docket: Docket
    size: int
    urge: dict[str, float]
    tables: dict[str, tuple[list[str], list[float]]] = field(default_factory=harms)
    everyone: list[Person] = field(default_factory=list)

    def work(self) -> None:
        """Add all criminal cases to the docket."""
        self.everyone = list(self.county.people.values())
        known = charges()
        count = scaled(2290, self.size, 0.75)
        events = sorted(self._event() for _ in range(count))
        kinds = self.rng.choices(known, [charge.weight for charge in known], k=count)
        for needed in range(min(len(known), count)):
            kinds[(needed * 37) % count] = known[needed]
        for event, charge in zip(events, kinds, strict=True):
            self._case(charge, event)

    def _event(self) -> date:
        if self.rng.random() < 0.37:
            return any_day(self.rng, date(2025, 12, 1), date(2026, 10, 20))
        return any_day(self.rng, date(2022, 1, 3), date(2025, 11, 30))

    # -- one case ----------------------------------------------------------------------------------------------

    def _case(self, charge: Charge, event: date) -> None:
        received = min(event + timedelta(days=self.rng.randrange(3, 60)), TODAY)
        stage = self._stage((TODAY - received).days)
        suspects = self._suspects(charge, event)
        victims = self._victims(charge, event, suspects)
        if not victims or not suspects:
            return
        minor = any(person.age(event) < 18 for person in (*victims, *suspects))
        stem = "澄检刑捕受" if stage == "审查逮捕" else "澄检刑诉受"
        case = Case(
            self.docket.number(stem, received.year, max(1700, self.size // 12)),
            "未检" if minor else "刑事",
            charge.name,
            "",
            "未成年人检察部" if minor else self.rng.choice(("第一检察部", "第二检察部")),
            staff(self.rng),
            received,
            event,
            stage,
        )
        case.parties = [Party(case.number, "犯罪嫌疑人", person.key) for person in suspects]
        self._harm(case, charge, victims)
        self._judge(case, charge)
        self._relatives(case)
        case.summary = self._summary(case, charge, suspects[0], victims)
        self.docket.cases.append(case)

    def _stage(self, days: int) -> str:
        draw = self.rng.random()
        if days < 35:
            return "审查逮捕" if draw < 0.7 else "审查起诉" if draw < 0.95 else "不起诉"
        if days < 110:
            return "审查起诉" if draw < 0.72 else "已起诉" if draw < 0.92 else "不起诉"
        if days < 200:
            return "已起诉" if draw < 0.8 else "不起诉" if draw < 0.89 else "已判决"
        return "不起诉" if draw < 0.09 else "已判决"

    # -- people ------------------------------------------------------------------------------------------------

    def pick(self, fits: Callable[[Person], bool], on: date, *, poor: bool = True) -> Person | None:
        """Return somebody alive on the day who fits; the poor are drawn more often if `poor`."""
        for _ in range(8000):
            person = self.rng.choice(self.everyone)
            if not person.alive(on) or person.born >= on or not fits(person):
                continue
            ceiling = 12.0 if poor else 1.0
            if self.rng.random() * ceiling < min(self.urge.get(person.key, 1.0), ceiling):
                return person
        return None

    def _suspects(self, charge: Charge, event: date) -> list[Person]:
        male = (charge.kind == "P" and self.rng.random() < 0.92) or self.rng.random() < 0.75

        def fits(person: Person) -> bool:
            return 15 <= person.age(event) <= 72 and (person.sex == "M" or not male)

        count = 2 if self.rng.random() < 0.13 else 1
        found = [self.pick(fits, event, poor=False) for _ in range(count)]
        return list({person.key: person for person in found if person}.values())

    def _victims(self, charge: Charge, event: date, suspects: list[Person]) -> list[Person]:
        if charge.harm == "abuse" and suspects and self.rng.random() < 0.8:
            kin = [person for _, person in self.county.kin(suspects[0], event)]
            if kin:
                return [self.rng.choice(kin)]
        first = self.pick(self._fits(charge, event), event)
        if first is None or first in suspects:
            return []
        found = {first.key: first}
        for _ in range(self._more(charge)):
            other = self._companion(charge, first, event)
            if other and other not in suspects:
                found.setdefault(other.key, other)
        return list(found.values())

    def _fits(self, charge: Charge, event: date) -> Callable[[Person], bool]:
        minor = self.rng.random() < charge.minors
        top = 14 if charge.name == "猥亵儿童" else 18
        women = charge.name in ("强奸", "强制猥亵", "拐卖妇女、儿童") or (
            charge.name == "猥亵儿童" and self.rng.random() < 0.85
        )
        old = charge.name in ("诈骗", "集资诈骗", "非法吸收公众存款") and self.rng.random() < 0.35

        def fits(person: Person) -> bool:
            age = person.age(event)
            fine = 3 <= age < top if minor else age >= (58 if old else 18)
            return fine and (person.sex == "F" or not women)

        return fits

    def _more(self, charge: Charge) -> int:
        if self.rng.random() >= charge.several:
            return 0
        if charge.several >= 0.9:
            return self.rng.randrange(3, 26)
        return self.rng.choices((1, 2, 3, 5), (70, 20, 8, 2))[0]

    def _companion(self, charge: Charge, first: Person, event: date) -> Person | None:
        home = [self.county.people[key] for key in self.county.home(first).members if key != first.key]
        home = [person for person in home if person.alive(event) and person.born < event]
        if home and charge.kind == "P" and self.rng.random() < 0.5:
            return self.rng.choice(home)
        return self.pick(self._fits(charge, event), event)

    # -- harm, money, judgment ---------------------------------------------------------------------------------

    def _harm(self, case: Case, charge: Charge, victims: list[Person]) -> None:
        shared = draw_state(self.rng, case.stage, len(victims))
        for person in victims:
            party = Party(case.number, "被害人", person.key)
            party.harm = self.rng.choices(*self.tables[charge.harm])[0]
            party.loss = self._loss(charge)
            self._fault(party, charge)
            party.state = shared if self.rng.random() < 0.75 else draw_state(self.rng, case.stage, len(victims))
            due = self._due(party)
            party.note = note(self.rng, party.state, kind=charge.kind, charge=charge.name, due=due)
            if party.harm == "死亡":
                party.dead = True
                bury(person, case.event, self.roll, self.rng)
            case.parties.append(party)

    def _loss(self, charge: Charge) -> int:
        return max(300, int(round(charge.loss * self.rng.lognormvariate(0, 1.0), -2))) if charge.loss else 0

    def _due(self, party: Party) -> int:
        base = _AWARDS.get(party.harm, 0) or party.loss or 25000
        return party.loss or max(300, int(round(base * self.rng.uniform(0.5, 1.4), -2)))

    def _fault(self, party: Party, charge: Charge) -> None:
        odds = _TRAFFIC if charge.harm == "traffic" else _BRAWL if charge.harm in ("injury", "nuisance") else None
        if odds:
            party.fault = self.rng.choices([word for word, _ in odds], [weight for _, weight in odds])[0]
        if party.fault == "重大过错":
            party.remark = self.rng.choice(("被害人先动手，有重大过错", "互殴，被害人持械在先，存在重大过错"))
        elif self.rng.random() < 0.012:
            party.remark = self.rng.choice(("被害人书面放弃赔偿", "被害人当庭表示放弃赔偿请求"))

    def _judge(self, case: Case, charge: Charge) -> None:
        if case.stage != "已判决":
            return
        case.judged = min(case.received + timedelta(days=self.rng.randrange(60, 190)), TODAY)
        case.judgment = self.docket.judgment(case.judged.year, "刑初", max(900, self.size // 30))
        unpaid = [party for party in case.role("被害人") if party.state != "FULL" or self.rng.random() < 0.5]
        case.award = sum(self._due(party) for party in unpaid)

    def _relatives(self, case: Case) -> None:
        for party in case.role("被害人"):
            victim = self.county.people[party.person]
            kin = self.county.kin(victim, TODAY)
            if party.dead:
                chosen = kin[: self.rng.choices((1, 2, 3, 4, 5), (35, 30, 20, 10, 5))[0]]
            elif victim.age(case.event) < 18 and self.rng.random() < 0.75:
                chosen = [pair for pair in kin if pair[0] in ("父亲", "母亲")]
                chosen = chosen[:1] if self.rng.random() < 0.75 else chosen[-1:]
            else:
                chosen = []
            for word, person in chosen:
                case.parties.append(Party(case.number, "近亲属", person.key, relation=word, of=party))

    def _summary(self, case: Case, charge: Charge, suspect: Person, victims: list[Person]) -> str:
        home = self.county.home(victims[0])
        head = f"{suspect.surname or suspect.name[0]}某"
        who = "被害人" if len(victims) == 1 else "多名被害人"
        text = charge.text.replace("{s}", head).replace("{w}", who).replace("{x}", home.town + home.village)
        day = f"{case.event.year}年{case.event.month}月{case.event.day}日"
        text = f"{day}，{text}。"
        who = "被害人" if len(victims) == 1 else "其中一名被害人"
        worse = max(self.urge.get(person.key, 1.0) for person in victims) > 1.5
        for _ in range(2):
            if self.rng.random() < (0.5 if worse else 0.25):
                text += hardship_sentence(self.rng, who, urgent=0.1)
        return text
