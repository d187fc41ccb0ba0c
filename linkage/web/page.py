"""What a page's function is given: the request, who asks, the site; and how it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from linkage.errors import InputError
from linkage.web.cookies import Cookies
from linkage.web.texts import CHINESE, LANGUAGES, Text

if TYPE_CHECKING:
    from linkage.accounts.book import Account
    from linkage.web.site import Site

SEE_OTHER = 303
UNPROCESSABLE = 422
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """One request that was admitted. `officer` acts; it is "" only where an exercise or an open page names nobody."""

    site: Site
    path: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str | UploadFile] = field(repr=False)
    cookies: Cookies = field(repr=False)
    csrf: str = field(repr=False)
    address: str = ""
    officer: str = ""
    account: Account | None = field(default=None, repr=False)

    def node(self, kind: type[T]) -> T:
        """Return what the site's pages work on. Raises TypeError when it is of another kind."""
        if not isinstance(self.site.node, kind):
            raise TypeError(kind.__name__)
        return self.site.node

    @property
    def role(self) -> str:
        return self.account.role if self.account else ""

    @property
    def language(self) -> str:
        wanted = self.cookies.get("language")
        return wanted if wanted in LANGUAGES else CHINESE

    def t(self, zh: Text | str, en: str = "") -> str:
        """Return a text in the visitor's language."""
        return (zh if isinstance(zh, Text) else Text(zh, en)).within(self.language)

    def may(self, action: str) -> bool:
        """Tell whether the visitor's role allows an action, to leave out what would be refused."""
        return self.site.may(action, self.role)

    def field(self, name: str, *, missing: str = "") -> str:
        """Return one line or text of the form, trimmed, or `missing`."""
        value = self.form.get(name, missing)
        return value.strip() if isinstance(value, str) else missing

    def needed(self, name: str, title: Text) -> str:
        """Return a field that must be filled in. Raises InputError naming the field."""
        value = self.field(name)
        if not value:
            raise InputError(f"请填写“{title.zh}”", f"please fill in '{title.en}'")
        return value

    def upload(self, name: str) -> UploadFile:
        """Return a file of the form. Raises InputError when there is none."""
        value = self.form.get(name)
        if not isinstance(value, UploadFile) or not value.filename:
            raise InputError("请选择文件", "please choose a file")
        return value

    def render(self, template: str, *, title: Text, status: int = 200, **facts: object) -> Response:
        """Fill a template; `title` is shown in the tab and must name no person."""
        return HTMLResponse(self.site.fill(template, self, {"title": title, **facts}), status)

    def part(self, template: str, **facts: object) -> Response:
        """Fill a part of a page that asks for it by itself."""
        return HTMLResponse(self.site.fill(template, self, facts))

    def redirect(self, path: str, *, said: Text | None = None) -> Response:
        """Send the browser on after a form, with something to say there."""
        if said is not None:
            self.cookies.say(said)
        return RedirectResponse(path, SEE_OTHER)
