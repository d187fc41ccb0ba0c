"""Sealed payloads: what comes back is what went in, and nothing opens elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.encode.payload import Payload, open_payload, pack_payload, seal_payloads, unpack_payload
from linkage.errors import EncodingError

TAGS = ["DIBAO", "DIS12", "DIS34", "MONITOR_1"]
KEY = bytes(range(32))
months = st.one_of(st.just(""), st.builds(lambda y, m: f"{y:04d}{m:02d}", st.integers(1901, 2100), st.integers(1, 12)))


@given(st.frozensets(st.sampled_from(TAGS)), months, st.integers(0, 255))
def test_a_payload_survives_packing(tags: frozenset[str], since: str, band: int) -> None:
    payload = Payload(tags, since, band)
    assert unpack_payload(pack_payload(payload, TAGS), TAGS) == payload


def test_a_tag_outside_the_schema_is_refused() -> None:
    with pytest.raises(EncodingError):
        pack_payload(Payload(frozenset({"SECRET"})), TAGS)


@pytest.mark.parametrize("plain", [b"", b"1234567", b"123456789"])
def test_a_payload_of_another_length_is_refused(plain: bytes) -> None:
    with pytest.raises(EncodingError):
        unpack_payload(plain, TAGS)


def sealed_rows() -> np.ndarray:
    plain = np.arange(24, dtype=np.uint8).reshape(3, 8)
    return seal_payloads(KEY, plain, first_position=5, aad=b"round")


def test_a_sealed_payload_opens_at_its_own_position() -> None:
    rows = sealed_rows()
    assert rows.shape == (3, 24)
    assert open_payload(KEY, 6, rows[1].tobytes(), aad=b"round") == bytes(range(8, 16))


@pytest.mark.parametrize(
    ("key", "position", "aad", "edit"),
    [
        (KEY, 5, b"round", 0),
        (KEY, 6, b"other", 0),
        (bytes(32), 6, b"round", 0),
        (KEY, 6, b"round", 1),
    ],
)
def test_a_moved_changed_or_foreign_payload_does_not_open(key: bytes, position: int, aad: bytes, edit: int) -> None:
    row = bytearray(sealed_rows()[1].tobytes())
    row[3] ^= edit
    with pytest.raises(EncodingError):
        open_payload(key, position, bytes(row), aad=aad)
