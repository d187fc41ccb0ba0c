"""Call the linkage unit over gRPC, with a deadline, leaf exchange and error mapping.

Errors come back as the LinkageError they were at the coordinator, by the trailing metadata `linkage-error`, with their
hint in `linkage-hint-bin`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import cast

import grpc
from google.protobuf.message import Message

from linkage import errors
from linkage.rpc.guard import ERROR_KEY, HINT_KEY
from linkage.rpc.leaves import Metadata, leaf_metadata, leaf_of
from linkage.rpc.pinned import PinnedChannel
from linkage.rpc.v1 import linkage_pb2 as pb

ERROR_OF = {cls.code: cls for cls in errors.LinkageError.__subclasses__()}
TRANSIENT = frozenset({grpc.StatusCode.UNAVAILABLE})
TOO_MANY_CALLS = "Concurrent RPC limit exceeded!"  # What grpcio's server says; its status alone also means "too large".
Seen = Callable[[str, bytes], object]  # Method and the coordinator's leaf; called after every reply that has one.


class NetworkTransport:
    """Call through one pinned channel; safe for threads."""

    def __init__(self, channel: PinnedChannel, *, last_leaf: Callable[[], bytes], seen: Seen) -> None:
        self._channel = channel
        self._last_leaf = last_leaf
        self._seen = seen

    def close(self) -> None:
        self._channel.close()

    def is_under_way(self, method: str, request: Message) -> bool:
        return False

    def call(self, method: str, request: Message, seconds: float) -> object:
        try:
            reply, call = getattr(self._channel.stub(), method).with_call(
                request, timeout=seconds, metadata=leaf_metadata(self._last_leaf())
            )
        except grpc.RpcError as exc:
            raise self._error(method, exc) from None
        self._note(method, call.trailing_metadata())
        return cast("object", reply)

    def stream(self, method: str, request: Message, seconds: float) -> Iterator[object]:
        metadata = leaf_metadata(self._last_leaf())
        call = getattr(self._channel.stub(), method)(request, timeout=seconds, metadata=metadata)
        try:
            for reply in call:
                if isinstance(reply, pb.Event):
                    self._note(method, leaf_metadata(reply.leaf))
                yield reply
            self._note(method, call.trailing_metadata())
        except grpc.RpcError as exc:
            raise self._error(method, exc) from None
        finally:
            call.cancel()

    def _note(self, method: str, metadata: Iterable[tuple[str, str | bytes]] | None) -> None:
        leaf = leaf_of(metadata)
        if leaf:
            self._seen(method, leaf)

    def _error(self, method: str, failed: grpc.RpcError) -> errors.LinkageError:
        found = cast("Metadata", tuple(failed.trailing_metadata() or ()))
        self._note(method, found)
        said = dict(found)
        if failed.code() in TRANSIENT and ERROR_KEY not in said:
            self._channel.doubt()  # The connection broke; a coordinator that refuses for the moment names its error.
        return error_from(failed.code(), failed.details() or "", said.get(ERROR_KEY), hint=said.get(HINT_KEY))


def error_from(
    status: grpc.StatusCode, details: str, code: object, *, hint: str | bytes | None = None
) -> errors.LinkageError:
    """Return the error a failed call stands for: the coordinator's own class, text and hint where it named one."""
    if isinstance(code, str) and code in ERROR_OF:
        zh, _, en = details.partition(" | ")
        hint_zh, _, hint_en = (hint if isinstance(hint, bytes) else b"").decode("utf-8", "replace").partition("\n")
        return ERROR_OF[code](zh, en or zh, hint_zh=hint_zh, hint_en=hint_en)
    if status in TRANSIENT or status is grpc.StatusCode.CANCELLED:
        return errors.TransportError("链接单元暂时无法连接", f"the coordinator cannot be reached ({status.name})")
    if status is grpc.StatusCode.DEADLINE_EXCEEDED:
        return errors.TransportError("调用超时", "the call ran past its deadline")
    if status is grpc.StatusCode.RESOURCE_EXHAUSTED and details == TOO_MANY_CALLS:
        return errors.TransportError("链接单元此刻太忙，稍后自动再试", "the coordinator takes no more calls right now")
    if status is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return errors.LimitError("超出传输限制", "a transport limit was exceeded")
    return errors.LinkageError(f"链接单元出错（{status.name}）", f"the coordinator failed ({status.name})")
