"""Read one paper's text into facts: its type, its people with their parts and particulars, harm, fault, money, payment.

Pure: text in, facts out. General rules over the language of case files (domain B4-B6, C1, C2); names the case's own
tables give may be handed in and only help to see where a name ends.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from procuratorate_node.casefiles import injuries, payments
from procuratorate_node.casefiles.facts import Fact, FoundPerson, PaperFacts, Role, Span, Topic
from procuratorate_node.casefiles.kinds import Kind, kind_of
from procuratorate_node.casefiles.mentions import Mention, mentions
from procuratorate_node.casefiles.names import NameFinder, is_masked
from procuratorate_node.casefiles.paper_text import PaperText
from procuratorate_node.casefiles.particulars import particulars, window
from procuratorate_node.casefiles.parts import Cast, cast
from procuratorate_node.casefiles.placing import Places
from procuratorate_node.casefiles.sums import sums

DATED: Final = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
BRACKET: Final = re.compile(r"[（(]([^（）()\n]{1,60})[)）]")
FORMS: Final = (Kind.INTERVIEW,)
MOST_CHARACTERS: Final = 2_000_000
QUOTED: Final = 160


def extract(paper: PaperText, *, as_of: date, scanned: bool = False, known: Collection[str] = ()) -> PaperFacts:
    """Return the facts of one paper. `as_of` bounds dates; `known` are names of the case's tables."""
    paper = replace(paper, text=paper.text[:MOST_CHARACTERS])
    text = paper.text
    kind = kind_of(paper)
    finder = NameFinder(text, known)
    named = mentions(text, kind, finder)
    parts = cast(text, kind, named, known)
    reader = _Reader(paper, kind, named, parts, as_of=as_of, scanned=scanned)
    return PaperFacts(kind, last_date(text), scanned, tuple(reader.people()))


def last_date(text: str) -> date | None:
    """Return the last real date written in a text."""
    return max(filter(None, (_real(*map(int, d)) for d in DATED.findall(text))), default=None)


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 1900 < year < 2200 else None
    except ValueError:
        return None


class _Reader:
    """Collect the facts of one paper's people."""

    def __init__(
        self,
        paper: PaperText,
        kind: Kind,
        named: Sequence[Mention],
        parts: Cast,
        *,
        as_of: date,
        scanned: bool,
    ) -> None:
        self.paper, self.kind, self.named, self.parts = paper, kind, named, parts
        self.text = paper.text
        self.as_of, self.scanned = as_of, scanned
        self.harmed = [name for name, role in parts.roles.items() if role in (Role.VICTIM, Role.CREDITOR)]
        self.places = Places(self.text, list(parts.roles), parts.aliases)
        self.blank = self.places.blanked()

    def people(self) -> Iterator[FoundPerson]:
        collected: dict[str, list[Fact]] = {name: [] for name in self.parts.roles}
        self._own_particulars(collected)
        self._relations(collected)
        self._harm(collected)
        self._fault(collected)
        self._money(collected)
        self._payment(collected)
        for name, role in self.parts.roles.items():
            first = self.parts.first[name]
            span = self._span(first, first + len(name))
            about = self.parts.about.get(name, "")
            yield FoundPerson(name, role, is_masked(name), span, tuple(_one_each(collected[name])), about)

    def _span(self, start: int, end: int) -> Span:
        quote = self.text[start : min(end, start + QUOTED)].strip()
        return Span(self.paper.page_of(start), start, end, quote)

    def _own_particulars(self, collected: Mapping[str, list[Fact]]) -> None:
        for number, mention in enumerate(self.named):
            if mention.name not in collected:
                continue
            others = (m.start for m in self.named[number + 1 :] if m.name != mention.name and m.word != "之")
            stop = next((s for s in others if not _inside_bracket(self.text, mention.end, s)), len(self.text))
            form = self.kind in FORMS and self.parts.roles[mention.name] in (Role.VICTIM, Role.KIN) and number < 4
            stop = min(stop, _bracket_end(self.text, mention.start))
            part = window(self.text, mention.end, stop, form=form)
            for topic, value, start, end in particulars(part, as_of=self.as_of, scanned=self.scanned):
                collected[mention.name].append(Fact(topic, value, self._span(mention.end + start, mention.end + end)))

        self._in_brackets(collected)

    def _in_brackets(self, collected: Mapping[str, list[Fact]]) -> None:
        """Read what brackets say right after a name that no word introduces: 将其妻张三（殁年46岁）杀害."""
        introduced = {m.start for m in self.named}
        for place in self.places.all:
            if place.side or place.start in introduced or place.who != self.text[place.start : place.end]:
                continue
            bracket = BRACKET.match(self.text, place.end)
            if bracket is not None:
                for topic, value, start, end in particulars(bracket[1], as_of=self.as_of, scanned=self.scanned):
                    begun = bracket.start(1)
                    collected[place.who].append(Fact(topic, value, self._span(begun + start, begun + end)))

    def _relations(self, collected: Mapping[str, list[Fact]]) -> None:
        for name, (relation, start, end) in self.parts.relations.items():
            collected[name].append(Fact(Topic.RELATION, relation, self._span(start, end)))

    def _harm(self, collected: Mapping[str, list[Fact]]) -> None:
        if self.kind is Kind.ENFORCEMENT:
            return  # A ruling on enforcement speaks of the debtor's death, never of the harm done.
        found: dict[str, list[injuries.Harm]] = {name: [] for name in self.harmed}
        for harm in injuries.harms(self.blank):
            for name in self._hurt(harm):
                found[name].append(harm)
        for name, stated in found.items():
            if stated:
                worst = max(stated, key=lambda h: (h.rank, h.start))
                collected[name].append(Fact(Topic.HARM, worst.level, self._span(worst.start, worst.end)))
                if worst.level == "死亡":
                    collected[name].append(Fact(Topic.DEAD, "是", self._span(worst.start, worst.end)))

    def _hurt(self, harm: injuries.Harm) -> list[str]:
        """Return whom a statement of harm is about. Words right after another person's name are about that one."""
        start, _ = self.places.sentence(harm.start)
        before = self.places.between(start, harm.start)
        if before and harm.start - before[-1].end <= 4 and before[-1].who not in self.harmed:
            return []
        if self.text.startswith("死者", harm.start):
            return [p.who for p in self.places.between(harm.start, harm.start + 8) if p.who in self.harmed][:1]
        near = self.places.nearest(harm.start, frozenset(self.harmed))
        return near or (self.harmed if len(self.harmed) == 1 else [])

    def _fault(self, collected: Mapping[str, list[Fact]]) -> None:
        everybody = frozenset(self.parts.roles)
        for share, start, end, both in injuries.shares(self.blank):
            names = list(everybody) if both else self.places.nearest(start + 1, everybody)
            for name in names:
                collected[name].append(Fact(Topic.FAULT, share, self._span(start, end)))

    def _money(self, collected: Mapping[str, list[Fact]]) -> None:
        for topic, value, start, end in sums(self.blank, payments.orders_at(self.text)):
            names = self.places.nearest(start, frozenset(self.harmed))
            for name in names[:1]:
                collected[name].append(Fact(topic, value, self._span(start, end)))

    def _payment(self, collected: Mapping[str, list[Fact]]) -> None:
        said = payments.payments(self.text, self.kind, self.places, self.harmed)
        for name, payment in said.items():
            for passage in payment.passages:
                span = self._span(passage.start, passage.end)
                collected[name].append(Fact(Topic.COMPENSATION, payment.state.value, span))


def _inside_bracket(text: str, start: int, offset: int) -> bool:
    """Tell whether a bracket opened right after a name is still open at an offset: 李四（系被害人张三之父），男"""
    part = text[start:offset]
    return part[:1] in ("（", "(") and not re.search(r"[)）]", part)


def _bracket_end(text: str, start: int) -> int:
    """Return where the bracket a name stands in closes; the text's length for a name in none."""
    sentence = max(text.rfind(c, 0, start) for c in "。\n") + 1
    opened = max(text.rfind(c, sentence, start) for c in "（(")
    if opened < 0 or re.search(r"[)）]", text[opened:start]):
        return len(text)
    closed = re.compile(r"[)）。\n]").search(text, start)
    return closed.start() if closed is not None else len(text)


def _one_each(facts: Sequence[Fact]) -> Iterator[Fact]:
    """Yield the first fact of each topic; of sums and passages about payment all."""
    seen: set[Topic] = set()
    for fact in facts:
        if fact.topic in (Topic.COMPENSATION, Topic.LOSS, Topic.AWARD, Topic.PAID) or fact.topic not in seen:
            seen.add(fact.topic)
            yield fact


def without_masked(facts: PaperFacts) -> PaperFacts:
    """Return the facts without people whose names are masked: what may be used for linkage (domain B6)."""
    return replace(facts, people=tuple(p for p in facts.people if not p.masked))
