"""Parse requests in our own code, once the caller is known; bytes that are no message are refused like other input.

grpcio would parse before anybody is asked who calls, and it keeps every call whose bytes were no message in memory for
as long as the server runs (1.85): a member could fill it up. Requests are single messages; replies may be streams.
"""

from __future__ import annotations

from typing import Any

import grpc
from google.protobuf.message import DecodeError

from linkage.errors import InputError
from linkage.rpc.around import EachMethod, Handler, behaviour_of, rebuilt
from linkage.rpc.identity import Record, caller_of


class ParseRequests(EachMethod):
    """Hand bytes to the method's own parser; the innermost interceptor, since the others are blind to messages."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def served_as(self, served: Handler, method: str) -> Handler:
        """Parse between identity and the method."""
        inner, parse = behaviour_of(served), served.request_deserializer

        def parsed(body: bytes, context: grpc.ServicerContext) -> Any:  # Any: a reply, or a stream of them.
            return inner(self._parsed(parse, body, method, context), context)

        return rebuilt(served, parsed, parse=None)

    def _parsed(self, parse: Any, body: bytes, method: str, context: grpc.ServicerContext) -> object:
        try:
            return parse(body)
        except DecodeError:
            refusal = InputError("请求不是有效的消息", "the request is no valid message")
            caller = caller_of(context)
            facts = {"party": caller.id, "peer_leaf": caller.peer_leaf.hex(), "method": method}
            self._record("call.failed", {**facts, "error": refusal.code, "reason": refusal.en})
            raise refusal from None
