"""The published vectors, cross-checked by a second, plain implementation written from the format's description.

`tests/vectors/encode-v1.json` fixes tokens and filters of a few persons under fixed keys; anybody who wants to write an
encoder of their own can check it against the file. The plain implementation below shares no code with the product.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from linkage.encode.filters import FilterEncoder
from linkage.encode.roundkey import RoundKey, round_check_value
from linkage.encode.tokens import TokenEncoder
from linkage.schema import load_schema

FILE = Path(__file__).parents[1] / "vectors" / "encode-v1.json"
VECTORS: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
SCHEMA = tomllib.loads(resources.files("linkage").joinpath("schemas", "person-v1.toml").read_text(encoding="utf-8"))


def plain_expand(key: bytes, purpose: str) -> bytes:
    """HKDF-Expand (RFC 5869) to 32 bytes."""
    return hmac.new(key, b"linkage/v1/round\0" + purpose.encode() + b"\x01", hashlib.sha256).digest()


def plain_tokens(key: bytes, parts: dict[str, str]) -> list[str]:
    out = []
    for kind in SCHEMA["token"]:
        values = [parts[p] for p in kind["parts"]]
        message = b"linkage/v1/token/" + kind["tag"].encode() + b"\0" + "\x1f".join(values).encode()
        token = hmac.new(plain_expand(key, "token/" + kind["tag"]), message, hashlib.sha256).digest()[:16]
        whole = all(values) and all(parts[p] for p in kind.get("given", ()))
        out.append(token.hex() if whole else "00" * 16)
    return out


def plain_filter(key: bytes, grams: list[list[str]]) -> str:
    """Set bits one by one in a Python integer, then XOR the permuted copies bit by bit."""
    bits = SCHEMA["filter"]["bits"]
    hashes = {g["id"]: g["hashes"] for g in SCHEMA["gram"]}
    plain = [0] * bits
    filter_key = plain_expand(key, "filter")
    for kind, gram in grams:
        message = b"linkage/v1/gram/" + kind.encode() + b"\0" + gram.encode() + b"\0"
        for n in range(hashes.get(kind, 0)):
            block = hmac.new(filter_key, message + bytes([n // 16]), hashlib.sha256).digest()
            at = n % 16 * 2
            plain[int.from_bytes(block[at : at + 2], "little") % bits] = 1
    mixed = [0] * bits
    for step in range(SCHEMA["filter"]["diffusion"]):
        order_key = plain_expand(key, f"diffusion/{step}")
        words = []
        for i in range(bits):
            message = b"linkage/v1/diffusion\0" + (i // 8).to_bytes(4, "big")
            block = hmac.new(order_key, message, hashlib.sha256).digest()
            words.append((int.from_bytes(block[i % 8 * 4 : i % 8 * 4 + 4], "big"), i))
        for place, (_, source) in enumerate(sorted(words)):
            mixed[place] ^= plain[source]
    return sum(bit << i for i, bit in enumerate(mixed)).to_bytes(bits // 8, "little").hex()


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda c: c["id"])
def test_published_tokens_are_made_by_both_implementations(case: dict[str, Any]) -> None:
    key = bytes.fromhex(VECTORS["round_key"])
    product = TokenEncoder(load_schema("person-v1"), RoundKey(key)).encode(case["parts"])
    assert case["tokens"] == plain_tokens(key, case["parts"])
    assert "".join(case["tokens"]) == product.hex()


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda c: c["id"])
def test_published_filters_are_made_by_both_implementations(case: dict[str, Any]) -> None:
    key = bytes.fromhex(VECTORS["round_key"])
    grams = [(kind, gram) for kind, gram in case["grams"]]
    product = FilterEncoder(load_schema("person-v1"), RoundKey(key)).encode([grams])
    expected = base64.b64decode(case["filter"], validate=True).hex()
    assert expected == plain_filter(key, case["grams"])
    assert expected == product.tobytes().hex()


def test_vectors_belong_to_the_shipped_schema() -> None:
    assert VECTORS["schema_digest"] == load_schema("person-v1").digest


def test_the_check_value_is_the_published_one() -> None:
    key = bytes.fromhex(VECTORS["round_key"])
    expected = hmac.new(plain_expand(key, "check"), b"linkage/v1/round-check", hashlib.sha256).digest()[:8]
    assert VECTORS["round_check_value"] == expected.hex()
    assert expected == round_check_value(RoundKey(key))
