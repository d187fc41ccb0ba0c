"""Let no exception text leave by accident: map domain errors to status codes, everything else to a bare INTERNAL.

By default gRPC Python sends the text of any exception to the caller and logs the traceback; either could quote a
record. Here a LinkageError's own text passes (it never holds a personal value), anything else becomes
"internal error" and only the exception's type is logged.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import grpc

from linkage import errors
from linkage.rpc.around import AroundCalls
from linkage.rpc.leaves import Metadata
from linkage.rpc.limits import MAX_DEADLINE_SECONDS

ERROR_KEY = "linkage-error"
HINT_KEY = "linkage-hint-bin"  # What to do next, UTF-8: Chinese, a line feed, English.
MAX_TEXT = 600  # Characters; percent-encoded Chinese must stay below the metadata limit.
MAX_HINT = 200  # Characters of each language.
log = logging.getLogger(__name__)

STATUS_OF: Mapping[type[errors.LinkageError], grpc.StatusCode] = {
    errors.InputError: grpc.StatusCode.INVALID_ARGUMENT,
    errors.ConfigError: grpc.StatusCode.FAILED_PRECONDITION,
    errors.KeyMaterialError: grpc.StatusCode.FAILED_PRECONDITION,
    errors.SignatureError: grpc.StatusCode.INVALID_ARGUMENT,
    errors.WarrantError: grpc.StatusCode.INVALID_ARGUMENT,
    errors.PolicyRefusal: grpc.StatusCode.FAILED_PRECONDITION,
    errors.RoundStateError: grpc.StatusCode.FAILED_PRECONDITION,
    errors.UploadError: grpc.StatusCode.FAILED_PRECONDITION,
    errors.EncodingError: grpc.StatusCode.FAILED_PRECONDITION,
    errors.AuditError: grpc.StatusCode.FAILED_PRECONDITION,
    errors.PermissionRefused: grpc.StatusCode.PERMISSION_DENIED,
    errors.NotFoundError: grpc.StatusCode.NOT_FOUND,
    errors.LimitError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.TransportError: grpc.StatusCode.UNAVAILABLE,
}


def guard() -> AroundCalls:
    """Return the outermost interceptor: errors become status codes, without text we did not write."""
    return AroundCalls(_guarded)


def deadline() -> AroundCalls:
    """Return the interceptor that refuses calls without a deadline, or with one beyond MAX_DEADLINE_SECONDS."""
    return AroundCalls(_with_deadline)


@contextmanager
def _guarded(method: str, context: grpc.ServicerContext) -> Iterator[grpc.ServicerContext]:
    try:
        yield context
    except errors.LinkageError as exc:
        _abort(context, STATUS_OF.get(type(exc), grpc.StatusCode.INTERNAL), exc)
    except Exception as exc:
        if context.code() is not None:  # type: ignore[attr-defined]  # The call was ended on purpose further in.
            raise
        log.error("unhandled %s in %s", type(exc).__name__, method)  # Never the text: it may quote a record.
        context.abort(grpc.StatusCode.INTERNAL, "internal error")


def _abort(context: grpc.ServicerContext, status: grpc.StatusCode, exc: errors.LinkageError) -> None:
    already = tuple(context.trailing_metadata() or ())
    context.set_trailing_metadata((*already, (ERROR_KEY, exc.code), *_hint_metadata(exc)))
    context.abort(status, str(exc)[:MAX_TEXT])


def _hint_metadata(exc: errors.LinkageError) -> Metadata:
    if not (exc.hint_zh or exc.hint_en):
        return ()
    return ((HINT_KEY, f"{exc.hint_zh[:MAX_HINT]}\n{exc.hint_en[:MAX_HINT]}".encode()),)


@contextmanager
def _with_deadline(method: str, context: grpc.ServicerContext) -> Iterator[grpc.ServicerContext]:
    remaining = context.time_remaining()
    if remaining is None or remaining > MAX_DEADLINE_SECONDS:
        raise errors.LimitError(
            f"调用 {method} 必须带期限，最长 {MAX_DEADLINE_SECONDS:.0f} 秒",
            f"call {method} needs a deadline of at most {MAX_DEADLINE_SECONDS:.0f} seconds",
        )
    yield context
