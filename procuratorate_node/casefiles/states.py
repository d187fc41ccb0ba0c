"""What all papers of a case say together about payment to each victim: the latest that says something wins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from procuratorate_node.casefiles.case_papers import CasePapers, DatedPaper
from procuratorate_node.casefiles.facts import Fact, Topic
from procuratorate_node.casefiles.kinds import Kind
from procuratorate_node.cases.records import VICTIM, CaseFile, Compensation, Party, RowRef


@dataclass(frozen=True, slots=True, repr=False)
class Evidence:
    """One fact and the paper it stands in."""

    paper: DatedPaper
    fact: Fact

    def __repr__(self) -> str:
        return f"Evidence({self.paper.facts.kind.name}, {self.fact.topic.name})"

    @property
    def place(self) -> str:
        """Return where to look: type, date and page, and no name."""
        return f"{self.paper.facts.kind.value}({self.paper.dated})第{self.fact.span.page}页"


@dataclass(frozen=True, slots=True, repr=False)
class State:
    """One victim's compensation state by the papers, with the passages it rests on."""

    state: Compensation
    evidence: tuple[Evidence, ...]

    def __repr__(self) -> str:
        return f"State({self.state})"


def states_of(file: CaseFile, papers: CasePapers) -> dict[RowRef, State]:
    """Return the state of every victim some paper speaks of. Rows of one person in one case share it."""
    found: dict[RowRef, State] = {}
    for case, dated in papers.by_case.items():
        victims = [p for p in file.by_case.get(case, ()) if p.role == VICTIM]
        for victim in victims:
            state = _latest(evidence_of(dated, (victim.ref, *_doubles(victim, victims)), Topic.COMPENSATION))
            if state is not None:
                found[victim.ref] = state
    return found


def _doubles(victim: Party, victims: Iterable[Party]) -> Iterator[RowRef]:
    """Yield the other rows of the same name: a person may be entered twice in a case."""
    name = "".join(victim.person.name.split())
    yield from (v.ref for v in victims if v.ref != victim.ref and "".join(v.person.name.split()) == name)


def evidence_of(papers: Iterable[DatedPaper], refs: Iterable[RowRef], topic: Topic) -> list[Evidence]:
    """Return what the papers say of a row's person on one topic, oldest first.

    A ruling on enforcement tells what a court could collect and not what was paid before; enforcement is asked of the
    court's own register, so its word on payment is shown but does not decide.
    """
    wanted = tuple(refs)
    return [
        Evidence(paper, fact)
        for paper in papers
        if not (topic is Topic.COMPENSATION and paper.facts.kind is Kind.ENFORCEMENT)
        for ref in wanted
        for person in paper.of(ref)
        for fact in person.facts
        if fact.topic is topic
    ]


def _latest(evidence: list[Evidence]) -> State | None:
    """Return the newest paper's state; CONFLICT where papers of one day say "all paid" and something else."""
    if not evidence:
        return None
    newest = max(e.paper.dated for e in evidence)
    last = [e for e in evidence if e.paper.dated == newest]
    states = {Compensation(e.fact.value) for e in last}
    if len(states) == 1:
        return State(states.pop(), tuple(last))
    order = [Compensation(e.fact.value) for e in sorted(last, key=lambda e: e.paper.name)]
    state = Compensation.CONFLICT if Compensation.FULL in states else order[-1]
    return State(state, tuple(last))


def paper_states(states: Mapping[RowRef, State]) -> dict[RowRef, Compensation]:
    return {ref: s.state for ref, s in states.items()}
