"""Show what papers say with every name, number and address hidden: what may be on a screen before re-identification."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from procuratorate_node.casefiles.case_papers import CasePapers, DatedPaper
from procuratorate_node.casefiles.facts import Fact, FoundPerson, Topic
from procuratorate_node.casefiles.states import Evidence, evidence_of
from procuratorate_node.cases.records import CaseFile, RowRef

HIDDEN: Final = "□"
LONG_NUMBER: Final = re.compile(r"\d[\dXx*]{6,}")
PLACES: Final = re.compile(
    r"(?<=[在住于])[\u3400-\u9fff]{0,12}(?:省|市|县|区|镇|乡|街道|村|社区|小区)[\u3400-\u9fff\d]{0,12}(?:村|社区|组|号|室|路|巷)?"
)
# Facts whose very value points at a person: only that the paper states them is shown.
IDENTIFYING: Final = (Topic.ID, Topic.BIRTH, Topic.ADDRESS, Topic.PHONE)
STATED: Final = "已载明 stated"
QUOTED: Final = (
    Topic.HARM,
    Topic.COMPENSATION,
    Topic.FAULT,
    Topic.DEAD,
    Topic.LOSS,
    Topic.PAID,
    Topic.AWARD,
    Topic.RELATION,
)


def blank(words: str, names: Collection[str]) -> str:
    """Hide names, also ones misread by one character, long numbers and places; the length of a name stays."""
    for name in sorted((n for n in names if n), key=len, reverse=True):
        words = words.replace(name, HIDDEN * len(name))
        if len(name) >= 3:
            for at in range(len(name)):
                near = re.escape(name[:at]) + r"[\u3400-\u9fff]" + re.escape(name[at + 1 :])
                words = re.sub(near, HIDDEN * len(name), words)
    words = " ".join(words.split())
    words = LONG_NUMBER.sub(lambda found: "*" * len(found[0]), words)
    return PLACES.sub(HIDDEN * 3, words)


def names_of_case(file: CaseFile, case: str, papers: Iterable[DatedPaper]) -> frozenset[str]:
    """Return every name of a case: those of the tables and those found in any of its papers."""
    tables = {"".join(p.person.name.split()) for p in file.by_case.get(case, ())}
    return frozenset(tables | {p.name for paper in papers for p in paper.facts.people})


def bases(file: CaseFile, papers: CasePapers) -> Mapping[RowRef, tuple[str, ...]]:
    """Return for every victim row where its state and its harm stand, names hidden."""
    found: dict[RowRef, tuple[str, ...]] = {}
    for case, dated in papers.by_case.items():
        names = names_of_case(file, case, dated)
        for party in file.by_case.get(case, ()):
            places = tuple(_places(dated, party.ref, names))
            if places:
                found[party.ref] = places
    return found


def _places(dated: Iterable[DatedPaper], ref: RowRef, names: Collection[str]) -> Iterator[str]:
    papers = tuple(dated)
    for topic in (Topic.HARM, Topic.COMPENSATION):
        evidence = evidence_of(papers, (ref,), topic)
        if evidence:
            yield place_of(evidence[-1], names)


def place_of(evidence: Evidence, names: Collection[str]) -> str:
    """Return one piece of evidence as a line: topic, value, paper, page, words with names hidden."""
    fact = evidence.fact
    return f"{fact.topic.value} {fact.value}：{evidence.place}“{blank(fact.span.words, names)}”"


def shown(paper: DatedPaper, names: Collection[str]) -> Iterator[str]:
    """Yield the lines of one paper: its people by part, and their facts."""
    yield f"{paper.facts.kind.value} {paper.dated} {'扫描 scanned' if paper.facts.scanned else ''}".rstrip()
    for number, person in enumerate(paper.facts.people, 1):
        row = paper.rows.get(number - 1)
        masked = "（姓名已隐去 masked）" if person.masked else ""
        yield f"  {number}. {person.role.value}{masked} → {row.row if row else '不在表内 in no table'}"
        yield from (f"     {line}" for line in _facts(person, names))


def _facts(person: FoundPerson, names: Collection[str]) -> Iterator[str]:
    for fact in person.facts:
        yield f"{fact.topic.value}：{_value(fact)}　第{fact.span.page}页{_quote(fact, names)}"


def _value(fact: Fact) -> str:
    if fact.topic in IDENTIFYING:
        return STATED
    if fact.topic is Topic.AGE:
        digits = re.sub(r"\D", "", fact.value)
        return f"{int(digits) // 10 * 10} 至 {int(digits) // 10 * 10 + 9} 岁" if digits else STATED
    return fact.value


def _quote(fact: Fact, names: Collection[str]) -> str:
    return f"“{blank(fact.span.words, names)}”" if fact.topic in QUOTED else ""
