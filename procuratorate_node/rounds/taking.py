"""What becomes of a round's rows: clues, and rows set aside because the tree gives them no colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from procuratorate_node.casefiles.cache import FILE
from procuratorate_node.casework import Casework
from procuratorate_node.clues import Clue, make_clue
from procuratorate_node.colour_table import ColourTable
from procuratorate_node.compile import CompiledRound
from procuratorate_node.config import Config
from procuratorate_node.explaining import rules_shown
from procuratorate_node.outcome import ClueRow
from procuratorate_node.pages import pages_of
from procuratorate_node.painting import colour_rows, has_colour


@dataclass(frozen=True, slots=True)
class Taken:
    """The clues of a round, and what would be clues if they had a colour."""

    clues: list[Clue]
    aside: list[Clue]


def clues_and_aside(
    rows: Sequence[ClueRow], compiled: CompiledRound, work: Casework, config: Config, *, table: ColourTable
) -> Taken:
    """Colour the rows of models that want it, make clues, and tell which rows have no colour.

    Every clue names the model that found it, by version and digest.
    """
    models = {m.model.id: m.model for m in compiled.models}
    coloured = frozenset(m.id for m in models.values() if m.coloured)
    taken = Taken([], [])
    pages = pages_of(config.cases, config.state / FILE)
    for row in colour_rows(rows, work.facts, table, coloured=coloured, pages_of=pages):
        model = models[row.model]
        place = (lambda ref: work.locality(config, ref)) if model.locality else None
        clue = make_clue(row, work.facts, locality=place)
        shown = {"model": f"{model.id} v{model.version} {model.digest}"}
        if model.rules:
            shown["rules"] = rules_shown(model, clue)
        clue = replace(clue, facts={**clue.facts, **shown})
        (taken.clues if row.model not in coloured or has_colour(row) else taken.aside).append(clue)
    return taken
