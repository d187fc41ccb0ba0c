"""The server: a taken port is said, TLS serves where it is configured, and only names of the site are answered."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from linkage.errors import ConfigError
from linkage.web.serving import address_of, configured, listen
from linkage.web.settings import WebSettings


def test_a_taken_port_is_said() -> None:
    with listen(WebSettings()) as first, pytest.raises(ConfigError, match="taken"):
        listen(WebSettings(port=first.getsockname()[1]))


def test_an_address_that_is_not_ours_is_said() -> None:
    with pytest.raises(ConfigError, match="cannot listen"):
        listen(WebSettings(host="192.0.2.1"))


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        (WebSettings(port=7451), "http://127.0.0.1:7451/"),
        (WebSettings(host="::1", port=1), "http://[::1]:1/"),
        (WebSettings(host="10.0.0.5", port=443, certificate=Path("c"), key=Path("k")), "https://10.0.0.5:443/"),
    ],
)
def test_the_address_is_one_to_click(settings: WebSettings, address: str) -> None:
    assert address_of(settings) == address


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for "site.example" and its private key, as PEM."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "site")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("site.example")]), critical=False)
    certificate = made.sign(key, hashes.SHA256())
    no = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, no)
    (folder / "web.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "web.key").write_bytes(private)
    return folder / "web.crt", folder / "web.key"


def test_pages_are_served_over_tls_to_their_own_names_only(desk: Any, tmp_path: Path) -> None:
    site = desk.site()
    certificate, key = self_signed(tmp_path)
    site.settings = WebSettings(certificate=certificate, key=key, names=("site.example",))
    taken = listen(site.settings)
    server = uvicorn.Server(configured(site))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = taken.getsockname()[1]
    trust = ssl.create_default_context(cafile=str(certificate))
    names = {"sni_hostname": "site.example"}
    with httpx.Client(verify=trust, trust_env=False) as client:
        ours = client.get(f"https://127.0.0.1:{port}/sign-in", headers={"host": "site.example"}, extensions=names)
        foreign = client.get(f"https://127.0.0.1:{port}/sign-in", headers={"host": "evil.example"}, extensions=names)
    with socket.create_connection(("127.0.0.1", port)) as plain:
        plain.sendall(b"GET /sign-in HTTP/1.1\r\nHost: site.example\r\n\r\n")
        answered = plain.recv(100)
    server.should_exit = True
    thread.join(30)

    assert (ours.status_code, foreign.status_code) == (200, 400)
    assert not answered.startswith(b"HTTP/1.1 200") and "server" not in ours.headers
