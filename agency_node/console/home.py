"""Where everybody comes in."""

from __future__ import annotations

from starlette.responses import Response

from linkage.web.page import Page
from linkage.web.routes import Section, get
from linkage.web.texts import Text

TITLE = Text("首页", "Start")


def show(page: Page) -> Response:
    return page.render("home.html", title=TITLE)


SECTION = Section(TITLE, get("/", "pages.home", show))
