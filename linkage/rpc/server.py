"""Build the coordinator's server: mutual TLS 1.3, limits; observer, guard, leaves, deadline, identity, parsing.

What grpcio can enforce and what not: client certificates are required and verified against the consortium's CA by the
transport; TLS 1.2 is shut out by `limits.require_tls13`; revocation lists are unknown to it, so the deny-list is
checked per call by `identity`. Threads are sized from the number of parties, because a watch stream holds one; beyond
that number calls are refused at once instead of queued unseen.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

from linkage.errors import TransportError
from linkage.keys.store import PartyKeys
from linkage.rpc.guard import deadline, guard
from linkage.rpc.identity import Authenticate, Record, identify
from linkage.rpc.leaves import reply_leaf
from linkage.rpc.limits import pool_size, require_tls13, server_options
from linkage.rpc.observing import Observer, observe
from linkage.rpc.parsing import ParseRequests
from linkage.rpc.v1.linkage_pb2_grpc import LinkageUnitServicer, add_LinkageUnitServicer_to_server


def build_server(
    servicer: LinkageUnitServicer,
    address: str,
    keys: PartyKeys,
    *,
    authenticate: Authenticate,
    record: Record,
    last_leaf: Callable[[], bytes],
    observer: Observer | None = None,
) -> tuple[grpc.Server, int]:
    """Return the server, not yet started, and its bound port. Raises TransportError when the address is taken."""
    require_tls13()
    threads = pool_size(len(keys.manifest.owners))
    around: list[grpc.ServerInterceptor[Any, Any]] = [observe(observer)] if observer else []
    around += [guard(), reply_leaf(last_leaf), deadline(), identify(authenticate, record), ParseRequests(record)]
    server = grpc.server(
        ThreadPoolExecutor(threads, thread_name_prefix="call"),
        interceptors=around,
        options=server_options(),
        maximum_concurrent_rpcs=threads,
    )
    add_LinkageUnitServicer_to_server(servicer, server)  # type: ignore[no-untyped-call]
    credentials = grpc.ssl_server_credentials(
        [(keys.tls_key, keys.tls_certificate)], root_certificates=keys.ca_certificate, require_client_auth=True
    )
    try:
        port = server.add_secure_port(address, credentials)
    except RuntimeError:
        port = 0
    if not port:
        raise TransportError(f"无法监听 {address}", f"cannot listen on {address}")
    return server, port
