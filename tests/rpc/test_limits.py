"""The transport keeps to its limits."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc
import pytest

from linkage.rpc.backoff import Backoff
from linkage.rpc.client import LinkageClient
from linkage.rpc.guard import deadline, guard
from linkage.rpc.limits import (
    CIPHER_VARIABLE,
    MAX_DEADLINE_SECONDS,
    MESSAGE_BYTES,
    METADATA_BYTES,
    WATCHES_PER_PARTY,
    channel_options,
    pool_size,
    require_tls13,
)
from linkage.rpc.network import NetworkTransport
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.rpc.v1.linkage_pb2_grpc import (
    LinkageUnitServicer,
    LinkageUnitStub,
    add_LinkageUnitServicer_to_server,
)

ECHO: dict[str, Any] = {"UnaryUnary": lambda request, context: request}


def status_of(ask: Any, channel: grpc.Channel, request: bytes = b"x", **how: Any) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as caught:
        ask(channel, "UnaryUnary", request, **how)
    found: grpc.StatusCode = caught.value.code()
    return found


def test_a_call_within_the_limits_passes(serve: Any, ask: Any) -> None:
    assert ask(serve(ECHO, guard(), deadline()), "UnaryUnary", b"x" * (1 << 20)) == [b"x" * (1 << 20)]


def test_an_oversized_message_is_refused_by_the_server(serve: Any, ask: Any) -> None:
    channel = serve(ECHO, options=[("grpc.max_send_message_length", -1)])

    assert status_of(ask, channel, b"x" * (MESSAGE_BYTES + 1)) is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_an_oversized_message_is_not_even_sent_by_our_client(serve: Any, ask: Any) -> None:
    assert status_of(ask, serve(ECHO), b"x" * (MESSAGE_BYTES + 1)) is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_metadata_beyond_the_limit_are_refused(serve: Any, ask: Any) -> None:
    channel = serve(ECHO, options=[("grpc.max_metadata_size", 1 << 20)])

    assert status_of(ask, channel, metadata=(("x-big", "x" * 2 * METADATA_BYTES),)) is not grpc.StatusCode.OK


@pytest.mark.parametrize("seconds", [None, MAX_DEADLINE_SECONDS + 60])
def test_a_call_without_deadline_or_with_an_endless_one_is_refused(serve: Any, ask: Any, seconds: float | None) -> None:
    channel = serve(ECHO, guard(), deadline())

    assert status_of(ask, channel, timeout=seconds) is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_compressed_message_is_refused(serve: Any, ask: Any) -> None:
    channel = serve(ECHO, options=[])

    assert status_of(ask, channel, b"x" * 10_000, compression=grpc.Compression.Gzip) is grpc.StatusCode.UNIMPLEMENTED


def test_our_own_client_does_not_compress(serve: Any, ask: Any) -> None:
    assert ask(serve(ECHO), "UnaryUnary", b"x" * 10_000) == [b"x" * 10_000]


class Busy(LinkageUnitServicer):
    """Answer once released."""

    def __init__(self) -> None:
        self.entered, self.released = threading.Event(), threading.Event()

    def Check(self, request: pb.CheckRequest, context: grpc.ServicerContext) -> pb.CheckReply:
        self.entered.set()
        self.released.wait(60)
        return pb.CheckReply(status="serving")


@dataclass(slots=True)
class PlainChannel:
    """Stand for a pinned channel, without TLS."""

    channel: grpc.Channel

    def stub(self) -> LinkageUnitStub:
        return LinkageUnitStub(self.channel)  # type: ignore[no-untyped-call]


def test_a_server_with_too_many_calls_is_asked_again_soon_and_ever_later() -> None:
    busy, waits = Busy(), list[float]()
    server = grpc.server(ThreadPoolExecutor(2), maximum_concurrent_rpcs=1)
    add_LinkageUnitServicer_to_server(busy, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()

    def pause(seconds: float) -> bool:
        waits.append(seconds)
        if len(waits) >= 3:
            busy.released.set()
        return False

    with grpc.insecure_channel(f"127.0.0.1:{port}", options=channel_options()) as channel:
        network = NetworkTransport(PlainChannel(channel), last_leaf=lambda: b"", seen=lambda method, leaf: None)  # type: ignore[arg-type]
        client = LinkageClient(network, backoff=Backoff(attempts=1000, pause=pause, chance=lambda: 1.0))
        first = threading.Thread(target=client.check)
        first.start()
        assert busy.entered.wait(60)

        assert client.check().status == "serving"

        first.join()
    server.stop(0).wait()
    assert waits[:3] == [0.25, 0.5, 1.0]


def test_every_option_is_one_the_library_takes() -> None:
    with grpc.insecure_channel("localhost:1", options=channel_options()):
        pass


@pytest.mark.parametrize("parties", [0, 1, 40, 200])
def test_calls_stay_possible_when_every_party_watches(parties: int) -> None:
    assert pool_size(parties) > parties * WATCHES_PER_PARTY


def test_requiring_tls13_names_a_suite_nobody_can_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CIPHER_VARIABLE, "anything")

    require_tls13()

    assert "PSK" in os.environ[CIPHER_VARIABLE]


@pytest.mark.parametrize(("version", "accepted"), [(ssl.TLSVersion.TLSv1_2, False), (ssl.TLSVersion.TLSv1_3, True)])
def test_the_coordinators_port_speaks_tls_13_only(tls_port: int, version: ssl.TLSVersion, accepted: bool) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2"])

    try:
        with socket.create_connection(("localhost", tls_port), timeout=5) as raw, context.wrap_socket(raw) as secured:
            spoken = secured.version()
    except ssl.SSLError:
        spoken = None

    assert spoken == ("TLSv1.3" if accepted else None)
