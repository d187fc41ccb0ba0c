"""A consortium with a hostile member: the coordinator tests' rig, and raw calls that no client of ours would make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import grpc
import pytest

from linkage.rpc.limits import require_tls13
from tests.coordinator.conftest import Rig, consortium, rig, rows, schema, shared_rig

__all__ = ["consortium", "rig", "rows", "schema", "shared_rig"]


@pytest.fixture
def raw_channel() -> Iterator[Callable[..., Any]]:
    """Return an opener of plain gRPC channels with a party's real certificate and none of our client's manners."""
    with ExitStack() as stack:

        def opened(made: Rig, party: str, **options: int) -> grpc.Channel:
            require_tls13()
            keys = made.keys(party)
            credentials = grpc.ssl_channel_credentials(keys.ca_certificate, keys.tls_key, keys.tls_certificate)
            arguments = [(f"grpc.{name}", value) for name, value in {"use_local_subchannel_pool": 1, **options}.items()]
            return stack.enter_context(
                grpc.secure_channel(f"localhost:{made.coordinator.port}", credentials, options=arguments)
            )

        yield opened


PATH = "/linkage.rpc.v1.LinkageUnit/"


def call_raw(channel: Any, method: str, body: bytes, *, seconds: float = 10.0) -> grpc.StatusCode:
    """Send bytes as a request, whatever they are; return the status it ended with."""
    try:
        if method in ("Watch", "FetchResult"):
            list(channel.unary_stream(PATH + method)(body, timeout=seconds))
        else:
            channel.unary_unary(PATH + method)(body, timeout=seconds)
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK
