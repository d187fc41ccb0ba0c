"""The loopback port: /metrics for Prometheus, /health for whoever restarts or routes. Nothing else is answered."""

from __future__ import annotations

import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

from linkage.errors import TransportError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SERVING: Final = "SERVING"
NOT_SERVING: Final = "NOT_SERVING"
STOPPING: Final = "starting or draining"
NO_DATABASE: Final = "the database does not answer"
FETCH_SECONDS: Final = 5.0
Trouble = Callable[[], str]


def fetch(address: tuple[str, int], path: str) -> str | None:
    """Return what the running program answers on its loopback port, a refusal's text too; None when nobody does."""
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # Never by way of another machine.
    try:
        with opener.open(f"http://{host}:{address[1]}{path}", timeout=FETCH_SECONDS) as reply:
            return bytes(reply.read()).decode("utf-8", "replace")
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.read().decode("utf-8", "replace")
    except OSError:
        return None


class Port:
    """Serve until closed. `trouble` is asked each time: why the program does not serve, "" while it does."""

    def __init__(self, address: tuple[str, int], registry: CollectorRegistry, trouble: Trouble) -> None:
        kind = _Server6 if ":" in address[0] else _Server
        try:
            self._server = make_server(
                address[0], address[1], pages(registry, trouble), server_class=kind, handler_class=_Silent
            )
        except OSError:
            shown = f"{address[0]}:{address[1]}"
            raise TransportError(f"无法监听 {shown}（监测端口）", f"cannot listen on {shown} (metrics)") from None
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    @property
    def number(self) -> int:
        return self._server.server_port

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def opened_port(address: tuple[str, int] | None, registry: CollectorRegistry, trouble: Trouble) -> Iterator[None]:
    """Serve the port while the block runs, where one is configured. Raises TransportError when it is taken."""
    port = Port(address, registry, trouble) if address else None
    try:
        yield
    finally:
        if port is not None:
            port.close()


def pages(registry: CollectorRegistry, trouble: Trouble) -> WSGIApplication:
    """Return the two pages as a WSGI application; trouble is answered with 503 and said."""
    metrics: WSGIApplication = make_wsgi_app(registry)

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if environ.get("REQUEST_METHOD") != "GET" or path not in ("/metrics", "/health"):
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"not found\n"]
        if path == "/metrics":
            return metrics(environ, start_response)
        found = trouble()
        status = "503 Service Unavailable" if found else "200 OK"
        start_response(status, [("Content-Type", "text/plain"), ("Cache-Control", "no-store")])
        return [f"{NOT_SERVING}: {found}\n".encode() if found else f"{SERVING}\n".encode()]

    return answer


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a scrape every few seconds is no event."""
