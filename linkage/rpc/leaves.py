"""Exchange audit leaves in metadata, so that two parties' logs interlock (design §8).

Every request carries the caller's last leaf and every reply's trailing metadata the callee's, as the binary key
`linkage-leaf-bin`: 32 bytes, absent for a log without entries. The receiver writes it into its own entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import grpc

from linkage.errors import InputError
from linkage.rpc.around import AroundCalls

LEAF_KEY = "linkage-leaf-bin"
LEAF_BYTES = 32
Metadata = tuple[tuple[str, str | bytes], ...]


def leaf_metadata(leaf: bytes) -> Metadata:
    """Return the metadata that carry a leaf; none for an empty log, whose last leaf is b"" or all zero."""
    return ((LEAF_KEY, leaf),) if any(leaf) else ()


def leaf_of(metadata: Iterable[tuple[str, str | bytes]] | None) -> bytes:
    """Return the peer's leaf, or b"" where it sent none. Raises InputError for anything but one 32-byte leaf."""
    found = [value for key, value in metadata or () if key == LEAF_KEY]
    if not found:
        return b""
    leaf = found[0]
    if len(found) > 1 or not isinstance(leaf, bytes) or len(leaf) != LEAF_BYTES:
        raise InputError("审计叶必须是一个 32 字节值", "the audit leaf must be one value of 32 bytes")
    return leaf


def reply_leaf(last_leaf: Callable[[], bytes]) -> AroundCalls:
    """Return the interceptor that sends our last leaf with every reply, refusals included.

    An event of a watch stream carries it itself, because the stream's trailing metadata may come half an hour later.
    """

    @contextmanager
    def with_leaf(method: str, context: grpc.ServicerContext) -> Iterator[grpc.ServicerContext]:
        try:
            yield context
        finally:
            context.set_trailing_metadata(leaf_metadata(last_leaf()))

    return AroundCalls(with_leaf)
