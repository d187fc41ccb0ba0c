"""Leaves in metadata: one of 32 bytes, or none."""

from __future__ import annotations

from typing import Any

import pytest

from linkage.errors import InputError
from linkage.rpc.leaves import LEAF_KEY, leaf_metadata, leaf_of, reply_leaf

LEAF = bytes(range(32))


def test_a_leaf_travels_both_ways(serve: Any) -> None:
    seen: list[bytes] = []

    def echo(request: bytes, context: Any) -> bytes:
        seen.append(leaf_of(context.invocation_metadata()))
        return request

    channel = serve({"UnaryUnary": echo}, reply_leaf(lambda: LEAF[::-1]))
    _, call = channel.unary_unary("/test.Test/UnaryUnary").with_call(b"x", timeout=5, metadata=leaf_metadata(LEAF))

    assert (seen, leaf_of(call.trailing_metadata())) == ([LEAF], LEAF[::-1])


@pytest.mark.parametrize("leaf", [b"", bytes(32)])
def test_an_empty_log_sends_no_leaf(leaf: bytes) -> None:
    assert leaf_metadata(leaf) == ()


@pytest.mark.parametrize(
    "metadata",
    [
        ((LEAF_KEY, b"short"),),
        ((LEAF_KEY, b"x" * 33),),
        ((LEAF_KEY, "text" * 8),),
        ((LEAF_KEY, LEAF), (LEAF_KEY, LEAF)),
    ],
)
def test_anything_else_is_refused(metadata: tuple[tuple[str, str | bytes], ...]) -> None:
    with pytest.raises(InputError):
        leaf_of(metadata)


def test_no_metadata_is_no_leaf() -> None:
    assert leaf_of(None) == b""
