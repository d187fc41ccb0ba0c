"""All rounds, in pages."""

from __future__ import annotations

from starlette.responses import Response

from linkage.web.listing import Listing
from linkage.web.page import Page
from linkage.web.texts import Text
from procuratorate_node.node import Node
from procuratorate_node.workbench.rounds.words import CHANGES, GROUPS, state_words

TITLE = Text("轮次", "Rounds")


def show(page: Page) -> Response:
    rounds = page.node(Node).rounds
    group = page.query.get("group", "")
    group = group if group in GROUPS else ""
    listing = Listing.of(page.query, total=rounds.count(group=group))
    return page.render(
        "rounds/list.html",
        title=TITLE,
        rounds=rounds.part(group=group, start=listing.start, size=listing.size),
        listing=listing,
        group=group,
        groups=GROUPS,
        changes=CHANGES,
        state_words=state_words,
    )
