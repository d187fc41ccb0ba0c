"""No text we did not write leaves, over all four kinds of call."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest

from linkage import errors
from linkage.rpc.guard import ERROR_KEY, HINT_KEY, STATUS_OF, guard
from linkage.rpc.leaves import reply_leaf
from linkage.rpc.network import error_from

SECRET = "张三 110101199001011234"
KINDS = ("UnaryUnary", "UnaryStream", "StreamUnary", "StreamStream")


def behaviours(act: Callable[[Any], bytes], *, late: bool = False) -> dict[str, Callable[..., Any]]:
    def single(_: Any, context: Any) -> bytes:
        return act(context)

    def stream(_: Any, context: Any) -> Iterator[bytes]:
        if late:
            yield b"first"
        yield act(context)

    return {"UnaryUnary": single, "StreamUnary": single, "UnaryStream": stream, "StreamStream": stream}


def raising(error: Exception) -> Callable[[Any], bytes]:
    def act(_: Any) -> bytes:
        raise error

    return act


def metadata_of(error: Any) -> dict[str, str | bytes]:
    return dict(error.trailing_metadata())


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_an_unforeseen_errors_text_stays_inside(
    serve: Any, ask: Any, caplog: pytest.LogCaptureFixture, kind: str, late: bool
) -> None:
    channel = serve(behaviours(raising(ValueError(SECRET)), late=late), guard())

    with caplog.at_level(logging.DEBUG), pytest.raises(grpc.RpcError) as caught:
        ask(channel, kind)

    assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.INTERNAL, "internal error")
    assert "ValueError" in caplog.text and SECRET not in caplog.text


@pytest.mark.parametrize("kind", KINDS)
def test_a_domain_errors_own_text_and_code_pass(serve: Any, ask: Any, kind: str) -> None:
    channel = serve(behaviours(raising(errors.UploadError("偏移不对", "wrong offset"))), guard())

    with pytest.raises(grpc.RpcError) as caught:
        ask(channel, kind)

    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert caught.value.details() == "偏移不对 | wrong offset"
    assert metadata_of(caught.value)[ERROR_KEY] == "upload"


@pytest.mark.parametrize("kind", KINDS)
def test_a_deliberate_abort_passes(serve: Any, ask: Any, kind: str) -> None:
    channel = serve(behaviours(lambda context: context.abort(grpc.StatusCode.NOT_FOUND, "on purpose")), guard())

    with pytest.raises(grpc.RpcError) as caught:
        ask(channel, kind)

    assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.NOT_FOUND, "on purpose")


@pytest.mark.parametrize("cls", errors.LinkageError.__subclasses__(), ids=lambda c: c.__name__)
def test_every_domain_error_comes_back_as_itself(cls: type[errors.LinkageError]) -> None:
    status = STATUS_OF[cls]

    back = error_from(status, str(cls("中", "en")), cls.code)

    if status is grpc.StatusCode.UNAVAILABLE:
        assert isinstance(back, errors.TransportError)
    else:
        assert (type(back), back.zh, back.en) == (cls, "中", "en")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (grpc.StatusCode.UNAVAILABLE, errors.TransportError),
        (grpc.StatusCode.DEADLINE_EXCEEDED, errors.TransportError),
        (grpc.StatusCode.CANCELLED, errors.TransportError),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, errors.LimitError),
        (grpc.StatusCode.INTERNAL, errors.LinkageError),
    ],
)
def test_a_status_without_code_still_means_something(
    status: grpc.StatusCode, expected: type[errors.LinkageError]
) -> None:
    assert type(error_from(status, "x", None)) is expected


def test_the_hint_of_an_error_reaches_the_caller(serve: Any, ask: Any) -> None:
    error = errors.LimitError("太多", "too many", hint_zh="分两次做", hint_en="do it in two steps")
    channel = serve(behaviours(raising(error)), guard())

    with pytest.raises(grpc.RpcError) as caught:
        ask(channel, "UnaryUnary")

    said = metadata_of(caught.value)
    back = error_from(grpc.StatusCode.RESOURCE_EXHAUSTED, str(error), said[ERROR_KEY], hint=said[HINT_KEY])
    assert back.lines() == error.lines()


def test_a_long_text_is_cut_so_that_the_metadata_limit_holds(serve: Any, ask: Any) -> None:
    error = errors.InputError("长" * 5000, "long", hint_zh="长" * 5000, hint_en="l" * 5000)
    channel = serve(behaviours(raising(error)), guard(), reply_leaf(lambda: b"l" * 32))

    with pytest.raises(grpc.RpcError) as caught:
        ask(channel, "UnaryUnary")

    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_an_error_carries_the_leaf_beside_its_code(serve: Any, ask: Any) -> None:
    act = raising(errors.InputError("不对", "wrong"))
    channel = serve(behaviours(act), guard(), reply_leaf(lambda: b"l" * 32))

    with pytest.raises(grpc.RpcError) as caught:
        ask(channel, "UnaryUnary")

    found = metadata_of(caught.value)
    assert (found[ERROR_KEY], found["linkage-leaf-bin"]) == ("input", b"l" * 32)
