"""Latin rows in bulk: the bytes of the plain encoder, whatever the chunks, the order, the threads and the cells."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.febrl import fresh_rows
from linkage.encode.latin.bulk import LatinBulkEncoder
from linkage.encode.latin.numbering import KINDS, SIZES, gram_text
from linkage.encode.latin.rows import LatinEncoder
from linkage.encode.roundkey import RoundKey
from linkage.encode.rows import RowEncoder
from linkage.errors import EncodingError
from linkage.normalise.latin import LatinRow
from linkage.schema import load_schema

SCHEMA = load_schema("febrl-v1")
KEY = RoundKey(bytes(range(32)))
PLAIN = LatinEncoder(SCHEMA, KEY)
DATES = [
    "1990-1-2", "02/11/1984", " 1990 . 1.2 ", "1990-13-99", "90-1-2", "1-2-1990-", "1990-01", "1990-1-2-3", "1990t1t2",
]  # fmt: skip
ODD = [
    "", " ", "\t", "\n", "a\tb", "O'Néill", "łódź", "ß", "李", "bananananana", "x" * 300, "-", "aaaaaaaaa", "hwhw",
    "7" * 20,
]  # fmt: skip


def bulk(rows: Sequence[LatinRow], *, size: int = 8192, threads: int = 1) -> bytes:
    encoder = LatinBulkEncoder(SCHEMA, KEY, threads=threads)
    chunks = [rows[i : i + size] for i in range(0, len(rows), size)]
    return b"".join(done.tobytes() for done in encoder.encode(chunks))


@pytest.fixture(scope="module")
def register() -> list[LatinRow]:
    return list(fresh_rows(700, seed=5))


@pytest.fixture(scope="module")
def expected(register: list[LatinRow]) -> bytes:
    return PLAIN.encode(register).tobytes()


@pytest.mark.parametrize(("size", "threads"), [(700, 1), (700, 2), (64, 1), (65, 3), (1, 2)])
def test_chunks_and_threads_change_nothing(register: list[LatinRow], expected: bytes, size: int, threads: int) -> None:
    rows = register[:40] if size == 1 else register

    assert bulk(rows, size=size, threads=threads) == expected[: len(rows) * SCHEMA.layout(False).row_bytes]


def test_the_order_of_rows_changes_their_places_only(register: list[LatinRow]) -> None:
    order = np.random.default_rng(1).permutation(len(register))
    width = SCHEMA.layout(False).row_bytes
    straight = np.frombuffer(bulk(register), np.uint8).reshape(-1, width)

    assert bulk([register[i] for i in order]) == straight[order].tobytes()


CELL = st.one_of(
    st.text(max_size=12),
    st.text(string.ascii_letters + string.digits + " '-", max_size=30),
    st.sampled_from(DATES + ODD),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(LatinRow, *[CELL] * 9), min_size=1, max_size=4))
def test_any_cells_are_encoded_as_row_by_row(rows: list[LatinRow]) -> None:
    assert BULK_ONCE(rows) == PLAIN.encode(rows).tobytes()


class _Once:
    def __init__(self) -> None:
        self._encoder = LatinBulkEncoder(SCHEMA, KEY, threads=1)

    def __call__(self, rows: Sequence[LatinRow]) -> bytes:
        return next(iter(self._encoder.encode([rows]))).tobytes()


BULK_ONCE = _Once()


@pytest.mark.parametrize("cell", DATES + ODD)
def test_difficult_cells_are_encoded_as_row_by_row(cell: str) -> None:
    rows = [LatinRow(**{field: cell}) for field in LatinRow._fields] + [LatinRow(*[cell] * 9)]

    assert BULK_ONCE(rows) == PLAIN.encode(rows).tobytes()


def test_no_rows_become_no_rows() -> None:
    encoder = LatinBulkEncoder(SCHEMA, KEY, threads=1)

    assert [len(done) for done in encoder.encode([[], [LatinRow()]])] == [0, 1]
    assert list(encoder.encode([])) == []


def test_payload_and_no_diffusion_are_encoded_alike(register: list[LatinRow]) -> None:
    bare = replace(SCHEMA, diffusion=0, filter_bits=1024)
    done = next(iter(LatinBulkEncoder(bare, KEY, threads=1).encode([register[:99]], payload=True)))

    assert done.tobytes() == LatinEncoder(bare, KEY).encode(register[:99], payload=True).tobytes()


def test_every_number_of_a_gram_has_a_text_of_its_own() -> None:
    for kind, size in zip(KINDS, SIZES, strict=True):
        assert len({gram_text(KINDS.index(kind), number) for number in range(size)}) == size, kind


@pytest.mark.parametrize("change", [{"hash": "hmac-sm3"}, {"normalisation": "zh-1"}, {"fields": ()}])
def test_a_schema_of_another_kind_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(EncodingError):
        LatinBulkEncoder(replace(SCHEMA, **change), KEY)


def test_the_bytes_stay_what_they_are() -> None:
    # Two owners with different releases must agree; whoever changes these bytes gives the schema a new version.
    rows = [
        LatinRow("Michaela", "Neumann", "1915-11-11", "stanley street", "miami", "winston hills", "4223", "nsw", "8"),
        LatinRow(surname="O'Shannessy", birth="19480930", street_number="12a"),
        LatinRow(),
    ]
    done = PLAIN.encode(rows)

    digest = hashlib.sha256(done.tobytes()).hexdigest()
    assert digest == "d4c0f5af23b1b6f2b9bbe3594f69aff2f3b0ff04d1fe30bd97641d8ad5a6450f"
    assert not done["filter"][2].any() and not done["tokens"][2].any()


def test_persons_are_not_encoded_under_a_schema_for_latin_rows() -> None:
    with pytest.raises(EncodingError):
        RowEncoder(SCHEMA, KEY)


def test_nothing_shows_a_person_or_a_key(register: list[LatinRow]) -> None:
    row = LatinRow("michaela", "neumann", "19151111")
    shown = repr([row, PLAIN, BULK_ONCE._encoder, BULK_ONCE._encoder._table, BULK_ONCE._encoder._tokens])

    assert "neumann" not in shown and "array" not in shown and KEY.derive("filter").hex() not in shown
