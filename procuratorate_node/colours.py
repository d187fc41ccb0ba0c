"""Decide the warning colour of one row: a pure tree over the inputs, every step told with its reasons (domain C3).

Inputs: H harm, C compensation, G register tier, U urgency, K hardship words, X exclusion, age at the event, charge,
the victim himself or his kin, unpaid creditor, aided before. The files of colour_table.py say what they mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from procuratorate_node.cases.records import Compensation
from procuratorate_node.colour_table import ColourTable
from procuratorate_node.warning.charge_models import ChargeModel, HarmRule
from procuratorate_node.warning.lexicon import Found
from procuratorate_node.warning.tree import Colour, Step

GRAVITY: Final = {Colour.NONE: 0, Colour.YELLOW: 1, Colour.ORANGE: 2, Colour.RED: 3}
YES_NO: Final = {True: "是", False: "否"}


@dataclass(frozen=True, slots=True)
class Injury:
    """What happened to the victim: the injury as written, the loss in yuan, the age at the event (None unknown).

    `minor`: the charge itself says that the victim is a minor; it counts where the age is not known.
    """

    injury: str
    loss: float
    age: int | None
    minor: bool = False

    def younger_than(self, age: int) -> bool:
        return self.minor if self.age is None else self.age < age


@dataclass(frozen=True, slots=True)
class WordPlace:
    """A word of the lexicon and where it stands: the case summary, or a paper's kind, number in the file and page."""

    found: Found
    where: str

    def to_json(self) -> list[str]:
        return [self.found.category, self.found.keyword, self.found.written, self.where]


@dataclass(frozen=True, slots=True)
class ColourInputs:
    """Everything the tree looks at. `age` is that of the row's own person; `excluded` is the reason, "" without.

    `cautions` and `words` decide nothing: what to mind first, and what a reviewer finds on which page.
    `basis` are the places in the papers that harm and payment rest on; they are told with the outcome.
    """

    charge_model: ChargeModel
    harm: int
    harm_reason: str
    compensation: Compensation
    tier: int
    urgent: tuple[str, ...] = ()
    hardship: tuple[str, ...] = ()
    excluded: str = ""
    age: int | None = None
    himself: bool = True
    creditor: bool = False
    aided: bool = False
    cautions: tuple[str, ...] = ()
    words: tuple[WordPlace, ...] = ()
    basis: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Colouring:
    """The outcome: colour, deciding step (from 1), why, why no step before, the inputs, and which files decided.

    `lane` is what the deciding step says of a person without a colour. `weak`: the match is of a grade at which red is
    shown as orange until a person confirms the identity.
    """

    colour: Colour
    step: int
    reasons: tuple[str, ...]
    before: tuple[str, ...]
    inputs: Mapping[str, str]
    files: tuple[str, ...]
    lane: str = ""
    cautions: tuple[str, ...] = ()
    words: tuple[WordPlace, ...] = ()
    registers: tuple[str, ...] = ()
    weak: bool = False

    def to_json(self) -> dict[str, object]:
        """Return what is kept with a clue."""
        return {
            "colour": self.colour.value,
            "step": self.step,
            "reasons": list(self.reasons),
            "before": list(self.before),
            "inputs": dict(self.inputs),
            "files": list(self.files),
            "lane": self.lane,
            "cautions": list(self.cautions),
            "words": [w.to_json() for w in self.words],
            "registers": list(self.registers),
            "weak": self.weak,
        }


def harm_of(table: ColourTable, model: ChargeModel, happened: Injury) -> tuple[int, str]:
    """Return the harm level of the first rule that fits, and the facts it rests on; (0, "") when none fits."""
    hurt = happened.injury not in table.lexicon.cells.no_injury
    for rule in (*model.harm, *table.charges.harm):
        if _rule_fits(rule, model, happened, hurt=hurt):
            return rule.level, "、".join(_rule_facts(rule, model, happened))
    return 0, ""


def _rule_fits(rule: HarmRule, model: ChargeModel, happened: Injury, *, hurt: bool) -> bool:
    return (
        (not rule.injuries or happened.injury in rule.injuries)
        and (not rule.any_injury or hurt)
        and (not rule.kinds or model.kind in rule.kinds)
        and (not rule.age_below or happened.younger_than(rule.age_below))
        and happened.loss >= rule.loss_from
    )


def _rule_facts(rule: HarmRule, model: ChargeModel, happened: Injury) -> Iterator[str]:
    if rule.injuries or rule.any_injury:
        yield happened.injury
    if rule.kinds:
        yield model.title
    if rule.age_below:
        yield f"不满 {rule.age_below} 岁"
    if rule.loss_from:
        yield f"损失不低于 {rule.loss_from:g} 元" if rule.loss_from >= 1 else "有损失"


def words_in(text: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words found literally, each once, in the table's order."""
    return tuple(dict.fromkeys(w for w in words if w in text))


def exclusion(table: ColourTable, *, fault: str, remarks: tuple[str, ...]) -> str:
    """Return what excludes: a fault word of the lexicon, or a waiver found in a remark; "" without."""
    cells = table.lexicon.cells
    if fault in cells.faults:
        return fault
    return next((w for remark in remarks for w in words_in(remark, cells.waivers)), "")


def decide(table: ColourTable, inputs: ColourInputs) -> Colouring:
    """Return the colour of the first step whose conditions all hold. The last step has none."""
    before: list[str] = []
    for number, step in enumerate(table.tree.steps, 1):
        checks = list(_checks(step, inputs))
        failed = next((text for text, holds in checks if not holds), None)
        if failed is None:
            reasons = (f"第 {number} 步：{step.title}", *(text for text, _ in checks), *_remarks(inputs, step))
            return Colouring(
                Colour(step.colour),
                number,
                reasons,
                tuple(before),
                shown_inputs(inputs),
                table.names,
                lane=step.lane if inputs.tier else "",
                cautions=inputs.cautions,
                words=inputs.words,
                registers=inputs.charge_model.registers,
            )
        before.append(f"第 {number} 步（{step.title}）不成立：{failed}")
    raise AssertionError("a table's last step has no condition")


def _checks(step: Step, inputs: ColourInputs) -> Iterator[tuple[str, bool]]:
    """Yield every condition of a step: what the row shows, and whether the condition holds."""
    if step.aided:
        yield f"已获司法救助：{YES_NO[inputs.aided]}", inputs.aided
    if step.excluded:
        yield f"排除情形：{inputs.excluded or '无'}", bool(inputs.excluded)
    if step.kinds:
        yield f"罪名模型：{inputs.charge_model.title}", inputs.charge_model.kind in step.kinds
    if step.harm:
        yield f"伤害程度：{inputs.harm}（{inputs.harm_reason or '无'}）", inputs.harm in step.harm
    if step.compensation:
        yield f"赔偿状态：{inputs.compensation.value}", inputs.compensation.value in step.compensation
    if step.urgent:
        yield f"急需：{'、'.join(inputs.urgent) or '无'}", bool(inputs.urgent)
    if step.himself:
        yield f"被害人本人：{YES_NO[inputs.himself]}", inputs.himself
    if step.age_outside:
        yield f"案发时年龄：{age_band(inputs.age, step.age_outside)}", _outside(inputs.age, step.age_outside)
    if step.creditor:
        yield f"执行未到位：{YES_NO[inputs.creditor]}", inputs.creditor
    if step.tier:
        yield f"在册层级：{inputs.tier}", inputs.tier in step.tier
    if step.words_from:
        yield f"困难词：{'、'.join(inputs.hardship) or '无'}", len(inputs.hardship) >= step.words_from


def _remarks(inputs: ColourInputs, step: Step) -> Iterator[str]:
    """Yield what a reader should know although the deciding step did not ask for it."""
    if inputs.harm_reason and not step.harm:
        yield f"伤害程度：{inputs.harm}（{inputs.harm_reason}）"
    if inputs.hardship and not step.words_from:
        yield f"困难词：{'、'.join(inputs.hardship)}"
    yield from (f"卷宗依据：{place}" for place in inputs.basis)


def _outside(age: int | None, bounds: tuple[int, ...]) -> bool:
    return age is not None and not bounds[0] <= age < bounds[1]


def age_band(age: int | None, bounds: tuple[int, ...]) -> str:
    """Return a band, never the age: a list must not help to point at a person."""
    if age is None:
        return "不明"
    low, high = bounds
    return f"不满 {low} 岁" if age < low else f"{high} 岁以上" if age >= high else f"{low} 至 {high} 岁"


def shown_inputs(inputs: ColourInputs) -> dict[str, str]:
    """Return the inputs under their letters, as the county's colour tables write them."""
    return {
        "charge_model": str(inputs.charge_model.number),
        "H": str(inputs.harm),
        "C": inputs.compensation.value,
        "G": str(inputs.tier),
        "U": str(int(bool(inputs.urgent))),
        "K": str(len(inputs.hardship)),
        "X": str(int(bool(inputs.excluded))),
        "creditor": str(int(inputs.creditor)),
        "aided": str(int(inputs.aided)),
    }


def graver(one: Colouring, other: Colouring) -> Colouring:
    """Return the graver of two outcomes; of equal colours the earlier step."""
    return max((one, other), key=lambda c: (GRAVITY[c.colour], -c.step))
