"""A plain server on loopback for the interceptors, without TLS: they are tested one by one here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest

from linkage.keys.quickstart import PartySpec, quickstart
from linkage.keys.store import load_party_keys
from linkage.rpc.around import AroundCalls
from linkage.rpc.limits import channel_options, server_options
from linkage.rpc.server import build_server
from linkage.rpc.v1.linkage_pb2_grpc import LinkageUnitServicer

Serve = Callable[..., grpc.Channel]
KINDS = {
    "UnaryUnary": grpc.unary_unary_rpc_method_handler,
    "UnaryStream": grpc.unary_stream_rpc_method_handler,
    "StreamUnary": grpc.stream_unary_rpc_method_handler,
    "StreamStream": grpc.stream_stream_rpc_method_handler,
}


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return a starter: behaviours by kind and interceptors in, a channel out. Messages are bytes."""
    with ExitStack() as stack:

        def start(
            behaviours: dict[str, Callable[..., Any]], *interceptors: AroundCalls, options: Any = None
        ) -> grpc.Channel:
            server = grpc.server(ThreadPoolExecutor(4), interceptors=list(interceptors), options=server_options())
            handlers = {kind: KINDS[kind](behaviour) for kind, behaviour in behaviours.items()}
            server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Test", handlers),))
            port = server.add_insecure_port("127.0.0.1:0")
            server.start()
            stack.callback(lambda: server.stop(0).wait())
            return stack.enter_context(
                grpc.insecure_channel(f"localhost:{port}", options=channel_options() if options is None else options)
            )

        yield start


def call(channel: Any, kind: str, request: bytes = b"x", **how: Any) -> list[bytes]:
    """Call one kind of method and return all replies."""
    path = f"/test.Test/{kind}"
    how.setdefault("timeout", 5)
    if kind == "UnaryUnary":
        return [channel.unary_unary(path)(request, **how)]
    if kind == "UnaryStream":
        return list(channel.unary_stream(path)(request, **how))
    if kind == "StreamUnary":
        return [channel.stream_unary(path)(iter([request]), **how)]
    return list(channel.stream_stream(path)(iter([request]), **how))


@pytest.fixture
def ask() -> Callable[..., list[bytes]]:
    return call


@pytest.fixture
def tls_port(tmp_path: Path) -> Iterator[int]:
    """Yield the port of a server that `build_server` made for a small consortium."""
    parties = [PartySpec("coordinator", "链接单元", "coordinator"), PartySpec("civil", "民政局", "agency", ("dibao",))]
    quickstart(tmp_path, consortium="c", parties=parties, now=datetime.now(UTC), random_bytes=os.urandom)
    keys = load_party_keys(tmp_path / "coordinator")
    server, port = build_server(
        LinkageUnitServicer(),
        "127.0.0.1:0",
        keys,
        authenticate=lambda certificate: keys.party,
        record=lambda kind, facts: None,
        last_leaf=lambda: b"",
    )
    server.start()
    yield port
    server.stop(0).wait()
