"""The checklist of the rules: an officer answers every line; the facts only point at lines to look at twice.

Eligible: every scope line and at least one condition of art. 7 is answered yes, every exclusion of art. 8 no.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from linkage.errors import InputError
from procuratorate_node.relief.facts import AmountFacts
from procuratorate_node.relief.rules import Item, Rules


class Answer(StrEnum):
    """An officer's answer to one line."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its answer; `look` says in both languages why the facts point at it, "" where they do not."""

    item: Item
    answer: Answer
    look_zh: str = ""
    look_en: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """All lines in the order of the rules."""

    lines: tuple[Line, ...]

    @property
    def exclusions(self) -> tuple[Line, ...]:
        """Return the exclusions that apply."""
        return tuple(n for n in self._of("exclusion") if n.answer is Answer.YES)

    @property
    def open(self) -> tuple[Line, ...]:
        """Return the lines that must still be answered: without an answer, and not made idle by another condition."""
        met = any(n.answer is Answer.YES for n in self._of("condition"))
        return tuple(n for n in self.lines if n.answer is Answer.UNKNOWN and not (met and n.item.kind == "condition"))

    @property
    def eligible(self) -> Answer:
        """Return YES, NO or, while a line that decides is open, UNKNOWN; exclusions count as NO."""
        conditions = [n.answer for n in self._of("condition")]
        refused = any(n.answer is Answer.NO for n in self._of("scope")) or all(a is Answer.NO for a in conditions)
        if refused or self.exclusions:
            return Answer.NO
        return Answer.UNKNOWN if self.open else Answer.YES

    @property
    def only_excluded(self) -> bool:
        """Tell whether nothing but exclusions stands against aid, so that a departure may be approved."""
        kept = tuple(n for n in self.lines if n.item.kind != "exclusion")
        others = [n for n in self._of("exclusion") if n.answer is Answer.UNKNOWN]
        return bool(self.exclusions) and not others and Checklist(kept).eligible is Answer.YES

    def _of(self, kind: str) -> tuple[Line, ...]:
        return tuple(n for n in self.lines if n.item.kind == kind)


def fill_checklist(rules: Rules, answers: Mapping[str, str], facts: AmountFacts, *, stopped: bool) -> Checklist:
    """Return the checklist with the answers ("yes", "no", "unknown") by item code. Raises InputError for others."""
    if set(answers) - {i.code for i in rules.items}:
        raise InputError("清单答复中有规则表没有的代码", "an answer names a line that the rules do not have")
    if set(answers.values()) - set(Answer):
        raise InputError("清单答复只能是 yes、no、unknown", "an answer is yes, no or unknown")
    hints = dict(_hints(facts, stopped=stopped))
    return Checklist(
        tuple(Line(i, Answer(answers.get(i.code, Answer.UNKNOWN)), *hints.get(i.code, ("", ""))) for i in rules.items)
    )


def _hints(facts: AmountFacts, *, stopped: bool) -> Iterable[tuple[str, tuple[str, str]]]:
    """Yield the lines the facts point at; they never answer for the officer (YQ-M3: social aid screens in)."""
    if stopped or facts.fault == "main":
        yield "art8-1", ("责任认定为主要或全部责任", "the finding says main or full fault")
    if "JUD_AIDED" in facts.tags:
        yield "scope-2", ("已在司法救助名单中", "listed as judicially aided")
    if facts.unpaid == 0:
        yield "art8-6", ("应赔数额已全部支付", "the award is paid in full")
    elif "SOCIAL_AIDED" in facts.tags:
        yield "art8-6", ("已得到社会救助，请核实是否已合理救助", "has social aid: check whether it is reasonable help")
