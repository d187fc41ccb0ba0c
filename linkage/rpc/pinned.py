"""A channel to the coordinator and to nobody else: its certificate is looked at before it is used, then pinned.

gRPC Python checks a server's chain and host name but does not show its certificate. So a short TLS handshake of our own
fetches it, the manifest and the deny-list judge it (one URI SAN, role coordinator, not revoked), and the channel
then trusts that very certificate alone: whoever answers its handshakes has the key that belongs to it. The deny-list is
asked again at every call. After a break another certificate may be shown, and is judged the same way.
"""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import datetime

import grpc

from linkage.errors import PermissionRefused, TransportError
from linkage.keys.peer import authenticate_peer
from linkage.keys.store import PartyKeys
from linkage.rpc.limits import LOOK_SECONDS, channel_options, require_tls13
from linkage.rpc.v1.linkage_pb2_grpc import LinkageUnitStub


class PinnedChannel:
    """Hand out a stub whose server is the consortium's coordinator; safe for threads. `clock` gives UTC moments."""

    def __init__(self, endpoint: str, keys: PartyKeys, *, clock: Callable[[], datetime]) -> None:
        self._endpoint = endpoint
        self._keys = keys
        self._clock = clock
        self._lock = threading.Lock()
        self._certificate = b""
        self._channel: grpc.Channel | None = None
        self._stub: LinkageUnitStub | None = None
        self._in_doubt = False

    def stub(self) -> LinkageUnitStub:
        """Return the stub for one call. Raises TransportError, or PermissionRefused for anybody else's certificate."""
        with self._lock:
            if self._stub is None or self._in_doubt:
                self._look()
            self._judge(self._certificate)
            assert self._stub is not None
            return self._stub

    def doubt(self) -> None:
        """Look at the certificate again before the next call: the connection broke."""
        self._in_doubt = True

    def close(self) -> None:
        with self._lock:
            if self._channel is not None:
                self._channel.close()

    def _look(self) -> None:
        found = presented_certificate(self._endpoint, self._keys)
        self._judge(found)
        if found != self._certificate:
            self._open(found)
        self._in_doubt = False

    def _judge(self, certificate: bytes) -> None:
        keys = self._keys
        try:
            party = authenticate_peer(
                certificate, manifest=keys.manifest, revocations=keys.revocations.current(), now=self._clock()
            )
        except PermissionRefused as refusal:
            raise _not_the_coordinator(refusal.zh, refusal.en) from None
        if party.id != keys.manifest.coordinator.id:
            raise _not_the_coordinator(f"它属于 {party.id}", f"it belongs to {party.id}")

    def _open(self, certificate: bytes) -> None:
        if self._channel is not None:
            self._channel.close()
        require_tls13()
        pinned = ssl.DER_cert_to_PEM_cert(certificate).encode("ascii")
        credentials = grpc.ssl_channel_credentials(pinned, self._keys.tls_key, self._keys.tls_certificate)
        self._channel = grpc.secure_channel(self._endpoint, credentials, options=channel_options())
        self._stub = LinkageUnitStub(self._channel)  # type: ignore[no-untyped-call]
        self._certificate = certificate


def presented_certificate(endpoint: str, keys: PartyKeys) -> bytes:
    """Return the DER certificate shown at "host:port"; chain and host name are verified. Raises TransportError."""
    host, _, port = endpoint.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cadata=keys.ca_certificate.decode("ascii"))
    try:
        _show_ours(context, keys)
        with (
            socket.create_connection((host, int(port)), timeout=LOOK_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            found = secured.getpeercert(binary_form=True)
    except ssl.SSLCertVerificationError:
        raise TransportError(
            "链接单元的证书不是本联合体签发给这个地址的",
            "the coordinator's certificate was not issued by this consortium for this address",
        ) from None
    except (OSError, ValueError) as error:
        name = type(error).__name__
        raise TransportError("链接单元暂时无法连接", f"the coordinator cannot be reached ({name})") from None
    return found or b""


def _show_ours(context: ssl.SSLContext, keys: PartyKeys) -> None:
    """Give the context our certificate and key. `ssl` reads files only, so they lie in memory under a file's name.

    The key's own file may be wrapped under a passphrase, and must not be written in the clear anywhere else.
    """
    with os.fdopen(os.memfd_create("tls", os.MFD_CLOEXEC), "wb") as stream:
        stream.write(keys.tls_certificate + b"\n" + keys.tls_key)
        stream.flush()
        context.load_cert_chain(f"/proc/self/fd/{stream.fileno()}")


def _not_the_coordinator(zh: str, en: str) -> PermissionRefused:
    return PermissionRefused(f"对方不是链接单元：{zh}", f"the other side is not the coordinator: {en}")
