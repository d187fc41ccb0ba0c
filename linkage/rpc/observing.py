"""Tell of every call its method, how it ended and how long it took; never who called."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import grpc

from linkage.rpc.around import AroundCalls

Observe = Callable[[str, str, float], object]  # Method, status code's name, seconds.


def observe(told: Observe, monotonic: Callable[[], float] = time.monotonic) -> AroundCalls:
    """Return the interceptor to put outermost, so that the codes are those the callers see."""

    @contextmanager
    def observed(method: str, context: grpc.ServicerContext) -> Iterator[grpc.ServicerContext]:
        began = monotonic()
        try:
            yield context
        finally:
            told(method, _code(context), monotonic() - began)

    return AroundCalls(observed)


def _code(context: grpc.ServicerContext) -> str:
    code = context.code()  # type: ignore[attr-defined]  # grpc-stubs leaves it out.
    if isinstance(code, grpc.StatusCode):
        return code.name
    return "OK" if context.is_active() else "CANCELLED"
