"""What a site is made of, as data: routes with their actions, and sections of the navigation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from linkage.web.texts import Text

if TYPE_CHECKING:
    from linkage.web.page import Page

FORM_BYTES: Final = 64 * 1024
Show = Callable[["Page"], Response]


@dataclass(frozen=True, slots=True)
class Route:
    """One path with one method; `body` is how many bytes a form may bring, `live` marks what no person asks for."""

    method: str
    path: str
    action: str
    show: Show = field(repr=False)
    body: int = FORM_BYTES
    live: bool = False


def get(path: str, action: str, show: Show, *, live: bool = False) -> Route:
    return Route("GET", path, action, show, live=live)


def post(path: str, action: str, show: Show, *, body: int = FORM_BYTES) -> Route:
    return Route("POST", path, action, show, body=body)


@dataclass(frozen=True, slots=True, init=False)
class Section:
    """One entry of the navigation with all its routes; the first leads there."""

    title: Text
    routes: tuple[Route, ...]

    def __init__(self, title: Text, *routes: Route) -> None:
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "routes", routes)

    @property
    def path(self) -> str:
        return self.routes[0].path
