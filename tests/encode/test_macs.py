"""HMAC-SM3 is the standard's own, and a schema that names it encodes and links like any other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.encode.macs import mac_of
from linkage.encode.roundkey import RoundKey
from linkage.encode.rows import RowEncoder
from linkage.encoded import Grade, population_from_rows
from linkage.errors import ConfigError, EncodingError
from linkage.match import link
from linkage.normalise import RawPerson, normalise
from linkage.schema import load_schema, parse_schema

WORD = 0xFFFFFFFF
START = bytes.fromhex("7380166f4914b2b9172442d7da8a0600a96f30bc163138aae38dee4db0fb0e4e")
PEOPLE = [
    RawPerson("欧阳秋兰", "11010519491231002X", "女", "1949-12-31", address="三汊乡何集村14组21号"),
    RawPerson("张伟", "", "男", "1985-07-02", address="青塘镇袁寨社区3号楼2单元402室"),
    RawPerson("赵铁柱", "", "男", "1955-01-30", address="白石镇朱岗村1组24号"),
]


def turn(word: int, by: int) -> int:
    by %= 32
    return (word << by | word >> (32 - by)) & WORD


def plain_sm3(message: bytes) -> bytes:
    """GB/T 32905-2016, section 5, word by word: slow, and written apart from any library."""
    padded = message + b"\x80" + bytes(-(len(message) + 9) % 64) + (8 * len(message)).to_bytes(8, "big")
    state = [int.from_bytes(START[i : i + 4], "big") for i in range(0, 32, 4)]
    for at in range(0, len(padded), 64):
        state = [a ^ b for a, b in zip(state, compressed(state, padded[at : at + 64]), strict=True)]
    return b"".join(word.to_bytes(4, "big") for word in state)


def compressed(state: list[int], block: bytes) -> list[int]:
    w = [int.from_bytes(block[i : i + 4], "big") for i in range(0, 64, 4)]
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ turn(w[j - 3], 15)
        w.append(x ^ turn(x, 15) ^ turn(x, 23) ^ turn(w[j - 13], 7) ^ w[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        constant = 0x79CC4519 if j < 16 else 0x7A879D8A
        one = turn((turn(a, 12) + e + turn(constant, j)) & WORD, 7)
        two = one ^ turn(a, 12)
        ff = a ^ b ^ c if j < 16 else a & b | a & c | b & c
        gg = e ^ f ^ g if j < 16 else e & f | ~e & WORD & g
        left, right = (ff + d + two + (w[j] ^ w[j + 4])) & WORD, (gg + h + one + w[j]) & WORD
        a, b, c, d, e, f, g, h = left, a, turn(b, 9), c, right ^ turn(right, 9) ^ turn(right, 17), e, turn(f, 19), g
    return [a, b, c, d, e, f, g, h]


HASHES: dict[str, Callable[[bytes], bytes]] = {
    "hmac-sha256": lambda message: hashlib.sha256(message).digest(),
    "hmac-sm3": plain_sm3,
}


def plain_hmac(key: bytes, message: bytes, digest: Callable[[bytes], bytes]) -> bytes:
    """RFC 2104 written out for a block of 64 bytes."""
    block = (digest(key) if len(key) > 64 else key).ljust(64, b"\0")
    inner = digest(bytes(b ^ 0x36 for b in block) + message)
    return digest(bytes(b ^ 0x5C for b in block) + inner)


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_our_plain_sm3_gives_the_digests_of_the_standards_appendix(message: bytes, digest: str) -> None:
    assert plain_sm3(message).hex() == digest


@pytest.mark.parametrize("name", list(HASHES))
@settings(max_examples=30)
@given(key=st.binary(max_size=130), message=st.binary(max_size=150))
def test_a_mac_is_rfc_2104_over_its_hash(name: str, key: bytes, message: bytes) -> None:
    assert mac_of(name)(key, message) == plain_hmac(key, message, HASHES[name])


def test_an_unknown_hash_is_refused() -> None:
    with pytest.raises(EncodingError):
        mac_of("hmac-md5")
    with pytest.raises(ConfigError):
        parse_schema(schema_text("hmac-md5"))


def schema_text(name: str) -> str:
    text = resources.files("linkage").joinpath("schemas", "person-v1.toml").read_text("utf-8")
    assert text.count('"hmac-sha256"') == 1
    return text.replace('"hmac-sha256"', f'"{name}"')


def test_a_schema_with_hmac_sm3_encodes_and_links_and_is_another_schema() -> None:
    first, other = load_schema("person-v1"), parse_schema(schema_text("hmac-sm3"))
    key = RoundKey(bytes(range(32)))
    persons = [normalise(p, as_of=date(2026, 10, 31)) for p in PEOPLE]
    rows, before = RowEncoder(other, key).encode(persons), RowEncoder(first, key).encode(persons)

    links = link(population_from_rows(rows), population_from_rows(rows[::-1]), other, need_context=False, wide=False)

    found = dict(zip(links.anchor.tolist(), zip(links.other.tolist(), links.grade.tolist(), strict=True), strict=True))
    assert found == {0: (2, Grade.A), 1: (1, Grade.C), 2: (0, Grade.C)}
    assert other.digest != first.digest
    assert not {t.tobytes() for t in rows["tokens"].reshape(-1, 16) if t.any()} & {
        t.tobytes() for t in before["tokens"].reshape(-1, 16)
    }
    assert (rows["filter"] != before["filter"]).any(axis=1).all()
