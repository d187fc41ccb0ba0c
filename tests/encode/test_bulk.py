"""The compiled encoder gives the bytes of normalise and RowEncoder, for all rows, orders, chunks and threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.register import AS_OF, Register
from linkage.encode import raw_rows, vocabulary
from linkage.encode.bulk import BulkEncoder
from linkage.encode.filters import FilterEncoder
from linkage.encode.gathering import gather, regions_of
from linkage.encode.golden import golden_persons
from linkage.encode.mixing import diffuse_rows, tile_sources
from linkage.encode.raw_rows import RawChunk, encode_raw
from linkage.encode.roundkey import RoundKey
from linkage.encode.rows import RowEncoder
from linkage.errors import EncodingError
from linkage.normalise import RawPerson, columns, normalise
from linkage.schema import load_schema

SCHEMA = load_schema("person-v1")
KEY = RoundKey(bytes(range(32)))
SIGNS = "张王李某口·.•?*Xx（）()、和等之 0123456789年月岁村镇县组号"
MESSY = st.text(st.one_of(st.characters(), st.sampled_from(SIGNS)), max_size=25)
CHARS = "王李付欧阳司马单曾翟某口之的先生女士小姐一二三人户家全夫妇学同等张伟丽茜乾䶮𫖯"
NAMES = st.text(st.sampled_from(CHARS), max_size=4)
NUMBERS = st.sampled_from(
    ["11010519491231002X", "11010519491231002x", "110105194912310021", "110105491231002", "110105********002X",
     "110105194912310", "99010519491231002X", "1.10105E+17", "٣٣٣٣٣٣٣٣٣٣٣٣٣٣٣٣٣٣", "110105194902300021",
     "110105195003011000", ""]
)  # fmt: skip
BIRTHS = st.sampled_from(
    ["1949-12-31", "19491231", "1949.12.31", "1949/12-31", "1949-12", "1949-13-31", "1900-01-01", "2049-12-31",
     "1994-12-31", "1950-01-25", "农历1949-12-31", "76岁", "１９４９年12月31日", ""]
)  # fmt: skip
WORDS = [
    "湖东省", "棠州市", "县", "区", "三汊", "乡", "镇", "街道", "何集", "村", "社区", "大队", "家", "12", "3", "组",
    "号", "号楼", "单元", "室", "层", "路", "北", "三", "-", "0", "居委会", "嘎查", "省", "场",
]  # fmt: skip
PLACES = st.lists(st.sampled_from(WORDS), max_size=9).map("".join)
PEOPLE = st.builds(
    RawPerson,
    name=st.one_of(NAMES, MESSY),
    id_number=st.one_of(NUMBERS, MESSY),
    sex=st.sampled_from(["男", "女", "", "M", "未知"]),
    birth=st.one_of(BIRTHS, MESSY),
    age=st.sampled_from(["", "76", "虚岁77", "5个月", "约70岁"]),
    address=st.one_of(PLACES, MESSY),
    town=st.sampled_from(["", "三汊乡", "三汊乡何集村", "3"]),
    village=st.sampled_from(["", "何集村", "何集村14组2号"]),
    phone=st.sampled_from(["", "14100000000", "+86 141-0000-0000", "0123", "1410000000\n"]),
    age_on=st.sampled_from([None, date(2020, 5, 5)]),
)


def plain(rows: Sequence[RawPerson], **options: Any) -> np.ndarray[Any, Any]:
    return RowEncoder(SCHEMA, KEY).encode([normalise(row, as_of=AS_OF) for row in rows], **options)


def bulk_bytes(encoder: BulkEncoder, *chunks: Sequence[RawPerson]) -> bytes:
    return b"".join(done.rows.tobytes() for done in encoder.encode(RawChunk(rows) for rows in chunks))


@pytest.fixture(scope="module")
def register() -> list[RawPerson]:
    return list(Register(11).rows(3000))


@pytest.fixture(scope="module")
def expected(register: list[RawPerson]) -> bytes:
    return plain(register).tobytes()


@pytest.fixture(scope="module")
def encoder() -> BulkEncoder:
    return BulkEncoder(SCHEMA, KEY, as_of=AS_OF, threads=1)


def test_a_register_gives_the_plain_encoders_bytes(
    encoder: BulkEncoder, register: list[RawPerson], expected: bytes
) -> None:
    assert bulk_bytes(encoder, register) == expected


@settings(max_examples=150, deadline=None)
@given(st.lists(PEOPLE, min_size=1, max_size=4))
def test_any_cells_give_the_plain_encoders_bytes(encoder: BulkEncoder, rows: list[RawPerson]) -> None:
    assert bulk_bytes(encoder, rows) == plain(rows).tobytes()


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("size", [1, 63, 64, 1000])
def test_chunks_and_threads_do_not_show(register: list[RawPerson], expected: bytes, size: int, threads: int) -> None:
    few = register[:200] if size == 1 else register
    made = BulkEncoder(SCHEMA, KEY, as_of=AS_OF, threads=threads)
    found = bulk_bytes(made, *(few[i : i + size] for i in range(0, len(few), size)))

    assert found == expected[: len(found)] and len(found) == len(few) * SCHEMA.layout(False).row_bytes


def test_rows_follow_their_persons_in_any_order(register: list[RawPerson], expected: bytes) -> None:
    order = np.random.default_rng(1).permutation(len(register))
    made = BulkEncoder(SCHEMA, KEY, as_of=AS_OF, threads=1)
    found = bulk_bytes(made, [register[i] for i in order])

    assert found == np.frombuffer(expected, SCHEMA.layout(False).dtype)[order].tobytes()


def test_forgetting_what_was_remembered_does_not_show(
    register: list[RawPerson], expected: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "MAX_VALUES", 50)
    monkeypatch.setattr(vocabulary, "MAX_SHARED_BYTES", 3000)
    made = BulkEncoder(SCHEMA, KEY, as_of=AS_OF, threads=2)

    assert bulk_bytes(made, *(register[i : i + 100] for i in range(0, 3000, 100))) == expected


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "MAX_VALUES", 100)
    reader = columns.ColumnReader(as_of=AS_OF)
    for i in range(20):
        reader.read([RawPerson(name=f"王·{i}{j}", birth=f"{j}年{i}", address=f"{i}x{j}") for j in range(50)])
        assert reader.remembered <= 8 * 150


def test_contexts_scopes_and_payload_are_as_in_the_plain_encoder(
    encoder: BulkEncoder, register: list[RawPerson]
) -> None:
    rows, contexts, scopes = register[:50], [f"2026刑初{i}号" * (i % 4) for i in range(50)], list(range(50))
    done = next(encoder.encode([RawChunk(rows, contexts, scopes)], payload=True))

    assert done.rows.tobytes() == plain(rows, contexts=contexts, scopes=scopes, payload=True).tobytes()


def test_rows_that_name_nobody_are_marked(encoder: BulkEncoder) -> None:
    rows = [RawPerson(name=n) for n in ("王伟", "王某某", "", "某某公司经营部")] + [RawPerson("", "11010519491231002X")]

    assert next(encoder.encode([RawChunk(rows)])).known.tolist() == [True, False, False, False, True]


def test_houses_of_any_length_stay_in_their_rows(encoder: BulkEncoder) -> None:
    tails = ["1" * n + "号" + "2" * m for n in range(20, 34) for m in (0, 1, 9)] + [
        "李家湾" * n + "7号" for n in range(9)
    ]
    rows = [RawPerson(name="王伟", address="三汊乡何集村" + tail) for tail in tails]

    assert bulk_bytes(encoder, rows) == plain(rows).tobytes()


def test_an_empty_chunk_and_no_chunk_are_encoded(encoder: BulkEncoder) -> None:
    assert [len(done.rows) for done in encoder.encode([RawChunk([])])] == [0]
    assert list(encoder.encode([])) == []


def test_the_golden_persons_are_encoded_alike(encoder: BulkEncoder) -> None:
    # Their parts are checked by every owner before a round; the two encoders must never disagree about them.
    raw = [RawPerson(name=p.name, birth=p.stated_birth.compact(), village=p.village) for p in golden_persons()]

    assert bulk_bytes(encoder, raw) == plain(raw).tobytes()


@pytest.mark.parametrize("wrong", [{"contexts": ["x"]}, {"scopes": [1, 2, 3]}])
def test_a_wrong_number_of_contexts_or_scopes_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(EncodingError):
        RawChunk([RawPerson(), RawPerson()], **wrong)


def test_another_hash_is_refused_in_bulk_and_encoded_row_by_row(
    register: list[RawPerson], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_rows, "BULK_FROM", 1)
    schema = replace(SCHEMA, hash="hmac-sm3")
    with pytest.raises(EncodingError, match="sm3"):
        BulkEncoder(schema, KEY, as_of=AS_OF)

    done = next(encode_raw([RawChunk(register[:5])], RowEncoder(schema, KEY), as_of=AS_OF))
    people = [normalise(row, as_of=AS_OF) for row in register[:5]]
    assert done.rows.tobytes() == RowEncoder(schema, KEY).encode(people).tobytes()


@pytest.mark.parametrize("bulk_from", [1, 10_000])
def test_few_rows_and_many_rows_take_different_ways_to_the_same_bytes(
    register: list[RawPerson], expected: bytes, monkeypatch: pytest.MonkeyPatch, bulk_from: int
) -> None:
    monkeypatch.setattr(raw_rows, "BULK_FROM", bulk_from)
    chunks = (RawChunk(register[i : i + 500]) for i in range(0, 3000, 500))
    done = list(encode_raw(chunks, RowEncoder(SCHEMA, KEY), as_of=AS_OF))

    assert b"".join(chunk.rows.tobytes() for chunk in done) == expected
    assert np.concatenate([chunk.known for chunk in done]).mean() > 0.95


def test_chunks_are_read_a_few_ahead_and_never_collected(register: list[RawPerson]) -> None:
    read = 0

    def chunks() -> Any:
        nonlocal read
        for i in range(0, 3000, 100):
            read += 1
            yield RawChunk(register[i : i + 100])

    made = BulkEncoder(SCHEMA, KEY, as_of=AS_OF, threads=2)
    assert all(read - given <= 3 for given, _ in enumerate(made.encode(chunks()), start=1))


@pytest.mark.parametrize("degree", [0, 1, 5])
def test_tiles_are_diffused_as_rows_are(degree: int) -> None:
    filters = FilterEncoder(replace(SCHEMA, diffusion=degree), KEY)
    rows = np.random.default_rng(degree).integers(0, 256, (130, 128), np.uint8)
    out = np.zeros((130, 130), np.uint8)
    diffuse_rows(rows.view(np.uint64), tile_sources(filters.permutations, 1024), out, 2)

    assert out[:, 2:].tobytes() == filters.diffuse(rows).tobytes()


def test_nothing_shows_a_person_or_a_key(encoder: BulkEncoder, register: list[RawPerson]) -> None:
    chunk = RawChunk(register)
    done = next(encoder.encode([chunk]))
    shown = [chunk, done, encoder, encoder._reader, encoder._vocabulary, encoder._hashing]
    people = encoder._reader.read(register)
    regions = regions_of(people.digits)
    known = encoder._vocabulary.learn(people, regions)

    text = repr([*shown, people, known, gather(people, regions, known)])

    assert not [row for row in register if row.name in text or (row.id_number and row.id_number in text)]
    assert "array" not in text and KEY.derive("filter").hex() not in text
