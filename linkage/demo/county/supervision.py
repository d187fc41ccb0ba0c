"""Make civil, administrative and petition cases with their applicants, complainants and petitioners."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from linkage.demo.county.casework import Case, Docket, Party, any_day, hardship_sentence, staff
from linkage.demo.county.criminal import Prosecutor
from linkage.demo.county.people import TODAY, Person
from linkage.demo.county.sampling import scaled

_CIVIL = (
    ("机动车交通事故责任纠纷", 40), ("生命权、身体权、健康权纠纷", 52), ("追索劳动报酬纠纷", 48),
    ("民间借贷纠纷", 50), ("抚养费纠纷", 34), ("赡养费纠纷", 25), ("买卖合同纠纷", 18),
    ("提供劳务者受害责任纠纷", 14), ("人身损害赔偿纠纷", 12), ("房屋买卖合同纠纷", 6), ("离婚后财产纠纷", 4),
)  # fmt: skip
_ADMINISTRATIVE = ("行政处罚", "土地行政征收", "工伤认定", "违法占地", "不履行法定职责")
_OTHER_MATTERS = ("征地补偿", "宅基地纠纷", "村务公开", "山林权属", "低保评定")
_LEGAL_MATTERS = ("不服民事判决", "不服不起诉决定", "邻里纠纷处理不公", "法院判决未执行到位", "对公安机关不立案不服")
_STEMS = {"支持起诉": "澄检民支受", "执行监督": "澄检民执监受", "裁判结果监督": "澄检民监受",
          "行政裁判结果监督": "澄检行监受", "行政非诉执行监督": "澄检行非执受"}  # fmt: skip


def _grown(age: int) -> bool:
    return age >= 18


_AGES: dict[str, Callable[[int], bool]] = {
    "赡养费纠纷": lambda age: age >= 62,
    "抚养费纠纷": lambda age: age < 17 or 24 <= age < 45,
    "追索劳动报酬纠纷": lambda age: 20 <= age < 66,
}


@dataclass(slots=True)
class Supervisor:
    """Make the non-criminal cases; borrows the prosecutor's way to pick people."""

    rng: random.Random
    docket: Docket
    prosecutor: Prosecutor
    size: int

    def work(self) -> None:
        """Add civil, administrative and petition cases to the docket."""
        kinds = (("支持起诉", 110), ("执行监督", 120), ("裁判结果监督", 70))
        causes, weights = [cause for cause, _ in _CIVIL], [weight for _, weight in _CIVIL]
        for kind, count in kinds:
            for _ in range(scaled(count, self.size, 0.75)):
                self._application("民事", kind, self.rng.choices(causes, weights)[0], "民事检察部")
        for kind, count in (("行政裁判结果监督", 34), ("行政非诉执行监督", 26)):
            for _ in range(scaled(count, self.size, 0.75)):
                self._application("行政", kind, self.rng.choice(_ADMINISTRATIVE), "行政检察部")
        for kind, count in (("涉法涉诉信访", 187), ("其他信访", 87), ("刑事申诉", 55)):
            for _ in range(scaled(count, self.size, 0.75)):
                self._petition(kind)

    def _received(self) -> date:
        return any_day(self.rng, date(2022, 1, 5), TODAY)

    def _applicant(self, cause: str, on: date) -> Person | None:
        fits = _AGES.get(cause, _grown)
        return self.prosecutor.pick(lambda person: fits(person.age(on)) and person.alive(TODAY), on)

    def _tail(self, who: str) -> str:
        return hardship_sentence(self.rng, who, urgent=0.04) if self.rng.random() < 0.4 else ""

    def _application(self, category: str, kind: str, cause: str, office: str) -> None:
        received = self._received()
        people = [self._applicant(cause, received) for _ in range(2 if self.rng.random() < 0.03 else 1)]
        event = received - timedelta(days=self.rng.randrange(90, 800))
        number = self.docket.number(_STEMS[kind], received.year, max(60, self.size // 800))
        case = Case(number, category, cause, kind, office, staff(self.rng), received, event, kind)
        keys = dict.fromkeys(person.key for person in people if person)
        case.parties = [Party(number, "申请人", key) for key in keys]
        case.summary = f"申请人就{cause}向本院申请{kind}。" + self._tail("申请人")
        self.docket.cases.append(case)

    def _petition(self, kind: str) -> None:
        received = self._received()
        role = "申诉人" if kind == "刑事申诉" else "信访人"
        related, matter, person = self._matter(kind, received)
        if person is None:
            return
        stem = "澄检刑申受" if kind == "刑事申诉" else "澄检信访"
        number = self.docket.number(stem, received.year, max(200, self.size // 250))
        event = received - timedelta(days=self.rng.randrange(60, 700))
        office = "控告申诉检察部"
        case = Case(number, "信访", matter, kind, office, staff(self.rng), received, event, kind)
        case.related = related
        case.parties = [Party(number, role, person.key)]
        case.summary = f"{role}反映{matter}。" + self._tail(role)
        self.docket.cases.append(case)

    def _matter(self, kind: str, received: date) -> tuple[str, str, Person | None]:
        """Return the related case, what the petition is about, and who brings it."""
        follows = kind == "刑事申诉" or (kind == "涉法涉诉信访" and self.rng.random() < 0.4)
        if follows:
            found = self._earlier(received)
            if found:
                case, person = found
                matter = f"不服{case.cause}案处理决定" if kind == "刑事申诉" else f"{case.cause}案赔偿未到位"
                return case.number, matter, person
        matters = _OTHER_MATTERS if kind == "其他信访" else _LEGAL_MATTERS
        grown = self.prosecutor.pick(lambda person: person.age(received) >= 18 and person.alive(TODAY), received)
        return "", self.rng.choice(matters), grown

    def _earlier(self, received: date) -> tuple[Case, Person] | None:
        for _ in range(60):
            case = self.rng.choice(self.docket.cases)
            parties = case.role("被害人", "近亲属")
            if not parties or case.received > received:
                continue
            party = self.rng.choice(parties)
            person = self.prosecutor.county.people[party.person]
            if not party.dead and person.alive(TODAY) and person.age(received) >= 18 and party.state != "FULL":
                return case, person
        return None
