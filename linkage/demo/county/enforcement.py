"""Make the court's enforcement cases: from unpaid judgments of our cases and from civil matters."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from linkage.demo.county.casework import Case, Docket, any_day
from linkage.demo.county.people import SNAPSHOTS, TODAY, Person, Population
from linkage.demo.county.sampling import scaled

_GOOD_REASONS = ("被执行人死亡且无遗产可供执行", "被执行人无收入来源且丧失劳动能力")
_OTHER_REASONS = ("申请执行人撤回申请", "当事人达成和解并履行完毕")
_CIVIL = (("民间借贷纠纷", 32), ("机动车交通事故责任纠纷", 15), ("买卖合同纠纷", 14), ("追索劳动报酬纠纷", 10),
          ("生命权、身体权、健康权纠纷", 9), ("离婚后财产纠纷", 5), ("赡养费纠纷", 5), ("抚养费纠纷", 5),
          ("提供劳务者受害责任纠纷", 5))  # fmt: skip
_FIRMS = (("澄溪县广源建材有限公司", "91367523MA0A11X20K"), ("澄溪县顺通运输有限公司", "91367523MA0C37T51R"),
          ("澄溪县恒基劳务有限公司", "91367523MA0B90Q83D"), ("棠州鼎盛置业有限公司", "91367500MA0D42P67W"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Matter:
    """Hold what all rows of one enforcement case share."""

    basis: str
    cause: str
    filed: date
    claim: int


@dataclass(frozen=True, slots=True)
class Ending:
    """Say how an enforcement case ended: closing, reason, day, number of the resumed case; empty while open."""

    closing: str = ""
    reason: str = ""
    closed: date | None = None
    resumed: str = ""


@dataclass(slots=True)
class Enforcement:
    """Hold one enforcement row: one creditor, one debtor (a person, or a firm by its place in the list of firms)."""

    number: str
    matter: Matter
    ending: Ending
    creditor: str
    debtor: str
    firm: int
    recovered: int
    team: str

    def unpaid(self) -> bool:
        """Tell whether the row is an unpaid creditor's today (the definition of C and B)."""
        if self.ending.closing == "终结本次执行":
            return not self.ending.resumed
        return self.ending.closing == "终结执行" and self.ending.reason in _GOOD_REASONS

    def listed(self, snapshot: int) -> bool:
        return self.matter.filed <= SNAPSHOTS[snapshot]

    def open_on(self, snapshot: int) -> bool:
        return self.ending.closed is None or self.ending.closed > SNAPSHOTS[snapshot]

    def opponent(self) -> tuple[str, str]:
        return _FIRMS[self.firm]


@dataclass(slots=True)
class Court:
    """Make enforcement rows; every draw comes from `rng`."""

    rng: random.Random
    county: Population
    docket: Docket
    size: int
    rows: list[Enforcement] = field(default_factory=list)
    pool: list[Person] = field(default_factory=list)

    def work(self) -> list[Enforcement]:
        """Return the rows in the order they were filed."""
        self.pool = self.county.living()
        for case in self.docket.cases:
            if case.judgment and self.rng.random() < 0.65:
                self._from_judgment(case)
            elif case.category == "民事" or case.cause == "法院判决未执行到位":
                self._from_application(case)
        for _ in range(scaled(480, self.size, 0.75)):
            self._civil(self.rng.choice(self.pool))
        self.rows.sort(key=lambda row: (row.matter.filed, row.number))
        return self.rows

    def _from_judgment(self, case: Case) -> None:
        creditors = [party for party in case.probes() if party.compensation() != "FULL"]
        if not creditors or case.judged is None or not case.award:
            return
        filed = any_day(self.rng, case.judged + timedelta(days=10), case.judged + timedelta(days=240))
        if filed > TODAY:
            return
        matter = Matter(self._written(case.judgment), case.cause, filed, case.award)
        pairs = [(party.person, suspect.person) for party in creditors for suspect in case.role("犯罪嫌疑人")]
        self._file(matter, pairs, self._ending(filed, unpaid=0.74))

    def _from_application(self, case: Case) -> None:
        share = {"执行监督": 0.85, "裁判结果监督": 0.22, "支持起诉": 0.08}.get(case.kind, 0.7)
        for party in case.parties:
            if self.rng.random() < share:
                person = self.county.people[party.person]
                cause = case.cause if case.category == "民事" else ""
                self._civil(person, cause=cause, before=case.received, unpaid=0.8)

    def _civil(self, creditor: Person, *, cause: str = "", before: date = TODAY, unpaid: float = 0.42) -> None:
        filed = any_day(self.rng, date(2022, 2, 1), TODAY) if before == TODAY else before
        filed = filed - timedelta(days=self.rng.randrange(60, 300)) if before != TODAY else filed
        causes, weights = zip(*_CIVIL, strict=True)
        cause = cause or self.rng.choices(causes, weights)[0]
        basis = self._written(self.docket.judgment(filed.year, "民初", max(800, self.size // 40)))
        debtor = "" if self.rng.random() < 0.08 else self._debtor(creditor).key
        claim = int(round(120000 * self.rng.lognormvariate(0, 0.7), -2))
        self._file(Matter(basis, cause, filed, claim), [(creditor.key, debtor)], self._ending(filed, unpaid=unpaid))

    def _debtor(self, creditor: Person) -> Person:
        while True:
            if self.rng.random() < 0.2 and self.docket.cases:
                suspects = self.rng.choice(self.docket.cases).role("犯罪嫌疑人")
                person = self.county.people[suspects[0].person] if suspects else self.rng.choice(self.pool)
            else:
                person = self.rng.choice(self.pool)
            if person.age(TODAY) >= 20 and person is not creditor:
                return person

    def _number(self, filed: date) -> str:
        return self.docket.judgment(filed.year, "执", max(900, self.size // 60))

    def _written(self, basis: str) -> str:
        draw = self.rng.random()
        if draw < 0.6:
            return basis
        if draw < 0.87:
            return basis.replace("（", "(").replace("）", ")")
        if draw < 0.92:
            return basis.replace("（", "〔").replace("）", "〕")
        return basis.replace("（", "").replace("）", "")

    def _ending(self, filed: date, *, unpaid: float) -> Ending:
        """Draw how the case ends; it stays open where the day would lie in the future."""
        closed = filed + timedelta(days=self.rng.randrange(95, 260))
        if closed > TODAY:
            recent = filed + timedelta(days=95) <= SNAPSHOTS[0]
            if not recent or self.rng.random() < 0.5:
                return Ending()
            closed = any_day(self.rng, max(filed + timedelta(days=95), date(2026, 10, 1)), TODAY)
        if self.rng.random() > unpaid + 0.25:
            return Ending("执行完毕", "", closed)
        draw = self.rng.random()
        if draw < unpaid * 0.82:
            resumed = (
                f"（{closed.year + 1}）湖7523执恢{self.rng.randrange(1, 90)}号" if self.rng.random() < 0.06 else ""
            )
            if resumed and closed.year >= 2026:
                resumed = ""
            return Ending("终结本次执行", "", closed, resumed)
        if draw < unpaid:
            return Ending("终结执行", self.rng.choice(_GOOD_REASONS), closed)
        if draw < unpaid + (1 - unpaid) * 0.6:
            return Ending("终结执行", self.rng.choice(_OTHER_REASONS), closed)
        return Ending("执行完毕", "", closed)

    def _file(self, matter: Matter, pairs: list[tuple[str, str]], ending: Ending) -> None:
        """Add one row per pair of creditor and debtor, all under one case number."""
        paid = matter.claim if ending.closing == "执行完毕" or ending.reason == _OTHER_REASONS[1] else 0
        if not paid and self.rng.random() < 0.5:
            paid = int(round(matter.claim * self.rng.choice((0.05, 0.1, 0.2, 0.3)), -1))
        number, firm = self._number(matter.filed), self.rng.randrange(len(_FIRMS))
        team = self.rng.choice(("执行一组", "执行二组", "执行三组"))
        for creditor, debtor in pairs:
            self.rows.append(Enforcement(number, matter, ending, creditor, debtor, firm, paid, team))
