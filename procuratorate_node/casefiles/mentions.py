"""Find every place of a paper where a person is named together with a word or particulars that tell who he is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from linkage.normalise.characters import is_han
from procuratorate_node.casefiles import deeds, roles
from procuratorate_node.casefiles.facts import Role
from procuratorate_node.casefiles.kinds import Kind
from procuratorate_node.casefiles.name_words import SEPARATORS
from procuratorate_node.casefiles.names import NameFinder, before, ends_here

# A bracket or comma with a sex right after a name: "张三（女，40岁）".
PARTICULARS: Final = re.compile(
    r"(?P<mark>[（(，,]|[:：]?\s)\s?(?:性别[:：]?\s?)?[男女](?=[，,、。；）)\s]|性(?!侵)|\d|年龄|出生|$)"
)
CHARGES: Final = (Kind.INDICTMENT, Kind.OPINION, Kind.ARREST, Kind.CRIMINAL, Kind.OTHER)
ENTRY: Final = re.compile(
    r"(?:^|\n|[。；;])\s?(?:(?:当事人|[(（]?\d+[)）]?[.、．]?|[（(]?[一二三四五六][)）]?、|[A-D甲乙丙丁][:：、.])\s?[:：]?\s?)+"
)
BLOOD: Final = re.compile(
    rf"(?:被害人|受害人|死者)(?P<victim>[^\s，,。；（）()]{{1,14}}?)(?:之|的){roles.RELATION}(?=[\u3400-\u9fff])"
)


@dataclass(frozen=True, slots=True, repr=False)
class Mention:
    """One naming of a person. `word` is the role word it follows, "" for one told by his particulars only."""

    name: str
    role: Role | None
    word: str
    start: int
    end: int
    note: str = ""
    about: str = ""

    def __repr__(self) -> str:
        return f"Mention(role={self.role}, {self.start}:{self.end})"


def mentions(text: str, kind: Kind, finder: NameFinder) -> list[Mention]:
    """Return the mentions of a paper in their order, at most one at each place."""
    found: dict[int, Mention] = {}
    taken: set[int] = set()
    told = (*_kin_named_after(text, finder), *_called(text, kind, finder))
    for mention in (*told, *_described(text, finder), *_harmed(text, kind, finder)):
        places = range(mention.start, mention.end)
        if taken.isdisjoint(places):
            found[mention.start] = mention
            taken.update(places)
    return sorted(found.values(), key=lambda m: m.start)


def _called(text: str, kind: Kind, finder: NameFinder) -> Iterator[Mention]:
    """Yield the names after role words, and those joined to them: 被害人张三、李四."""
    for trigger in roles.TRIGGER.finditer(text):
        role = roles.role_of(trigger)
        word = trigger[0]
        if role is Role.CREDITOR and kind is not Kind.ENFORCEMENT:
            role = Role.VICTIM if kind in (Kind.CIVIL, Kind.SETTLEMENT) else None
        yield from _named(text, trigger.end(), finder, role=role, word=word, note=trigger["note"] or "")
    for label in roles.NAMED.finditer(text):
        yield from _named(text, label.end(), finder, role=None, word="姓名")


def _named(
    text: str, start: int, finder: NameFinder, *, role: Role | None, word: str, note: str = ""
) -> Iterator[Mention]:
    place = start
    while name := finder.at(place):
        end = place + len(name)
        yield Mention(name, role, word, place, end, note)
        after = _past_bracket(text, end)
        joint = SEPARATORS.match(text, after)
        if joint is None:
            return
        place = joint.end()


def _past_bracket(text: str, end: int) -> int:
    """Return the offset after a short bracket that follows a name, else the end of the name."""
    bracket = re.compile(r"[（(][^（）()\n]{1,60}[)）]").match(text, end)
    return bracket.end() if bracket is not None else end


def _harmed(text: str, kind: Kind, finder: NameFinder) -> Iterator[Mention]:
    """Yield those to whom something was done, and those joined to them."""
    if kind not in CHARGES:
        return
    for after, start in deeds.deeds(text):
        place = start
        while (name := finder.at(place, plain=True)) and ends_here(text, place + len(name)) >= 2:
            end = place + len(name)
            joint = deeds.JOINT.match(text, end)
            if not (after.match(text, end) or joint) or deeds.CAUGHT.match(text, end):
                break
            yield Mention(name, Role.VICTIM, "致", place, end)
            if joint is None:
                break
            place = joint.end()


def _described(text: str, finder: NameFinder) -> Iterator[Mention]:
    """Yield names told by their particulars alone: NAME（男，…）, 1. NAME，男，…"""
    for mark in PARTICULARS.finditer(text):
        name = _name_before(text, mark.start(), finder)
        if name:
            yield Mention(name, Role.PARTY, "", mark.start() - len(name), mark.start())


def _name_before(text: str, end: int, finder: NameFinder) -> str:
    known = next((n for n in finder.known if text.endswith(n, 0, end)), "")
    if known:
        return known
    begun = max((e.end() for e in ENTRY.finditer(text, max(0, end - 40), end)), default=-1)
    if 0 <= begun < end and finder.at(begun) == text[begun:end]:
        return text[begun:end]
    start = max(text.rfind(c, 0, end) for c in "，,。；;：:（(）)、 \n") + 1
    if 2 <= end - start <= 4 and all(map(is_han, text[start:end])) and finder.at(start) == text[start:end]:
        return text[start:end]
    return before(text, end)


def _kin_named_after(text: str, finder: NameFinder) -> Iterator[Mention]:
    """Yield relatives named after the relation: 被害人张三之父李四."""
    for found in BLOOD.finditer(text):
        victim = finder.at(found.start("victim"))
        name = finder.at(found.end())
        if name and victim and ends_here(text, found.end() + len(name)) and text[found.end() - 1] not in "）":
            yield Mention(name, Role.KIN, "之", found.end(), found.end() + len(name), about=victim)
