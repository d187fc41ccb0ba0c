"""Serve a site until SIGTERM, on this machine alone unless the configuration says otherwise."""

from __future__ import annotations

import errno
import logging
import signal
import socket
from collections.abc import Callable
from dataclasses import replace

import uvicorn

from linkage.errors import ConfigError
from linkage.web.settings import WebSettings
from linkage.web.site import Site

DRAIN_SECONDS = 5
CONNECTIONS = 200


def serve(site: Site, *, say: Callable[[str], object]) -> int:
    """Run in the foreground; say the address once it answers. Raises ConfigError when the port is taken."""
    site.settings.check()
    with listen(site.settings) as taken:
        settings = replace(site.settings, port=taken.getsockname()[1])
        config = configured(site)
        config.load()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)  # The server handles them, then hands them on to these.
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        say(address_of(settings))
        uvicorn.Server(config).run(sockets=[taken])
    return 0


def configured(site: Site) -> uvicorn.Config:
    """Return how the server runs the site."""
    return uvicorn.Config(
        site.application(),
        log_config=None,
        access_log=False,  # Its lines would hold queries; guards.py writes ours.
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        ssl_certfile=site.settings.certificate,
        ssl_keyfile=site.settings.key,
    )


def address_of(settings: WebSettings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{'https' if settings.is_tls else 'http'}://{host}:{settings.port}/"


def listen(settings: WebSettings) -> socket.socket:
    """Take the port. Raises ConfigError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigError(
                f"端口 {settings.port} 已被占用",
                f"port {settings.port} is taken",
                hint_zh="页面可能已在运行；或在 [web] 里换一个 port",
                hint_en="the pages may be running already; or choose another port under [web]",
            ) from None
        raise ConfigError(
            f"不能在 {settings.host} 的端口 {settings.port} 上监听",
            f"cannot listen on port {settings.port} of {settings.host}: {error.strerror}",
        ) from None
