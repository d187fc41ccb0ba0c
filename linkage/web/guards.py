"""What stands around every request: host names, headers, rates, and a log line without the query."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from linkage.web.rates import Rate

log = logging.getLogger(__name__)
VIOLATIONS: Final = "/csp-report"
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "connect")),
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        f"report-uri {VIOLATIONS}",
    )
)
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
STATIC: Final = "/static/"


@dataclass(frozen=True, slots=True)
class Guards:
    """Wrap the site. `hosts` are the names it answers to: any other is a rebinding attack or a mistake."""

    app: ASGIApp
    hosts: frozenset[str]
    rate: Rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.monotonic(), 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if scope["path"].startswith(STATIC):
                    headers["Cache-Control"] = "max-age=3600"  # Our own files: nobody's data.
            await send(message)

        try:
            await self._inner(scope)(scope, receive, answer)
        finally:
            spent = 1000 * (time.monotonic() - began)
            log.info("%s %s %d %.0f ms", scope["method"], _route(scope), status, spent)

    def _inner(self, scope: Scope) -> ASGIApp:
        request = Request(scope)
        host = request.headers.get("host", "")
        name = host[: host.rindex("]") + 1].strip("[]") if host.startswith("[") else host.partition(":")[0]
        if name.lower() not in self.hosts:
            return PlainTextResponse("这个网址不属于本站 | this site does not have that name", 400)
        address = request.client.host if request.client else ""
        if not scope["path"].startswith(STATIC) and not self.rate.allows(address):
            return PlainTextResponse("请求太多，请稍后再试 | too many requests: try again later", 429)
        return self.app


def _route(scope: Scope) -> str:
    """Return a path in its route's own form, "-" where there is no such page: what somebody typed is not logged."""
    if "endpoint" not in scope:
        return "-"
    path = str(scope["path"])
    for name, value in scope.get("path_params", {}).items():
        path = path.replace(str(value), f"{{{name}}}")
    return path
