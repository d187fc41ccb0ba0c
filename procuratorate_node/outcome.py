"""From what a round returned to clue rows: links per anchor → the model's condition held to every single row.

The coordinator sees a person's sets as the union over his rows. Here the plan is evaluated again for each row with
the row's own sets, so that a case is named only by the condition that holds for that case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from linkage.encoded import Grade
from linkage.plan import SetPlan, Verdict
from procuratorate_node.anchors import Placed
from procuratorate_node.cases.records import RowRef
from procuratorate_node.colours import Colouring
from procuratorate_node.compile import CompiledModel, CompiledRound

LeafValue = Callable[[str], Verdict]
NO_LINK = 0  # The grade of a part that is decided without a link (a set of our own, an absent link).


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """One link to a register row: what a release request must name. `grade` is A to E."""

    population: str
    position: int
    grade: str


@dataclass(frozen=True, slots=True)
class Hit:
    """What one population says of one anchor: the best grade, the tags its links prove, the links themselves."""

    population: str
    grade: Grade
    tags: frozenset[str] = frozenset()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One surviving row of a round's result: `verdict` is what the coordinator's plan said of the whole person."""

    model: str
    anchor: int
    verdict: Verdict
    hits: Mapping[str, Hit]


@dataclass(frozen=True, slots=True)
class ClueRow:
    """One clue in the making: a model, a case, the rows of one person in it (all suspects' rows at case level).

    `grade` is the deciding grade: the best link of each branch, the worst of the branches the plan needs; "" where
    nothing was linked (a difference). `person` is the local person key, "" at case level. `colouring` is set later, for
    models that want a colour (painting.py).
    """

    model: str
    case: str
    person: str
    rows: tuple[RowRef, ...]
    verdict: Verdict
    grade: str
    tags: tuple[str, ...]
    links: tuple[Link, ...] = ()
    colouring: Colouring | None = None


def clue_rows(compiled: CompiledRound, placed: Sequence[Placed], findings: Iterable[Finding]) -> tuple[ClueRow, ...]:
    """Return the clue rows of every model, sorted. `Finding.anchor` is an index of `placed`."""
    by_model: dict[str, list[ClueRow]] = defaultdict(list)
    for found in findings:
        by_model[found.model] += _person_rows(compiled.model(found.model), placed[found.anchor], found)
    levels = {m.model.id: m.model.level for m in compiled.models}
    rows = [r for model, found in by_model.items() for r in _merged(found, by_case=levels[model] == "case")]
    return tuple(sorted(rows, key=lambda r: (r.model, r.case, r.rows)))


def _person_rows(model: CompiledModel, anchor: Placed, found: Finding) -> Iterable[ClueRow]:
    """Hold the plan to each row of the person that the model asks about.

    Links of a difference are not in the result, only the verdict they led to: so the coordinator's verdict is an upper
    bound, and "cannot tell" from it is graded E.
    """
    negative, hits = frozenset(model.plan.negative_leaves()), found.hits

    for row in anchor.rows.get(model.asked, ()):

        def value(leaf: str, row: RowRef = row) -> Verdict:
            if leaf.startswith("@"):
                return Verdict.YES if anchor.in_set(leaf[1:], row) else Verdict.NO
            return leaf_verdict(hits.get(leaf), leaf in negative)

        own = model.plan.evaluate(value)
        if own is Verdict.NO:
            continue
        grade = Grade.E if found.verdict < own else _grade(model.plan, value, hits)
        yield ClueRow(
            model=model.model.id,
            case=row.case,
            person=anchor.person,
            rows=(row,),
            verdict=min(own, found.verdict),
            grade=Grade(grade).name if grade else "",
            tags=_tags(model, hits, value, least=own),
            links=tuple(sorted(link for hit in hits.values() for link in hit.links)),
        )


def leaf_verdict(hit: Hit | None, negative: bool) -> Verdict:
    """Return what a best link says: A–D yes, E cannot tell, W cannot tell where a missed link makes a false clue."""
    if hit is None or (hit.grade is Grade.W and not negative):
        return Verdict.NO
    return Verdict.YES if hit.grade <= Grade.D else Verdict.CANNOT_TELL


def _grade(plan: SetPlan, value: LeafValue, hits: Mapping[str, Hit]) -> int:
    """Return the deciding grade as a number, NO_LINK where the plan is decided without a link."""
    graded: list[tuple[Verdict, int]] = []
    for part in plan.parts:
        if isinstance(part, SetPlan):
            graded.append((part.evaluate(value), _grade(part, value, hits)))
        else:
            graded.append((value(part), int(hits[part].grade) if part in hits else NO_LINK))
    if plan.operator == "any":
        best = max(v for v, _ in graded)
        return min(g for v, g in graded if v == best)
    if plan.operator == "none":
        return max((g for v, g in graded if v is Verdict.CANNOT_TELL), default=NO_LINK)
    return max(g for _, g in graded)


def _tags(model: CompiledModel, hits: Mapping[str, Hit], value: LeafValue, *, least: Verdict) -> tuple[str, ...]:
    """Return what the positive links prove: payload tags, or the population's own tag.

    A clue that is sure shows no doubtful tag beside the sure ones.
    """
    tags: set[str] = set()
    negative = frozenset(model.plan.negative_leaves())
    for leaf in model.plan.leaves():
        if leaf in hits and leaf not in negative and value(leaf) >= least:
            tags |= hits[leaf].tags | ({model.tags[leaf]} if leaf in model.tags else set())
    return tuple(sorted(tags))


def _merged(found: Iterable[ClueRow], *, by_case: bool) -> list[ClueRow]:
    """Join rows of one person in one case (or of one case) into one clue: best verdict, its best grade, all tags."""
    grouped: dict[tuple[str, str], list[ClueRow]] = defaultdict(list)
    for row in found:
        grouped[(row.case, "" if by_case else row.person)].append(row)
    return [_join(rows, person) for (_, person), rows in grouped.items()]


def _join(rows: list[ClueRow], person: str) -> ClueRow:
    best = max(rows, key=lambda r: (r.verdict, "EDCBA".find(r.grade or "A")))
    return replace(
        best,
        person=person,
        rows=tuple(sorted({ref for r in rows for ref in r.rows})),
        tags=tuple(sorted({t for r in rows for t in r.tags})),
        links=tuple(sorted({link for r in rows for link in r.links})),
    )
