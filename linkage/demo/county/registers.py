"""Fill the hardship registers: households first, then persons, with the overlaps of domain D2.3."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from linkage.demo.county.people import SNAPSHOTS, TODAY, Household, Person, Population
from linkage.demo.county.roll import Entry, Roll, churn
from linkage.demo.county.sampling import scaled, weighted

_CAUSES = ("因病", "因残", "因学", "缺劳力", "缺技术", "因灾", "因意外事故")
_RISKS = ("因病", "因残", "因学", "因意外事故", "因务工就业不稳")
_HEALTH = ("健康", "良好", "慢性病", "患病", "残疾")
DISABILITIES = ("视力", "听力", "言语", "肢体", "智力", "精神", "多重")
_DISABILITY_WEIGHTS = (15, 17, 4, 45, 8, 8, 3)


@dataclass(slots=True)
class Registrar:
    """Enter people in registers; every draw comes from `rng`."""

    rng: random.Random
    county: Population
    size: int
    roll: Roll = field(default_factory=Roll)
    certified: dict[str, tuple[int, int]] = field(default_factory=dict)

    def fill(self) -> Roll:
        """Return the roll with every register that does not depend on cases."""
        self._disability()
        self._households()
        self._tekun()
        self._children()
        self._persons()
        self._medical()
        for entries in self.roll.entries.values():
            churn(self.rng, entries)
        self._stale()
        return self.roll

    # -- draws -------------------------------------------------------------------------------------------------

    def _month(self, first: int = 2016, last: int = 2026) -> str:
        return f"{self.rng.randrange(first, last + 1)}{self.rng.randrange(1, 10):02d}"

    def _day(self, first: int = 2015) -> str:
        return f"{self.rng.randrange(first, 2027)}-{self.rng.randrange(1, 10):02d}-{self.rng.randrange(1, 29):02d}"

    def _code(self, digits: int) -> str:
        return f"{self.rng.randrange(10**digits):0{digits}d}"

    def _hardship(self, person: Person) -> float:
        home = self.county.home(person)
        return home.hardship * (1.8 if person.key in self.certified else 1.0)

    def _alive_in(self, home: Household) -> list[Person]:
        people = [self.county.people[key] for key in home.members]
        return [person for person in people if person.alive(SNAPSHOTS[0])]

    # -- disability --------------------------------------------------------------------------------------------

    def _disability(self) -> None:
        people = self.county.living()
        count = scaled(1640, self.size, 0.95)
        chosen = weighted(self.rng, people, count, lambda person: self._disability_weight(person))
        for person in chosen:
            category = self.rng.choices(range(1, 8), _DISABILITY_WEIGHTS)[0]
            grade = self.rng.choices((1, 2, 3, 4), (22, 33, 24, 21))[0]
            self._certify(person, category, grade)

    def _disability_weight(self, person: Person) -> float:
        age = person.age(TODAY)
        by_age = 0.5 if age < 18 else 0.8 if age < 45 else 1.4 if age < 65 else 2.2
        return by_age * math.sqrt(self.county.home(person).hardship)

    def _certify(self, person: Person, category: int, grade: int, *, stale: bool = False) -> None:
        self.certified[person.key] = (category, grade)
        minor = person.age(TODAY) < 18
        guardian = person.father or person.mother
        extra = {
            "category": DISABILITIES[category - 1],
            "grade": "一二三四"[grade - 1] + "级",
            "guardian": self.county.people[guardian].name if guardian and (minor or self.rng.random() < 0.1) else "",
            "since": self._day(2010),
            "suffix": self.rng.choice(("B1", "B2")) if self.rng.random() < 0.06 else "",
        }
        tag = "DIS12" if grade <= 2 else "DIS34"
        self.roll.add(Entry("DPF", person.key, tag, extra, stale=stale))

    # -- households --------------------------------------------------------------------------------------------

    def _households(self) -> None:
        homes = [home for home in self.county.households.values() if self._alive_in(home)]
        rural = [home for home in homes if not home.urban]
        dibao = self._pick(homes, 1810, lambda home: self._need(home) ** 2)
        for home in dibao:
            self._dibao(home)
        taken = {home.key for home in dibao}
        rest = [home for home in homes if home.key not in taken]
        for home in self._pick(rest, 300, self._need):
            self._dibian(home)
        card = self._pick(rural, 2480, lambda home: self._need(home) ** 2 * (4.0 if home.key in taken else 1.0))
        for home in card:
            self._card(home)
        carded = {home.key for home in card}
        for home in self._pick(rural, 310, lambda home: self._need(home) * (2.5 if home.key in carded else 1.0)):
            self._monitor(home, carded)

    def _need(self, home: Household) -> float:
        certified = sum(key in self.certified for key in home.members)
        return home.hardship * (1.0 + 1.5 * certified)

    def _pick(self, homes: list[Household], people: int, weight: Callable[[Household], float]) -> list[Household]:
        """Return households, in the order of the county, whose living members add up to the scaled number."""
        wanted, total, chosen = scaled(people, self.size, 0.92), 0, []
        small = [home for home in homes if len(home.members) <= 8]
        for home in weighted(self.rng, small, len(small), weight):
            if total >= wanted:
                break
            total += len(self._alive_in(home))
            chosen.append(home)
        return sorted(chosen, key=lambda home: (home.town, home.village, home.key))

    def _form(self, home: Household) -> tuple[Person, list[Person]]:
        """Return the head a form names and the members it lists; now and then one member is left out."""
        members = self._alive_in(home)
        head = max(members[:2], key=lambda person: person.sex == "M") if self.rng.random() < 0.9 else members[0]
        if len(members) > 2 and self.rng.random() < 0.15:
            members = [person for person in members if person is head or self.rng.random() < 0.6]
        return head, sorted(members, key=lambda person: person is not head)

    def _health(self, person: Person) -> str:
        if person.key in self.certified and self.rng.random() < 0.8:
            return "残疾"
        return self.rng.choice(_HEALTH[:4])

    def _dibao(self, home: Household) -> None:
        head, members = self._form(home)
        kind = "城市" if home.urban else "农村"
        shared = {"certificate": f"低保3675{self._code(7)}", "kind": kind, "count": str(len(members)),
                  "money": str(self.rng.randrange(24, 150) * 10), "cause": self.rng.choice((*_CAUSES, "因丧偶")),
                  "since": self._month()}  # fmt: skip
        for person in members:
            extra = {**shared, "relation": self.county.relation(head, person), "health": self._health(person)}
            self.roll.add(Entry("DIBAO", person.key, "DIBAO", extra, head=head.key))

    def _dibian(self, home: Household) -> None:
        head, members = self._form(home)
        shared = {"certificate": f"低边{self._code(6)}", "count": str(len(members)), "since": self._month()}
        for person in members:
            extra = {**shared, "relation": self.county.relation(head, person), "health": self._health(person)}
            self.roll.add(Entry("DIBIAN", person.key, "DIBIAN", extra, head=head.key))

    def _card(self, home: Household) -> None:
        head, _ = self._form(home)
        members = [self.county.people[key] for key in home.members]
        shared = {"home": f"1700{self._code(6)}", "cause": self.rng.choice(_CAUSES[:5]),
                  "year": str(self.rng.randrange(2015, 2021))}  # fmt: skip
        for place, person in enumerate(members):
            if person.born.year > 2020 or (person.died and person.died.year <= 2020):
                continue
            extra = {**shared, "person": f"{shared['home']}{place + 1:02d}"}
            extra["relation"] = self.county.relation(head, person)
            stale = not person.alive(SNAPSHOTS[0])
            if stale and self.rng.random() < 0.7:
                continue
            self.roll.add(Entry("CARD", person.key, "CARD", extra, head=head.key, stale=stale))

    def _monitor(self, home: Household, carded: set[str]) -> None:
        head, members = self._form(home)
        kind = "2" if home.key not in carded else "1"
        if self.rng.random() < 0.33:
            kind = "3"
        shared = {"home": f"2700{self._code(6)}", "risk": self.rng.choice(_RISKS), "since": self._month(2021)}
        for person in members:
            extra = {**shared, "relation": self.county.relation(head, person)}
            self.roll.add(Entry("MONITOR", person.key, f"MONITOR_{kind}", extra, head=head.key))

    # -- persons -----------------------------------------------------------------------------------------------

    def _choose(self, register: str, count: float, fits: Callable[[Person], float], *, power: float) -> list[Person]:
        people = self.county.living()
        chosen = weighted(self.rng, people, scaled(count, self.size, power), fits)
        place = {person.key: self.county.home(person) for person in chosen}
        return sorted(chosen, key=lambda person: (place[person.key].town, place[person.key].village, person.key))

    def _tekun(self) -> None:
        def fits(person: Person) -> float:
            alone = len(self._alive_in(self.county.home(person))) == 1 and not person.children
            return self._hardship(person) if alone and person.age(TODAY) >= 55 else 0.0

        for person in self._choose("TEKUN", 237, fits, power=0.9):
            extra = {"certificate": f"特供{self._code(6)}", "care": self.rng.choice(("分散供养",) * 2 + ("集中供养",)),
                     "since": self._month()}  # fmt: skip
            self.roll.add(Entry("TEKUN", person.key, "TEKUN", extra))

    def _children(self) -> None:
        def fits(person: Person) -> float:
            if person.age(TODAY) >= 18 or not (person.father or person.mother):
                return 0.0
            dead = sum(not self.county.people[key].alive(TODAY) for key in (person.father, person.mother))
            return self._hardship(person) * (1, 25, 400)[dead]

        for person in self._choose("CHILD", 92, fits, power=0.75):
            parents = [self.county.people[key] for key in (person.mother, person.father)]
            alive = [parent for parent in parents if parent.alive(TODAY)]
            kind = "O" if not alive else "F" if len(alive) == 1 or self.rng.random() < 0.3 else "D"
            guardian = self._guardian(person, alive)
            care = self.rng.choice(("家庭养育", "家庭养育", "亲属抚养", "机构养育"))
            extra = {"care": care, "since": self._day(2019),
                     "guardian": guardian.key if guardian else "",
                     "relation": self._guardian_word(person, guardian)}  # fmt: skip
            self.roll.add(Entry("CHILD", person.key, f"CHILD_{kind}", extra))

    def _guardian(self, child: Person, parents: list[Person]) -> Person | None:
        if parents:
            return self.rng.choice(parents)
        for parent in (child.father, child.mother):
            for key in (self.county.people[parent].father, self.county.people[parent].mother):
                if key and self.county.people[key].alive(TODAY):
                    return self.county.people[key]
        return None

    def _guardian_word(self, child: Person, guardian: Person | None) -> str:
        if guardian is None:
            return ""
        return {child.father: "父亲", child.mother: "母亲"}.get(guardian.key, "祖父母")

    def _persons(self) -> None:
        home = self.county.home
        simple: list[tuple[str, str, float, float, Callable[[Person], float], Callable[[Person], dict[str, str]]]] = [
            ("WOMEN", "WOMAN", 210, 0.75,
             lambda p: self._hardship(p) if p.sex == "F" and p.age(TODAY) >= 20 else 0.0, self._woman),
            ("CHUNLEI", "CHUNLEI", 70, 0.75,
             lambda p: self._hardship(p) ** 2 if p.sex == "F" and 6 <= p.age(TODAY) <= 19 else 0.0, self._school),
            ("WORKER", "WORKER", 88, 0.75,
             lambda p: self._hardship(p) if home(p).urban and 20 <= p.age(TODAY) <= 60 else 0.0, self._worker),
            ("VET", "VET", 1770, 0.9,
             lambda p: (1.0 if p.sex == "M" else 0.03) if 20 <= p.age(TODAY) <= 88 else 0.0, self._veteran),
            ("EDU", "EDUAID", 350, 0.85,
             lambda p: self._hardship(p) if 5 <= p.age(TODAY) <= 22 else 0.0, self._school),
        ]  # fmt: skip
        for register, tag, count, power, fits, extra in simple:
            for person in self._choose(register, count, fits, power=power):
                self.roll.add(Entry(register, person.key, tag, extra(person)))
        self._youfu()

    def _woman(self, person: Person) -> dict[str, str]:
        kinds = ["低收入妇女", "单亲母亲", "留守妇女", "“两癌”患病妇女"]
        kind = "残疾妇女" if person.key in self.certified else self.rng.choice(kinds)
        return {"kind": kind, "year": str(self.rng.randrange(2022, 2027)), "phone": "1"}

    def _school(self, person: Person) -> dict[str, str]:
        home, age = self.county.home(person), person.age(TODAY)
        school = f"{home.town}中心小学" if age < 12 else f"{home.town}初级中学"
        if age >= 15:
            school = self.rng.choice(("澄溪县第一中学", "澄溪县第二中学", "澄溪县职业中专"))
        reasons = ("低保家庭学生", "脱贫家庭学生", "残疾学生", "孤儿", "其他家庭经济困难")
        return {"school": school, "money": self.rng.choice(("500", "625", "750", "1000", "1500")),
                "reason": self.rng.choice(reasons)}  # fmt: skip

    def _worker(self, person: Person) -> dict[str, str]:
        firms = ("澄溪县棉麻厂（改制）", "澄溪县农机厂", "澄溪公交公司", "东关环卫所", "灵活就业")
        return {"kind": self.rng.choice(("深度困难", "相对困难", "意外致困")), "firm": self.rng.choice(firms),
                "since": self._day(2018)}  # fmt: skip

    def _veteran(self, person: Person) -> dict[str, str]:
        joined = person.born.year + self.rng.randrange(18, 22)
        return {"joined": str(joined), "left": str(min(joined + self.rng.randrange(2, 9), 2026))}

    def _youfu(self) -> None:
        veterans = self.roll.people("VET")

        def fits(person: Person) -> float:
            return 40.0 if person.key in veterans else 0.6 if person.age(TODAY) > 40 else 0.0

        kinds = ("伤残军人", "参战退役人员", "带病回乡退伍军人", "60周岁以上农村籍退役士兵", "烈士遗属")
        for person in self._choose("YOUFU", 208, fits, power=0.85):
            extra = {"kind": self.rng.choice(kinds), "certificate": f"优{self._code(7)}"}
            self.roll.add(Entry("YOUFU", person.key, "YOUFU", extra))

    def _medical(self) -> None:
        kinds: dict[str, str] = {}
        shares = (("DIBAO", "低保对象", 0.93), ("TEKUN", "特困人员", 0.97), ("DIBIAN", "低保边缘家庭成员", 0.65),
                  ("MONITOR", "防返贫监测对象", 0.3))  # fmt: skip
        for register, kind, share in shares:
            for entry in self.roll.entries.get(register, []):
                if self.rng.random() < share:
                    kinds.setdefault(entry.person, kind)
        ill = weighted(self.rng, self.county.living(), scaled(600, self.size, 0.95), lambda p: 0.2 + p.age(TODAY) / 40)
        for person in ill:
            kinds.setdefault(person.key, "因病致贫重病患者")
        keys = list(kinds)
        self.rng.shuffle(keys)
        for key in keys:
            place = "澄溪县" if self.rng.random() < 0.95 else "外县"
            self.roll.add(Entry("MEDAID", key, "MEDAID", {"kind": kinds[key], "place": place, "since": self._day()}))

    # -- the dead who stay -------------------------------------------------------------------------------------

    def _stale(self) -> None:
        """Keep some people listed who died in the last years: a share of each register (domain D4)."""
        dead = [p for p in self.county.people.values() if p.died and p.died.year >= 2024 and p.age(p.died) > 20]
        for register, share in (("DIBAO", 0.006), ("DIBIAN", 0.006), ("TEKUN", 0.012), ("DPF", 0.015),
                                ("MEDAID", 0.006), ("WOMEN", 0.01), ("VET", 0.005)):  # fmt: skip
            entries = self.roll.entries[register]
            listed = {entry.person for entry in entries}
            pool = [p for p in dead if p.key not in listed and (register != "WOMEN" or p.sex == "F")]
            for person in self.rng.sample(pool, min(len(pool), round(share * len(entries)))):
                self._keep(register, person)

    def _keep(self, register: str, person: Person) -> None:
        if register == "DPF":
            self._certify(person, self.rng.choice((1, 2, 4)), self.rng.randrange(1, 5), stale=True)
            return
        model = self.rng.choice([entry for entry in self.roll.entries[register] if not entry.stale])
        head = person.key if model.head else ""
        extra = {**model.extra, "relation": "户主", "count": "1"} if model.head else dict(model.extra)
        self.roll.add(Entry(register, person.key, model.tag, extra, head=head, stale=True))
