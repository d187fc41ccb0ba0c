"""Openings, releases, referrals, refusals and who acted, over all rounds, by the report's own tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from starlette.responses import Response

from linkage.audit.page import Section as Told
from linkage.audit.report import Reporter
from linkage.errors import NotFoundError
from linkage.review.material import Material
from linkage.review.searching import search
from linkage.review.timeline import ACTION
from linkage.web.listing import Listing
from linkage.web.page import Page
from linkage.web.routes import Section, get
from linkage.web.texts import Text

TABS: Final[Mapping[str, tuple[Text, Callable[[Reporter], Told]]]] = {
    "refusals": (Text("拒绝与失败", "Refusals and failures"), Reporter.refusals),
    "openings": (Text("还原身份", "Openings"), Reporter.openings),
    "releases": (Text("调取字段", "Releases"), Reporter.releases),
    "referrals": (Text("转介帮助", "Referrals"), Reporter.referrals),
    "officers": (Text("经办人", "People acting"), Reporter.officers),
}
TITLE = Text("拒绝、还原与转介", "Refusals, openings, referrals")


def show(page: Page) -> Response:
    """Show one of the tables, of what was chosen. Raises NotFoundError."""
    tab = page.parameters.get("tab", next(iter(TABS)))
    if tab not in TABS:
        raise NotFoundError("没有这个页面", "there is no such page")
    material, wanted = page.node(Material), search(page)
    title, write = TABS[tab]
    told = write(material.reporter(material.story, wanted.choice, page.language))
    table = told.tables[0] if told.tables else None
    rows = table.rows if table else ()
    listing = Listing.of(page.query, total=len(rows))
    return page.render(
        "deeds.html",
        title=title,
        search=wanted,
        tabs=[(name, words) for name, (words, _) in TABS.items()],
        tab=tab,
        headings=table.headings if table else (),
        rows=listing.part(rows),
        listing=listing,
    )


SECTION = Section(TITLE, get("/deeds", ACTION, show), get("/deeds/{tab}", ACTION, show))
