"""What the papers of a clue's case say of its people, passage by passage, with the page each stands on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from procuratorate_node.casefiles.facts import Topic
from procuratorate_node.casefiles.showing import QUOTED, blank, names_of_case
from procuratorate_node.cases.records import RowRef
from procuratorate_node.casework import Casework
from procuratorate_node.clues import Clue


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage. `paper` counts the case's papers by date from 1; `quote` hides names, `words` are as written."""

    paper: int
    kind: str
    dated: date
    page: int
    topic: Topic
    value: str
    quote: str
    words: str = field(repr=False)


def passages_of(clue: Clue, work: Casework) -> tuple[Passage, ...]:
    """Return the passages in the order of the papers; each words of a page once."""
    papers = work.papers.by_case.get(clue.case_number, ())
    names = names_of_case(work.read.file, clue.case_number, papers)
    refs = tuple(dict.fromkeys(_about(clue, work)))
    found = {
        (number, fact.span.page, fact.topic, fact.span.words): Passage(
            *(number, paper.facts.kind.value, paper.dated, fact.span.page, fact.topic, fact.value),
            quote=blank(fact.span.words, names),
            words=fact.span.words,
        )
        for number, paper in enumerate(papers, 1)
        for ref in refs
        for person in paper.of(ref)
        for fact in person.facts
        if fact.topic in QUOTED
    }
    return tuple(found.values())


def _about(clue: Clue, work: Casework) -> Iterator[RowRef]:
    """Yield the clue's rows, its people, and the victims they are kin of."""
    for ref in (*clue.rows, *clue.people):
        yield ref
        party = work.read.file.party(ref.case, ref.row)
        victim = work.read.file.victim_of(party) if party is not None else None
        if victim is not None:
            yield victim.ref
