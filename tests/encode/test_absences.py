"""What fills the places of missing tokens: it looks like tokens, repeats for a row, and equals nothing elsewhere."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.register import AS_OF, Register
from linkage.encode import absences
from linkage.encode.absences import Absences, seed_of
from linkage.encode.roundkey import RoundKey
from linkage.encode.rows import RowEncoder
from linkage.normalise import Person, RawPerson, normalise
from linkage.schema import load_schema

SCHEMA = load_schema("person-v1")
KEY = RoundKey(bytes(range(32)))
Rows = np.ndarray[Any, np.dtype[np.void]]


@pytest.fixture(scope="module")
def bare() -> Rows:
    people = [normalise(raw, as_of=AS_OF) for raw in Register(3).rows(300)]
    return RowEncoder(SCHEMA, KEY).encode([*people, Person()])


def filled(rows: Rows, upload: str = "dis", key: RoundKey = KEY) -> Rows:
    out = rows.copy()
    Absences(SCHEMA, key, upload).fill(out)
    return out


def test_every_row_shows_every_token_and_those_it_had_stay(bare: Rows) -> None:
    found = filled(bare)
    had = bare["tokens"].any(axis=2)

    assert not had.all()
    assert found["tokens"].any(axis=2).all()
    assert (found["tokens"][had] == bare["tokens"][had]).all()
    assert (found["filter"] == bare["filter"]).all()


def test_the_compiled_way_gives_the_same_bytes(bare: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = filled(bare).tobytes()
    monkeypatch.setattr(absences, "BULK_FROM", 1)

    assert filled(bare).tobytes() == expected


def test_the_bytes_are_the_documented_ones(bare: Rows) -> None:
    row, place = np.argwhere(~bare["tokens"].any(axis=2))[0]
    key = hmac.new(bytes(range(32)), b"linkage/v1/round\0absent/dis\x01", hashlib.sha256).digest()
    parts = [bare["filter"][row].tobytes()[at : at + 32] for at in range(0, 128, 32)]
    seed = bytes(a ^ b ^ c ^ d for a, b, c, d in zip(*parts, strict=True))
    whole = hmac.new(key, seed + bytes([place // 2]), hashlib.sha256).digest()

    assert whole[place % 2 * 16 :][:16] == filled(bare)["tokens"][row, place].tobytes()


def test_nothing_depends_on_order_or_chunks(bare: Rows) -> None:
    order = np.random.default_rng(1).permutation(len(bare))
    parts = np.concatenate([filled(bare[order][:7]), filled(bare[order][7:])])

    assert filled(bare)[order].tobytes() == parts.tobytes()


@pytest.mark.parametrize(("upload", "key"), [("parties", KEY), ("dis", RoundKey(bytes(32)))])
def test_nothing_filled_in_recurs_in_another_upload_or_round(bare: Rows, upload: str, key: RoundKey) -> None:
    missing = ~bare["tokens"].any(axis=2)
    one, other = ({t.tobytes() for t in rows["tokens"][missing]} for rows in (filled(bare), filled(bare, upload, key)))

    assert one and not one & other


def test_what_is_filled_in_is_shared_by_equal_filters_only(bare: Rows) -> None:
    missing = ~bare["tokens"].any(axis=2)
    found = filled(bare)
    owners: dict[bytes, set[bytes]] = {}
    for row, place in np.argwhere(missing):
        owners.setdefault(found["tokens"][row, place].tobytes(), set()).add(bare["filter"][row].tobytes())

    assert all(len(filters) == 1 for filters in owners.values())


@pytest.mark.parametrize(("bits", "seed"), [([1], 0b10), ([1, 256], 0b11), ([9, 521], 0), ([1000], 1 << 232)])
def test_every_bit_of_a_filter_counts(bits: list[int], seed: int) -> None:
    plain = np.zeros(1024, np.uint8)
    plain[bits] = 1

    assert seed == int.from_bytes(seed_of(np.packbits(plain, bitorder="little")), "little")


def test_another_hash_fills_too() -> None:
    schema = replace(SCHEMA, hash="hmac-sm3")
    rows = RowEncoder(schema, KEY).encode([normalise(RawPerson("张伟"), as_of=AS_OF)])
    Absences(schema, KEY, "dis").fill(rows)

    assert rows["tokens"].any(axis=2).all()


def test_nothing_shows_the_key() -> None:
    assert repr(Absences(SCHEMA, KEY, "dis")) == "Absences()"
