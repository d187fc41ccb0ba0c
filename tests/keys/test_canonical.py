from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.errors import InputError
from linkage.keys.canonical import JSON, canonical_json, encode_base64, parse_base64, parse_canonical_json
from linkage.keys.times import parse_utc, utc_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | TEXTS
VALUES = st.recursive(SCALARS, lambda v: st.lists(v, max_size=4) | st.dictionaries(TEXTS, v, max_size=4))


@given(VALUES)
def test_parsing_canonical_bytes_gives_the_value_back(value: JSON) -> None:
    assert parse_canonical_json(canonical_json(value)) == value


def test_keys_are_sorted_and_nothing_is_escaped() -> None:
    assert canonical_json({"乙": 1, "a": ["é", True]}) == '{"a":["é",true],"乙":1}'.encode()


@pytest.mark.parametrize("value", [1.0, {"a": float("nan")}, {1: "a"}, b"x", 2**63, "\ud800", {"a": {"b": [0.5]}}])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(InputError):
        canonical_json(value)  # type: ignore[arg-type]


BAD_BYTES = [
    b"",
    b"{",
    b'{"a": 1}',
    b'{"b":1,"a":2}',
    b'{"a":1,"a":1}',
    b'{"a":1.0}',
    b'{"a":1e3}',
    b'{"a":NaN}',
    b'{"a":-0}',
    b'{"a":9223372036854775808}',
    b'{"a":"\\u4e00"}',
    b'{"a":1}\n',
    b'\xef\xbb\xbf{"a":1}',
    b'{"a":"\xff"}',
    b"[" * 100_000,
    b"1" * 100,
]


@pytest.mark.parametrize("body", BAD_BYTES)
def test_bytes_that_are_not_their_own_canonical_form_are_refused(body: bytes) -> None:
    with pytest.raises(InputError):
        parse_canonical_json(body)


def test_a_cycle_is_refused() -> None:
    cycle: list[object] = []
    cycle.append(cycle)
    with pytest.raises(InputError):
        canonical_json(cycle)  # type: ignore[arg-type]


@given(st.binary())
def test_base64_comes_back(data: bytes) -> None:
    assert parse_base64(encode_base64(data), length=len(data)) == data


@pytest.mark.parametrize("text", ["QQ", "QQ=", "QR==", "QQ==\n", " QQ==", "Q-Q=", "QQ==QQ==", "Ａ===", "="])
def test_malleable_base64_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_base64(text)


def test_base64_of_another_length_is_refused() -> None:
    with pytest.raises(InputError, match="expected 2 bytes, got 1"):
        parse_base64("QQ==", length=2)


@pytest.mark.parametrize(
    "text", ["2026-10-31", "2026-10-31T08:00:00+00:00", "2026-1-31T08:00:00Z", "2026-02-30T08:00:00Z", ""]
)
def test_other_forms_of_time_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_utc(text)


def test_time_comes_back() -> None:
    assert utc_text(parse_utc("2026-10-31T08:00:00Z")) == "2026-10-31T08:00:00Z"
