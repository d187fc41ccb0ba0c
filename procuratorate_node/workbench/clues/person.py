"""One person's history over all clues: rounds, steps, openings, referrals, payments; the person is never named."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from linkage.errors import NotFoundError
from linkage.web.page import Page
from linkage.web.routes import get
from linkage.web.texts import Text
from procuratorate_node.node import Node
from procuratorate_node.person_history import history_of
from procuratorate_node.reidentify import people_of
from procuratorate_node.workbench.clues import words
from procuratorate_node.workbench.rounds.words import STATES


def show(page: Page) -> Response:
    node, number = page.node(Node), page.parameters["number"]
    if not number.isdecimal() or len(number) > 4:
        raise NotFoundError("这条线索没有这个人", "this clue has no such person")
    clue, work = node.book.get(page.parameters["clue"]), node.casework_kept()
    return page.render(
        "clues/person.html",
        title=Text("人员时间线", "A person's timeline"),
        clue=clue,
        number=int(number),
        people=len(people_of(clue.people, work.facts.person_of)),
        history=history_of(node.store, clue, int(number), work),
        catalogue=node.workplace.catalogue,
        round_words=lambda state: STATES.get(state, (Text(state, state), ""))[0],
        words=words,
    )


ROUTES: Final = (get("/clues/{clue}/person/{number}", "clues.history", show),)
