"""Tell of every call its method, how it ended and how long it took; never who called."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import grpc

from linkage.rpc.around import AroundCalls


class Observer(Protocol):
    """Who is told: method, status code's name, seconds."""

    def begun(self, method: str) -> None: ...

    def answered(self, method: str, code: str, seconds: float) -> None: ...


def observe(observer: Observer, monotonic: Callable[[], float] = time.monotonic) -> AroundCalls:
    """Return the interceptor to put outermost, so that the codes are those the callers see."""

    @contextmanager
    def observed(method: str, context: grpc.ServicerContext) -> Iterator[grpc.ServicerContext]:
        began = monotonic()
        observer.begun(method)
        try:
            yield context
        finally:
            observer.answered(method, _code(context), monotonic() - began)

    return AroundCalls(observed)


def _code(context: grpc.ServicerContext) -> str:
    code = context.code()  # type: ignore[attr-defined]  # grpc-stubs leaves it out.
    if isinstance(code, grpc.StatusCode):
        return code.name
    return "OK" if context.is_active() else "CANCELLED"
