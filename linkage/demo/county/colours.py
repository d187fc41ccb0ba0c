"""Work out the warning colours of the eight charge models (Pan'an) from the truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from linkage.demo.county.casework import Case, Party
from linkage.demo.county.expected import CHILD, DISABLED, MONITOR, PROPERTY, Clue, Facts

_CHARGES = {
    "故意伤害": 1, "故意杀人": 2, "交通肇事": 3, "诈骗": 4, "集资诈骗": 4, "非法吸收公众存款": 4, "强奸": 5,
    "强制猥亵": 5, "猥亵儿童": 5, "抢劫": 6, "抢夺": 6, "盗窃": 7, "虐待": 8, "遗弃": 8, "拐卖妇女、儿童": 8,
}  # fmt: skip
_TAGS = (
    frozenset({"DIBAO", "DIBIAN", "TEKUN", "WORKER", "MEDAID", "WOMAN", "CHUNLEI", "YOUFU", "VULN", "CARD"})
    | CHILD
    | DISABLED
    | MONITOR
)
_HEAVY_TAGS = frozenset({"TEKUN", "DIBAO", "CHILD_O", "CHILD_F", "DIS12", "YOUFU"}) | MONITOR
_URGENT = ("急需救治", "停药", "辍学", "断炊")
_WORDS = [
    "抚养",
    "赡养",
    "扶养",
    "未成年子女",
    "年迈",
    "失独",
    "留守",
    "孤儿",
    "单亲",
    "唯一劳动力",
    "学费",
    "助学贷款",
    "辍学",
    "在读",
    "住院",
    "手术",
    "医疗费",
    "后续治疗",
    "重大疾病",
    "康复",
    "低保",
    "特困",
    "建档立卡",
    "防返贫",
    "无收入来源",
    "失业",
    "务农",
    "负债",
    "家庭困难",
    "积蓄",
]


@dataclass(frozen=True, slots=True)
class Colour:
    """Hold one probe's inputs, the step of the table that decided, and the colour."""

    case: str
    party: Party
    model: int
    colour: str
    step: int
    harm: int
    compensation: str
    group: int
    urgent: bool
    words: int
    excluded: bool
    helped: bool
    tags: tuple[str, ...]

    def cells(self) -> list[str]:
        """Return the line of pa_colours.csv."""
        numbers = [str(self.harm), self.compensation, str(self.group), str(int(self.urgent)), str(self.words)]
        flags = [str(int(self.excluded)), str(int(self.helped))]
        head = [self.case, self.party.number, self.party.person, str(self.model), self.colour, str(self.step)]
        return [*head, *numbers, *flags, ";".join(self.tags)]


@dataclass(frozen=True, slots=True)
class Painter:
    """Colour the probes of criminal cases."""

    facts: Facts

    def colours(self) -> Iterator[Colour]:
        """Yield every probe row of the eight charge models, those with no hardship tag too."""
        for case in self.facts.world.cases:
            if case.cause in _CHARGES:
                for party in case.probes():
                    yield self._colour(case, party)

    def clues(self) -> list[Clue]:
        """Return the expected clues of PA: a hardship tag and a colour."""
        found: dict[tuple[str, str], Clue] = {}
        for seen in self.colours():
            key = (seen.case, seen.party.person)
            if not seen.tags or seen.colour == "none":
                continue
            clue = found.setdefault(key, Clue("PA", *key, tags=frozenset(seen.tags), colour=seen.colour))
            clue.extra = {"charge_model": seen.model, "colour": seen.colour, "step": seen.step}
            clue.parties.append(seen.party)
        return list(found.values())

    def _colour(self, case: Case, party: Party) -> Colour:
        victim = party.of if party.of is not None else party
        person = self.facts.world.county.people[victim.person]
        tags = self.facts.meet(party, _TAGS)
        group = 2 if tags & _HEAVY_TAGS else 1 if tags else 0
        urgent = any(word in case.summary for word in _URGENT)
        words = sum(word in case.summary for word in _WORDS)
        excluded = victim.fault in ("主要责任", "全部责任", "重大过错") or "放弃赔偿" in victim.remark
        helped = party.person in self.facts.aided or party.person in self.facts.elsewhere
        age = person.age(case.event)
        harm = _harm(case, victim, minor=age < 18)
        weak = case.cause in PROPERTY and party is victim and (age >= 60 or age < 18)
        owed = party.person in self.facts.creditors
        state = party.compensation()
        step, colour = _decide(harm, state, group, helped=helped, excluded=excluded, urgent=urgent, words=words,
                               weak=weak, owed=owed)  # fmt: skip
        return Colour(case.number, party, _CHARGES[case.cause], colour, step, harm, state, group,
                      urgent, words, excluded, helped, tuple(sorted(tags)))  # fmt: skip


def _harm(case: Case, victim: Party, *, minor: bool) -> int:
    model = _CHARGES[case.cause]
    if victim.harm in ("死亡", "重伤一级", "重伤二级") or (model == 5 and minor):
        return 3
    if model in (5, 8) or victim.harm == "轻伤一级" or victim.loss >= 50_000:
        return 2
    return 1 if victim.harm or victim.loss else 0


def _decide(harm: int, state: str, group: int, *, helped: bool, excluded: bool, urgent: bool, words: int, weak: bool,
            owed: bool) -> tuple[int, str]:  # fmt: skip
    """Return (step, colour): the first line of the README's table that applies."""
    unpaid = state == "NOT"
    steps = (
        (helped, "none"),
        (excluded, "none"),
        (state == "FULL", "none"),
        (harm >= 2 and urgent, "red"),
        (harm == 3 and unpaid and group >= 1, "red"),
        (harm == 3 and group == 2, "red"),
        (harm == 3 and unpaid and words >= 1, "orange"),
        (harm == 3 and group == 1, "orange"),
        (harm == 2 and unpaid and group >= 1, "orange"),
        (weak and group >= 1, "orange"),
        (owed and group >= 1, "orange"),
        (harm >= 1 and group >= 1, "yellow"),
        (harm == 3, "yellow"),
        (harm == 2 and words >= 2, "yellow"),
        (True, "none"),
    )
    return next((step, colour) for step, (holds, colour) in enumerate(steps, 1) if holds)
