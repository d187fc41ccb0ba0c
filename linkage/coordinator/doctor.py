"""The coordinator's doctor."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509

from linkage.coordinator.config import DATABASE_FILE, Quotas, load_config
from linkage.coordinator.running import ENDPOINT_FILE, now_utc
from linkage.keys.files import read_public
from linkage.keys.store import keys_folder
from linkage.keys.tls import DEFAULT_SERVER_NAMES, parse_certificate
from linkage.operations.bundle import Source
from linkage.operations.doctor import Place, common_checks, read_config
from linkage.operations.finding import Checks, Finding, examine, good, warning
from linkage.operations.reach import SECONDS, address_of
from linkage.operations.record_checks import check_database


def checks_of(file: Path) -> tuple[Finding, Checks]:
    """Return how the configuration is, and everything else to look at."""
    config, first = read_config(load_config, file)
    place = Place.of(config, file)
    least_free = (config.quotas if config else Quotas()).free_bytes
    return first, [
        *common_checks(place, now_utc, least_free=least_free),
        *([("certificate", lambda: check_names(place.state))] if keys_folder(place.state).is_dir() else []),
        ("database", lambda: check_database(config.place if config else place.state / DATABASE_FILE)),
        ("service", lambda: check_listening(place.state)),
    ]


def bundle_source(file: Path) -> Source:
    """Return what a diagnostic bundle is made from."""
    config, first = read_config(load_config, file)
    place = Place.of(config, file)
    database = config.place if config else place.state / DATABASE_FILE
    return Source(file, place, database, [first, *examine(checks_of(file)[1])])


def check_names(state: Path) -> Iterator[Finding]:
    """Look under which names the parties may dial us."""
    certificate = parse_certificate(read_public(keys_folder(state) / "tls.crt"))
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    names = [*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress))]
    shown = ", ".join(names)
    if set(names) <= set(DEFAULT_SERVER_NAMES):
        hint = "换发时写明各方所用的主机名", "have it renewed with the host name the parties dial"
        yield warning("certificate", f"只能从本机连接：{shown}", f"only good for this machine: {shown}", hint=hint)
    else:
        yield good("certificate", f"可用的主机名：{shown}", f"good for the names {shown}")


def check_listening(state: Path) -> Iterator[Finding]:
    """Look whether somebody answers where the coordinator last said it listens."""
    endpoint = state / ENDPOINT_FILE
    if not endpoint.exists():
        yield warning("service", "还没有运行过", "it has not run yet")
        return
    host, port = address_of(endpoint.read_text("utf-8").strip())
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    try:
        with socket.create_connection((near, port), timeout=SECONDS):
            yield good("service", f"端口 {port} 有应答", f"port {port} answers")
    except OSError:
        hint = "systemctl start linkage-coordinator", "`systemctl start linkage-coordinator`"
        yield warning("service", f"端口 {port} 没有应答", f"port {port} does not answer", hint=hint)
