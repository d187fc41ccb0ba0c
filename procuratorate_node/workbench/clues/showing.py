"""One clue: masked facts, why it is one, where it stands, what may be done; no name anywhere."""

from __future__ import annotations

import re
from typing import Final

from starlette.responses import Response

from linkage.web.page import Page
from linkage.web.routes import get
from linkage.web.texts import Text
from procuratorate_node.clues import Clue
from procuratorate_node.cluework.advice import advise, load_advice
from procuratorate_node.cluework.deadlines import local_day
from procuratorate_node.cluework.elements import load_elements
from procuratorate_node.cluework.measures import measures
from procuratorate_node.cluework.states import possible
from procuratorate_node.explaining import explained
from procuratorate_node.model import ScreeningModel
from procuratorate_node.node import Node
from procuratorate_node.referrals.catalogue import load_catalogue
from procuratorate_node.workbench.clues import words
from procuratorate_node.workbench.clues.listing import officers_of

DIGEST: Final = re.compile(r" [0-9a-f]{64}$")  # Of a file that decided; the list of models and tables shows it.
TITLE: Final = Text("线索", "Clue")


def show(page: Page) -> Response:
    node = page.node(Node)
    clue = node.book.get(page.parameters["clue"])
    item = node.board.items([clue])[0]
    model = next((m for m in node.models if m.id == clue.model), None)
    catalogue = load_catalogue(node.config.office.catalogue)
    return page.render(
        "clues/clue.html",
        title=TITLE,
        clue=clue,
        item=item,
        today=local_day(node.clock()),
        may=frozenset(possible(item.standing)),
        model=model,
        registers=registers_hit(clue, model),
        reasons=tuple(DIGEST.sub("", line) for line in explained(clue)),
        advice=advise(clue, load_advice(node.config.work.advice)),
        measures=measures(item.needs, catalogue, tags=clue.tags),
        needs=catalogue.needs,
        catalogue=catalogue,
        elements=load_elements(node.config.work.elements),
        check=node.work.last_check(clue.clue_id),
        history=node.board.history(clue.clue_id),
        openings=node.desk.openings(clue.clue_id),
        awards=node.awards.of_clue(clue.clue_id),
        referrals=node.workplace.table.all(clue_id=clue.clue_id),
        officers=officers_of(node, "confirm"),
        words=words,
    )


def registers_hit(clue: Clue, model: ScreeningModel | None) -> list[tuple[str, str]]:
    """Return title and grade of every register that knows somebody of the clue."""
    found = {}
    for link in clue.links:
        known = model.populations.get(link.population) if model is not None else None
        found[(known.title if known is not None else "") or link.population] = link.grade
    return list(found.items())


ROUTES: Final = (get("/clues/{clue}", "clues.show", show),)
