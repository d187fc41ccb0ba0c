"""Put a context manager around every call of all four kinds, streams included (their bodies run late)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

import grpc

Around = Callable[[str, grpc.ServicerContext], AbstractContextManager[grpc.ServicerContext]]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"  # Any: the interceptor is blind to message types.
Behaviour = Callable[[Any, grpc.ServicerContext], Any]
MAKERS: dict[tuple[bool, bool], Callable[..., Handler]] = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}


def behaviour_of(served: Handler) -> Behaviour:
    """Return what a handler does with a request."""
    found = (served.unary_unary, served.unary_stream, served.stream_unary, served.stream_stream)
    return next(behaviour for behaviour in found if behaviour is not None)


def rebuilt(served: Handler, behaviour: Behaviour, *, parse: Callable[[bytes], Any] | None) -> Handler:
    """Return the handler with another behaviour; without `parse` it is given the request's bytes."""
    kind = (bool(served.request_streaming), bool(served.response_streaming))
    return MAKERS[kind](behaviour, request_deserializer=parse, response_serializer=served.response_serializer)


class EachMethod(grpc.ServerInterceptor):  # type: ignore[type-arg]
    """Intercept every method that is served: `served_as` says with what."""

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Handler | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        served = continuation(handler_call_details)
        method = str(handler_call_details.method).rsplit("/", 1)[-1]
        return None if served is None else self.served_as(served, method)

    def served_as(self, served: Handler, method: str) -> Handler:
        """Return the handler to serve a method with."""
        raise NotImplementedError


class AroundCalls(EachMethod):
    """Intercept every method: enter `around(method name, context)`, then serve with the context it yields."""

    def __init__(self, around: Around) -> None:
        self._around = around

    def served_as(self, served: Handler, method: str) -> Handler:
        """Wrap what the handler does, a stream's late part included."""
        inner = behaviour_of(served)
        wrapped = self._stream(method, inner) if served.response_streaming else self._single(method, inner)
        return rebuilt(served, wrapped, parse=served.request_deserializer)

    def _single(self, method: str, inner: Behaviour) -> Behaviour:
        def single(request: object, context: grpc.ServicerContext) -> object:
            with self._around(method, context) as known:
                return inner(request, known)

        return single

    def _stream(self, method: str, inner: Behaviour) -> Behaviour:
        def stream(request: object, context: grpc.ServicerContext) -> Iterator[object]:
            with self._around(method, context) as known:
                yield from inner(request, known)

        return stream
