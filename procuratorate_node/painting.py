"""Colour the clue rows of models that want it: inputs from our own files and from what the round returned.

A row whose colour is "none" makes no clue; that is decided here, locally, after the result came back.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from procuratorate_node.ages import age_on, event_of
from procuratorate_node.anchors import LocalFacts
from procuratorate_node.case_texts import CaseTexts
from procuratorate_node.cases.records import VICTIM, Case, Party, RowRef
from procuratorate_node.cases.values import fold_cause
from procuratorate_node.colour_table import ColourTable
from procuratorate_node.colours import Colouring, ColourInputs, Injury, decide, exclusion, graver, harm_of
from procuratorate_node.outcome import ClueRow
from procuratorate_node.pages import PagesOf, no_pages
from procuratorate_node.warning.charge_models import EXCLUDE, ChargeModel
from procuratorate_node.warning.tree import Colour


@dataclass(frozen=True, slots=True)
class Proven:
    """What others say of a row's person: tags of the registers, unpaid creditor, aided before."""

    tags: frozenset[str]
    creditor: bool = False
    aided: bool = False


def paint_rows(
    rows: Iterable[ClueRow],
    facts: LocalFacts,
    table: ColourTable,
    *,
    coloured: frozenset[str],
    pages_of: PagesOf = no_pages,
) -> tuple[ClueRow, ...]:
    """Return the rows with their colours; `coloured` names the models that want one. Rows without a colour go."""
    painted = colour_rows(rows, facts, table, coloured=coloured, pages_of=pages_of)
    return tuple(r for r in painted if r.model not in coloured or has_colour(r))


def has_colour(row: ClueRow) -> bool:
    return row.colouring is not None and row.colouring.colour is not Colour.NONE


def colour_rows(
    rows: Iterable[ClueRow],
    facts: LocalFacts,
    table: ColourTable,
    *,
    coloured: frozenset[str],
    pages_of: PagesOf = no_pages,
) -> Iterator[ClueRow]:
    """Yield every row, with its colouring where its model wants one; no colouring where no charge model fits."""
    own, tiers = facts.own_aided(), table.tree.tiers
    pages = functools.lru_cache(maxsize=64)(pages_of)
    for row in rows:
        if row.model not in coloured:
            yield row
            continue
        tags = frozenset(row.tags)
        proven = Proven(tags, creditor=tiers.creditor in tags, aided=row.person in own)
        colouring = colouring_of(row.rows, facts, table, proven, pages_of=pages)
        if colouring is not None:
            colouring = replace(colouring, weak=row.grade in table.tree.head.lowered_grades)
        yield replace(row, tags=tuple(t for t in row.tags if t != tiers.creditor), colouring=colouring)


def colouring_of(
    rows: Iterable[RowRef], facts: LocalFacts, table: ColourTable, proven: Proven, *, pages_of: PagesOf = no_pages
) -> Colouring | None:
    """Return the gravest colour of a clue's rows; None where no row is of a charge model."""
    found = (inputs_of(facts, table, ref, proven, pages_of=pages_of) for ref in rows)
    outcomes = [decide(table, inputs) for inputs in found if inputs is not None]
    return functools.reduce(graver, outcomes) if outcomes else None


def inputs_of(
    facts: LocalFacts, table: ColourTable, ref: RowRef, proven: Proven, *, pages_of: PagesOf = no_pages
) -> ColourInputs | None:
    """Return the tree's inputs for one row of the parties; None for a row of no charge model."""
    party, case = facts.file.party(ref.case, ref.row), facts.file.cases.get(ref.case)
    model = table.charge_model(case.cause) if case is not None else None
    if party is None or case is None or model is None or party.role not in model.roles:
        return None
    victim = facts.file.victim_of(party) or party
    minor = case.cause in map(fold_cause, model.minor_victims)
    happened = Injury(victim.harm, victim.loss or 0.0, age_at_event(victim, case, facts), minor)
    harm, reason = harm_of(table, model, happened)
    texts = CaseTexts(case.summary, pages_of(ref.case))
    return ColourInputs(
        model,
        harm,
        reason,
        facts.state_of(party),
        table.tree.tiers.of(proven.tags),
        urgent=texts.counted(table.lexicon, table.lexicon.urgent),
        hardship=texts.counted(table.lexicon, table.lexicon.hardship),
        excluded=_excluded(table, model, texts, rows=(victim, party)),
        age=happened.age if party is victim else age_at_event(party, case, facts),
        himself=party.role == VICTIM,
        creditor=proven.creditor,
        aided=proven.aided,
        cautions=tuple(texts.cautions(model)),
        words=tuple(texts.words(table.lexicon, model)),
        basis=facts.basis.get(victim.ref, ()),
    )


def _excluded(table: ColourTable, model: ChargeModel, texts: CaseTexts, *, rows: tuple[Party, Party]) -> str:
    """Return what excludes: a cell of the row or its victim, or a stop of the charge model; "" without."""
    victim, party = rows
    cell = exclusion(table, fault=victim.fault, remarks=(victim.remark, party.remark))
    stops = (word for stop in model.stops if stop.effect == EXCLUDE for word in stop.found_in([texts.summary]))
    return cell or next(stops, "")


def age_at_event(party: Party, case: Case, facts: LocalFacts) -> int | None:
    """Return the age at the event: of the row's own birth or age, else of the person's other rows; None unknown."""
    event = event_of(case)
    return None if event is None else age_on(facts.rows_of(party), event, event=event)
