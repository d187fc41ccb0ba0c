"""A site put together from its sections: who it is, what it offers, and how a request becomes a page."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount
from starlette.routing import Route as StarletteRoute
from starlette.staticfiles import StaticFiles

from linkage.accounts.gate import OPEN, Gate
from linkage.web import charts
from linkage.web.endpoint import endpoint, unknown
from linkage.web.guards import VIOLATIONS, Guards
from linkage.web.moments import local
from linkage.web.page import Page
from linkage.web.rates import Rate
from linkage.web.routes import Route, Section
from linkage.web.settings import LOOPBACK, WebSettings
from linkage.web.signing_in import OPEN_ROUTES, count_violations, note_violation
from linkage.web.tags import TAGS, tag_words
from linkage.web.texts import Text, pair
from linkage.words import listed

PER_MINUTE: Final = 600  # Requests of one address: two officers with live pages open need about 120.
SIGN_INS_PER_MINUTE: Final = 10
HTMX: Final = (
    '{"includeIndicatorStyles": false, "allowEval": false, "historyCacheSize": 0, "selfRequestsOnly": true, '
    '"refreshOnHistoryMiss": true}'
)


@dataclass(slots=True)
class Site:
    """One program's pages. `party` names its office, `node` is what its pages work on.

    `templates` is the package whose folder "templates" holds the site's own.
    """

    name: Text
    party: str
    party_name: str
    gate: Gate = field(repr=False)
    sections: tuple[Section, ...]
    templates: str
    node: object = field(repr=False, default=None)
    settings: WebSettings = field(default_factory=WebSettings)
    seed: bytes = field(default_factory=lambda: os.urandom(32), repr=False)
    sign_ins: Rate = field(default_factory=lambda: Rate(SIGN_INS_PER_MINUTE, 60, monotonic=time.monotonic), repr=False)
    requests: Rate = field(default_factory=lambda: Rate(PER_MINUTE, 60, monotonic=time.monotonic), repr=False)
    violations: int = 0
    environment: Environment = field(init=False, repr=False)

    def __post_init__(self) -> None:
        loaders = [PackageLoader(self.templates), PackageLoader("linkage.web")]
        self.environment = Environment(
            loader=ChoiceLoader(loaders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.filters |= {"local": local, "listed": _listed}
        self.environment.globals |= {
            "pair": pair,
            "charts": charts,
            "htmx": HTMX,
            "Text": Text,
            "tag_words": tag_words,
            "tags": TAGS,
        }

    @property
    def is_exercise(self) -> bool:
        """Tell whether nobody signs in here: an exercise without accounts, where forms ask who acts."""
        return self.gate.single_user and self.gate.book.is_empty()

    @property
    def roles(self) -> Mapping[str, Text]:
        """Return the roles of the node in words."""
        return {role: Text(*words) for role, words in self.gate.titles.items()}

    @property
    def is_open(self) -> bool:
        """Tell whether every page is for anybody, as where only public material is shown."""
        actions = {route.action for section in self.sections for route in section.routes}
        return all(OPEN in self.gate.rights.get(action, frozenset()) for action in actions)

    def may(self, action: str, role: str) -> bool:
        allowed = self.gate.rights.get(action, frozenset())
        return OPEN in allowed or role in allowed or (self.is_exercise and bool(allowed))

    def fill(self, template: str, page: Page, facts: Mapping[str, object]) -> str:
        """Fill a template for one page's visitor."""
        known = {"page": page, "site": self, "t": page.t, "said": page.cookies.take_said()}
        return self.environment.get_template(template).render(known | dict(facts))

    def application(self) -> Guards:
        """Return the site for a server to run."""
        own = [route for section in self.sections for route in section.routes]
        routes: list[BaseRoute] = [self._route(route) for route in (*OPEN_ROUTES, *own)]
        static = Path(__file__).with_name("static")
        routes.append(Mount("/static", StaticFiles(directory=static), name="static"))
        routes.append(StarletteRoute(VIOLATIONS, note_violation, methods=["POST"]))
        routes.append(StarletteRoute(VIOLATIONS, count_violations, methods=["GET"]))
        hosts = LOOPBACK | {self.settings.host, *(name.lower() for name in self.settings.names)}
        app = Starlette(routes=routes, exception_handlers={404: unknown, 405: unknown})
        app.state.site = self
        return Guards(app, hosts, self.requests)

    def _route(self, route: Route) -> StarletteRoute:
        return StarletteRoute(route.path, endpoint(self, route), methods=[route.method])


@pass_context
def _listed(context: Context, words: Iterable[object]) -> str:
    """Join what a page lists, by the comma of its visitor's language."""
    return listed(map(str, words), context["page"].language)
