"""Derive the expected clues of every model from the truth, by the definitions of the county's README."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from linkage.demo.county.aid import Aided
from linkage.demo.county.casework import CRIMINAL, Case, Party
from linkage.demo.county.people import TODAY
from linkage.demo.county.world import World

CHILD = frozenset({"CHILD_O", "CHILD_F", "CHILD_D"})
MONITOR = frozenset({"MONITOR_1", "MONITOR_2", "MONITOR_3"})
DISABLED = frozenset({"DIS12", "DIS34"})
SX = {
    "SX-1": frozenset({"DIBAO", "TEKUN", "DIBIAN", "CARD", "MONITOR_2"}),
    "SX-2": CHILD,
    "SX-3": DISABLED,
    "SX-4": frozenset(
        {"MONITOR_1", "MONITOR_3", "WOMAN", "CHUNLEI", "WORKER", "MEDAID", "VET", "YOUFU", "VULN", "EDUAID"}
    ),
}
YQ_HARD = frozenset({"DIBAO", "DIBIAN", "VULN"})
GY = frozenset({"DIBAO", "DIBIAN", "TEKUN", "WORKER", "MEDAID", "WOMAN"}) | CHILD | DISABLED | MONITOR
WD = frozenset({"DIBAO", "WOMAN", "CHUNLEI"}) | MONITOR | DISABLED | CHILD
SC = frozenset({"DIBAO", "DIBIAN", "TEKUN", "WOMAN", "CHUNLEI", "CARD", "VET", "YOUFU"}) | CHILD | MONITOR
PENDING = frozenset({"审查逮捕", "审查起诉", "已起诉", "不起诉"})
SERIOUS = frozenset({"死亡", "重伤一级", "重伤二级", "轻伤一级", "轻伤二级"})
PROPERTY = frozenset({"诈骗", "集资诈骗", "非法吸收公众存款", "盗窃", "抢劫", "抢夺"})
HARM_CAUSES = frozenset(
    ("机动车交通事故责任纠纷", "生命权、身体权、健康权纠纷", "提供劳务者受害责任纠纷", "人身损害赔偿纠纷")
) | {"赡养费纠纷", "抚养费纠纷"}
FOLLOWED = {"DIBAO": "DIBAO", "DIBIAN": "DIBIAN", "TEKUN": "TEKUN", "CHILD": "CHILD", "DPF": "DPF",
            "MONITOR": "MONITOR", "WOMEN": "WOMEN", "WORKER": "WORKER", "MEDAID": "MEDAID"}  # fmt: skip
MODELS = ("SX-1", "SX-2", "SX-3", "SX-4", "YQ-M1", "YQ-M2", "YQ-M3", "YQ-M4", "GY-M1", "GY-FOLLOW", "WD-1", "WD-2",
          "WD-3", "PA", "SC")  # fmt: skip


@dataclass(slots=True)
class Clue:
    """Hold one expected clue: the rows of the person in the case, the tags found, and which registers show them."""

    model: str
    case: str
    person: str
    parties: list[Party] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    tags: frozenset[str] = frozenset()
    extra: dict[str, str | int] = field(default_factory=dict)
    colour: str = ""
    debtor: bool = False
    level: str = "person"


@dataclass(slots=True)
class Facts:
    """Hold the local facts of README §2: tags, unpaid creditors and debtors, who was aided."""

    world: World
    tags: dict[str, set[str]] = field(init=False)
    creditors: set[str] = field(init=False)
    debtors: set[tuple[str, str]] = field(init=False)
    aided: set[str] = field(init=False)
    elsewhere: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.tags = self.world.roll.tags()
        unpaid = [row for row in self.world.enforcement if row.unpaid()]
        self.creditors = {row.creditor for row in unpaid}
        self.debtors = {(row.debtor, plain(row.matter.basis)) for row in unpaid if row.debtor}
        self.aided = {row.person for row in self.world.aided}
        self.elsewhere = {grant.person for grant in self.world.grants}

    def meet(self, party: Party, wanted: frozenset[str]) -> frozenset[str]:
        return wanted & frozenset(self.tags.get(party.person, ()))


def plain(number: str) -> str:
    """Return a judgment number without brackets, whose form differs between offices."""
    return "".join(char for char in number if char not in "（）()〔〕[]")


def applicant_side(case: Case) -> Iterable[Party]:
    """Return the probes of the SX models."""
    for party in case.role("被害人", "申请人", "申诉人", "信访人"):
        if not party.dead and not (party.role == "信访人" and case.kind != "涉法涉诉信访"):
            yield party


def early_victims(case: Case) -> Iterable[Party]:
    """Return V1 of Yueqing before the hardship step."""
    if case.cause in ("故意伤害", "交通肇事") and case.stage in PENDING:
        yield from (party for party in case.probes() if party.compensation() != "FULL")


def judged_victims(case: Case) -> Iterable[Party]:
    """Return V2 of Yueqing."""
    if case.category in CRIMINAL and case.stage == "已判决":
        yield from case.probes()
    elif case.category == "民事" and case.cause == "机动车交通事故责任纠纷":
        yield from case.role("申请人")


def eligible(case: Case) -> Iterable[Party]:
    """Return the eligible living persons of Guanyun."""
    if case.category in CRIMINAL:
        for party in case.role("被害人", "近亲属"):
            victim = party.of if party.of is not None else party
            costly = case.cause in PROPERTY and victim.loss >= 50_000
            if not party.dead and (victim.harm in SERIOUS or costly) and party.compensation() != "FULL":
                yield party
    elif case.category == "民事" and case.cause in HARM_CAUSES:
        yield from case.role("申请人")
    elif case.kind in ("涉法涉诉信访", "刑事申诉"):
        yield from case.role("信访人", "申诉人")


def claimants(case: Case) -> Iterable[Party]:
    """Return the probes of WD-1 and WD-2."""
    if case.category == "民事":
        yield from case.role("申请人")
    if case.category == "信访":
        yield from case.role("信访人", "申诉人")


def everybody(case: Case) -> Iterable[Party]:
    """Return the probes of SC."""
    yield from (party for party in case.parties if party.role != "犯罪嫌疑人" and not party.dead)


@dataclass(slots=True)
class Expected:
    """Collect the clues of all models, one per person and case."""

    facts: Facts
    found: dict[tuple[str, str, str], Clue] = field(default_factory=dict)

    def clues(self) -> list[Clue]:
        """Return the clues of every model but PA, case by case."""
        for case in self.facts.world.cases:
            self._shan(case)
            self._yueqing(case)
            self._guanyun(case)
            self._weidu(case)
            self._screen("SC", case, everybody, SC)
        self._ledger()
        return list(self.found.values())

    def _add(self, model: str, case: Case, party: Party, tags: frozenset[str]) -> Clue:
        clue = self.found.setdefault((model, case.number, party.person), Clue(model, case.number, party.person))
        clue.tags = clue.tags | tags
        if not clue.parties:
            clue.parties = [other for other in case.parties if other.person == party.person]
        return clue

    def _screen(
        self, model: str, case: Case, probes: Callable[[Case], Iterable[Party]], wanted: frozenset[str]
    ) -> None:
        for party in probes(case):
            tags = self.facts.meet(party, wanted)
            if tags:
                self._add(model, case, party, tags)

    def _shan(self, case: Case) -> None:
        for model, wanted in SX.items():
            self._screen(model, case, applicant_side, wanted)

    def _yueqing(self, case: Case) -> None:
        unpaid = frozenset({"ENF_UNPAID"})
        for party in early_victims(case):
            tags = self.facts.meet(party, YQ_HARD)
            if tags:
                self._add("YQ-M1", case, party, tags).extra = {"comp": party.compensation()}
        closed = [party for party in judged_victims(case) if party.person in self.facts.creditors]
        for party in closed:
            tags = self.facts.meet(party, YQ_HARD)
            if tags:
                self._add("YQ-M2", case, party, tags | unpaid)
        for party in (*early_victims(case), *closed):
            tags = self.facts.meet(party, frozenset({"SOCIAL_AIDED"}))
            if tags:
                self._add("YQ-M3", case, party, tags)

    def _guanyun(self, case: Case) -> None:
        for party in eligible(case):
            helped = party.person in self.facts.aided or party.person in self.facts.elsewhere
            tags = self.facts.meet(party, GY)
            if tags and not helped and self.facts.world.county.people[party.person].alive(TODAY):
                self._add("GY-M1", case, party, tags)

    def _weidu(self, case: Case) -> None:
        for party in claimants(case):
            if party.person in self.facts.aided:
                continue
            if party.person in self.facts.creditors:
                self._add("WD-1", case, party, frozenset({"ENF_UNPAID"}))
            tags = self.facts.meet(party, WD)
            if tags:
                self._add("WD-2", case, party, tags)
        self._debtors(case)

    def _debtors(self, case: Case) -> None:
        if case.category not in CRIMINAL or not case.judgment:
            return
        beneficiaries = case.probes()
        if beneficiaries and all(party.person in self.facts.aided for party in beneficiaries):
            return
        for party in case.role("犯罪嫌疑人"):
            if (party.person, plain(case.judgment)) in self.facts.debtors:
                clue = self._add("WD-3", case, party, frozenset({"ENF_UNPAID"}))
                clue.debtor, clue.level = True, "case"
                return

    def _ledger(self) -> None:
        before, now = (self.facts.world.roll.registers_of(snapshot) for snapshot in (0, 1))
        social = {key for key, registers in now.items() if "SAC" in registers}
        for row in self.facts.world.aided:
            if row.person not in social:
                local = self.facts.world.county.people[row.person].local
                self._ledger_clue("YQ-M4", row, frozenset(), {"locality": "本地" if local else "外来"})
            old, new = (
                {FOLLOWED[name] for name in side.get(row.person, ()) if name in FOLLOWED} for side in (before, now)
            )
            changed = frozenset({f"+{name}" for name in new - old} | {f"-{name}" for name in old - new})
            if changed:
                self._ledger_clue("GY-FOLLOW", row, changed, {})

    def _ledger_clue(self, model: str, row: Aided, tags: frozenset[str], extra: dict[str, str | int]) -> None:
        clue = Clue(model, row.number, row.person, rows=[row.serial], tags=tags, extra=extra)
        self.found[model, row.number, row.person] = clue
