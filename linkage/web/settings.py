"""The [web] table of a node's configuration: where its pages are served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from linkage.errors import ConfigError

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class WebSettings:
    """`names` are further names by which browsers may call the site; port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = 0
    certificate: Path | None = None
    key: Path | None = None
    names: tuple[str, ...] = ()

    @property
    def is_loopback(self) -> bool:
        return self.host in LOOPBACK

    @property
    def is_tls(self) -> bool:
        return self.certificate is not None and self.key is not None

    def check(self) -> None:
        """Raise ConfigError when pages would cross a network in the clear."""
        if (self.certificate is None) != (self.key is None):
            raise ConfigError("[web] 的证书和私钥要一起写", "[web] needs both certificate and key, or neither")
        if not self.is_loopback and not self.is_tls:
            raise ConfigError(
                "页面不在本机地址上时必须用 TLS",
                "pages served beyond this machine need TLS",
                hint_zh="在 [web] 写 certificate 和 key，或把 host 改回 127.0.0.1",
                hint_en="give certificate and key under [web], or set host back to 127.0.0.1",
            )


def parse_web(table: object, folder: Path, faults: list[str], *, port: int) -> WebSettings:
    """Read the table, adding every fault to `faults`; relative paths start at `folder`, `port` is the program's own."""
    if not isinstance(table, Mapping):
        faults.append("[web] must be a table")
        return WebSettings()
    faults += [f"web.{key} unknown" for key in sorted(set(table) - {"host", "port", "certificate", "key", "names"})]
    texts = {key: table.get(key, "") for key in ("host", "certificate", "key")}
    bad = [key for key, value in texts.items() if not isinstance(value, str)]
    faults += [f"web.{key} must be a text" for key in bad]
    number, names = table.get("port", port), table.get("names", [])
    if type(number) is not int or not 0 <= number <= 65535:
        faults.append("web.port must be a port number")
        number = port
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        faults.append("web.names must be a list of host names")
        names = []
    if bad:
        return WebSettings()
    return WebSettings(
        host=texts["host"] or "127.0.0.1",
        port=number,
        certificate=folder / texts["certificate"] if texts["certificate"] else None,
        key=folder / texts["key"] if texts["key"] else None,
        names=tuple(names),
    )
