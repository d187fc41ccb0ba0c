"""The site's cookies: the session's token, the language, and what the last form said.

All are HttpOnly, SameSite=Strict, Secure and `__Host-`: browsers take and send such cookies over http to this machine
itself, and over TLS. Cookies know no port, so each party's have names of their own.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from linkage.web.texts import Text

SAID_SECONDS = 30
YEAR_SECONDS = 365 * 24 * 3600


@dataclass(slots=True)
class Cookies:
    """The cookies of one request; what changes is put on the answer."""

    prefix: str
    came: Mapping[str, str] = field(repr=False)
    changed: dict[str, tuple[str, int | None]] = field(default_factory=dict, repr=False)

    def get(self, name: str) -> str:
        return self.came.get(self._full(name), "")

    def set(self, name: str, value: str, *, seconds: int | None = None) -> None:
        """Set a cookie for so many seconds, None for as long as the browser is open; 0 deletes it."""
        self.changed[name] = (value, seconds)

    def say(self, text: Text) -> None:
        """Leave a text for the next page; it must hold no personal value."""
        content = json.dumps([text.zh, text.en], ensure_ascii=False).encode()
        self.set("said", base64.urlsafe_b64encode(content).decode().rstrip("="), seconds=SAID_SECONDS)

    def take_said(self) -> Text | None:
        """Return what the last form said, once."""
        came = self.get("said")
        if not came:
            return None
        self.set("said", "", seconds=0)
        try:
            found = json.loads(base64.urlsafe_b64decode(came + "=" * (-len(came) % 4)))
        except (binascii.Error, ValueError):
            return None
        good = isinstance(found, list) and len(found) == 2 and all(isinstance(part, str) for part in found)
        return Text(*found) if good else None

    def put_on(self, response: Response) -> Response:
        """Put what changed on an answer, and return it."""
        for name, (value, seconds) in self.changed.items():
            response.set_cookie(
                self._full(name), value, max_age=seconds, path="/", secure=True, httponly=True, samesite="strict"
            )
        return response

    def _full(self, name: str) -> str:
        return f"__Host-{self.prefix}-{name}"


@dataclass(frozen=True, slots=True)
class CookieCarrier:
    """Carry a session's token in a cookie that ends with the browser."""

    cookies: Cookies

    def read(self) -> str:
        """Return "token name"; the name is in hex on its way, because cookies hold no Chinese."""
        token, _, name = self.cookies.get("session").partition(".")
        try:
            return f"{token} {bytes.fromhex(name).decode()}"
        except ValueError:
            return ""

    def write(self, text: str) -> None:
        token, _, name = text.partition(" ")
        self.cookies.set("session", f"{token}.{name.encode().hex()}")

    def clear(self) -> None:
        self.cookies.set("session", "", seconds=0)
