"""Colour the clue rows of models that want it: inputs from our own files and from what the round returned.

A row whose colour is "none" is dropped here, locally, after the result came back.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from linkage.normalise.person import BirthPrecision
from linkage.normalise.record import normalise
from procuratorate_node.anchors import LocalFacts
from procuratorate_node.cases.records import VICTIM, Case, Party, RowRef
from procuratorate_node.cases.values import fold_cause
from procuratorate_node.colour_table import Colour, ColourTable
from procuratorate_node.colours import (
    Colouring,
    ColourInputs,
    Injury,
    age_at,
    decide,
    exclusion,
    graver,
    harm_of,
    words_in,
)
from procuratorate_node.outcome import ClueRow

OLDEST = 120


@dataclass(frozen=True, slots=True)
class Proven:
    """What others say of a row's person: tags of the registers, unpaid creditor, aided before."""

    tags: frozenset[str]
    creditor: bool = False
    aided: bool = False


def paint_rows(
    rows: Iterable[ClueRow], facts: LocalFacts, table: ColourTable, *, coloured: frozenset[str]
) -> tuple[ClueRow, ...]:
    """Return the rows with their colours; `coloured` names the models that want one. Rows without a colour go."""
    own = facts.own_aided()
    kept: list[ClueRow] = []
    for row in rows:
        if row.model not in coloured:
            kept.append(row)
            continue
        colouring = colouring_of(row, facts, table, own=own)
        if colouring is not None and colouring.colour is not Colour.NONE:
            tags = tuple(t for t in row.tags if t != table.tiers.creditor)
            weak = row.grade in table.head.lowered_grades
            kept.append(replace(row, tags=tags, colouring=replace(colouring, weak=weak)))
    return tuple(kept)


def colouring_of(row: ClueRow, facts: LocalFacts, table: ColourTable, *, own: frozenset[str]) -> Colouring | None:
    """Return the gravest colour of a clue's rows; None where no row is of a charge model."""
    tags = frozenset(row.tags)
    proven = Proven(tags, creditor=table.tiers.creditor in tags, aided=row.person in own)
    found = (inputs_of(facts, table, ref, proven) for ref in row.rows)
    outcomes = [decide(table, inputs) for inputs in found if inputs is not None]
    return functools.reduce(graver, outcomes) if outcomes else None


def inputs_of(facts: LocalFacts, table: ColourTable, ref: RowRef, proven: Proven) -> ColourInputs | None:
    """Return the tree's inputs for one row of the parties; None for a row of no charge model."""
    party, case = facts.file.party(ref.case, ref.row), facts.file.cases.get(ref.case)
    model = table.charge_model(case.cause) if case is not None else None
    if party is None or case is None or model is None:
        return None
    victim = facts.file.victim_of(party) or party
    minor = case.cause in map(fold_cause, model.minor_victims)
    happened = Injury(victim.harm, victim.loss or 0.0, age_at_event(victim, case, facts), minor)
    harm, reason = harm_of(table, model, happened)
    return ColourInputs(
        model,
        harm,
        reason,
        facts.state_of(party),
        table.tiers.of(proven.tags),
        urgent=words_in(case.summary, table.words.urgent),
        hardship=words_in(case.summary, table.words.hardship),
        excluded=exclusion(table, fault=victim.fault, remarks=(victim.remark, party.remark)),
        age=happened.age if party is victim else age_at_event(party, case, facts),
        himself=party.role == VICTIM,
        creditor=proven.creditor,
        aided=proven.aided,
    )


def age_at_event(party: Party, case: Case, facts: LocalFacts) -> int | None:
    """Return the age at the event: of the row's own birth or age, else of the person's other rows; None unknown."""
    event = case.happened or case.accepted
    if event is None:
        return None
    return next(filter(lambda age: age is not None, _ages(party, event, facts)), None)


def _ages(party: Party, event: date, facts: LocalFacts) -> Iterator[int | None]:
    """Yield what each source says, the surest first."""
    yield _born_age(party, event)
    yield _stated_age(party.person.age)
    key = facts.person_of.get(party.ref)
    if key is not None:
        others = (p for p in facts.file.parties if p.ref != party.ref and facts.person_of.get(p.ref) == key)
        for other in others:
            yield _born_age(other, event)


def _born_age(party: Party, event: date) -> int | None:
    """Return the age by a birth date known to the day."""
    birth = normalise(party.person, as_of=event).birth
    if birth.precision is not BirthPrecision.DAY:
        return None
    return _possible(lambda: age_at(event, date(birth.year_low, birth.month, birth.day)))


def _stated_age(cell: str) -> int | None:
    return _possible(lambda: int(cell)) if cell.strip() else None


def _possible(age: Callable[[], int]) -> int | None:
    """Return an age that a person can have; None for a date or number that is none."""
    try:
        found = age()
    except ValueError:
        return None
    return found if 0 <= found <= OLDEST else None
