"""What is found in a paper: people, and facts about them, each with the page and the words it rests on.

Everything here names people in clear text: nothing may be printed or logged before re-identification.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from procuratorate_node.casefiles.kinds import Kind


class Role(StrEnum):
    """What a paper calls a person. PARTY: named with particulars, but without a word for his part."""

    VICTIM = "被害人"
    KIN = "近亲属"
    SUSPECT = "犯罪嫌疑人"
    CREDITOR = "申请执行人"
    DEBTOR = "被执行人"
    DEFENDANT = "被告"
    PARTY = "当事人"
    OFFICIAL = "办案人员"


class Topic(StrEnum):
    """What a fact is about; the value is its name for people."""

    SEX = "性别"
    BIRTH = "出生日期"
    AGE = "年龄"
    ID = "身份证号"
    ADDRESS = "住址"
    PHONE = "电话"
    RELATION = "与被害人关系"
    HARM = "伤情"
    DEAD = "死亡"
    FAULT = "责任"
    LOSS = "损失"
    AWARD = "判赔"
    PAID = "已付"
    COMPENSATION = "赔偿状态"


@dataclass(frozen=True, slots=True, repr=False)
class Span:
    """The words a fact rests on: page from 1, offsets in the paper's running text, the words themselves."""

    page: int
    start: int
    end: int
    words: str

    def __repr__(self) -> str:
        return f"Span(page={self.page}, {self.start}:{self.end})"


@dataclass(frozen=True, slots=True, repr=False)
class Fact:
    """One statement about one person. Dates are ISO, sums are yuan without separators, ages full years as written."""

    topic: Topic
    value: str
    span: Span

    def __repr__(self) -> str:
        return f"Fact({self.topic.name}, page={self.span.page})"


@dataclass(frozen=True, slots=True, repr=False)
class FoundPerson:
    """One person of a paper under one name. `about` is the victim's name a near relative belongs to, "" otherwise."""

    name: str
    role: Role
    masked: bool
    span: Span
    facts: tuple[Fact, ...] = ()
    about: str = ""

    def __repr__(self) -> str:
        return f"FoundPerson(role={self.role.name}, facts={len(self.facts)})"

    def fact(self, topic: Topic) -> Fact | None:
        return next((f for f in self.facts if f.topic is topic), None)

    def value(self, topic: Topic) -> str:
        """Return what the paper says about a topic, "" where it is silent."""
        found = self.fact(topic)
        return found.value if found is not None else ""


@dataclass(frozen=True, slots=True, repr=False)
class PaperFacts:
    """Everything found in one paper. `dated` is the last real date written in it, None without one."""

    kind: Kind
    dated: date | None
    scanned: bool
    people: tuple[FoundPerson, ...]

    def __repr__(self) -> str:
        return f"PaperFacts(kind={self.kind.name}, people={len(self.people)})"

    @property
    def victims(self) -> tuple[FoundPerson, ...]:
        """Return the people who were harmed; in an enforcement ruling the creditor stands for them."""
        return tuple(p for p in self.people if p.role in (Role.VICTIM, Role.CREDITOR))
