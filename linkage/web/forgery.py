"""Nobody else's page can post in an officer's name: a token bound to the session, and where the request came from."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from starlette.requests import Request

from linkage.errors import PermissionRefused

FIELD: Final = "csrf"


def token_for(session: str, seed: bytes) -> str:
    """Return the token of a session's forms; `seed` stands for the session where nobody is signed in yet."""
    key = session.encode() or seed
    return hmac.new(key, b"linkage/v1/csrf", hashlib.sha256).hexdigest()


def verify_origin(request: Request) -> None:
    """Raise PermissionRefused when another site's page sent this."""
    place = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if place is not None:  # Browsers write it themselves; with our referrer policy their Origin is "null".
        foreign = place != "same-origin"
    else:
        foreign = origin is not None and origin != f"{request.url.scheme}://{request.headers.get('host', '')}"
    if foreign:
        raise _refused()


def verify_token(given: str, expected: str) -> None:
    """Raise PermissionRefused unless the form carries its session's token."""
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise _refused()


def _refused() -> PermissionRefused:
    return PermissionRefused(
        "这个请求不是从本站当前页面发出的，没有执行",
        "this request did not come from a current page of this site; nothing was done",
        hint_zh="重新打开页面再试；登录或重启之后，先前打开的页面已失效",
        hint_en="open the page again; pages opened before signing in or a restart are stale",
    )
