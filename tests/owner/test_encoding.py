from __future__ import annotations

import hashlib
import itertools
import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from linkage.encode.absences import Absences
from linkage.encode.payload import open_payload, unpack_payload
from linkage.encode.roundkey import RoundKey
from linkage.encode.rows import RowEncoder
from linkage.errors import LimitError, NotFoundError
from linkage.normalise import Person, RawPerson, normalise
from linkage.owner import encoding
from linkage.owner.choice import OwnerRow, OwnerRows
from linkage.owner.encoding import EncodingJob, EncodingStopped, encode_population, shuffled_order
from linkage.owner.spool import spool_place
from linkage.schema import load_schema
from linkage.warrant import PopulationSpec

SCHEMA = load_schema("person-v1")
KEY = RoundKey(bytes(range(32)))
ROUND = "ab" * 16


def job(folder: Path, *, payload: bool = True, anchor: bool = False, max_rows: int = 1000) -> EncodingJob:
    spec = PopulationSpec("dis", "disabled", "disabled", "持证残疾人", payload=payload, anchor=anchor)
    return EncodingJob(
        schema=SCHEMA,
        encoder=RowEncoder(SCHEMA, KEY),
        spec=spec,
        warrant_digest=bytes(32),
        max_rows=max_rows,
        place=spool_place(folder, ROUND, "dis"),
        upload_key=bytes(range(32, 64)) if payload else b"",
    )


def encode(rows: Iterator[OwnerRow], made: EncodingJob, *, as_of: date | None = None, **options: Any) -> Any:
    source = OwnerRows(rows, as_of=as_of)
    return encode_population(source, made, random_bytes=os.urandom, clock=time.monotonic, **options)


def upload_of(made: EncodingJob) -> np.ndarray[Any, Any]:
    return np.frombuffer(made.place.rows.read_bytes(), made.layout.dtype)


def test_every_row_is_uploaded_once_and_its_position_leads_back_to_it(
    kit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "CHUNK_ROWS", 7)
    made = job(tmp_path)
    rows = list(kit.people(50))
    facts = encode(iter(rows), made)

    found, by_ref = upload_of(made), {row.ref: row for row in rows}
    refs = list(made.place.open_map())
    expected = RowEncoder(SCHEMA, KEY).encode([by_ref[ref].person for ref in refs], payload=True)

    assert Counter(refs) == Counter(list(by_ref))
    Absences(SCHEMA, KEY, made.filling).fill(expected)
    assert (found["tokens"] == expected["tokens"]).all() and (found["filter"] == expected["filter"]).all()
    assert [made.place.open_map().ref(p) for p in (0, 17, 49)] == [refs[0], refs[17], refs[49]]
    assert (facts.rows, facts.row_bytes, facts.left_out) == (50, made.layout.row_bytes, 0)
    assert facts.content_digest == hashlib.sha256(made.place.rows.read_bytes()).digest()


def test_payloads_open_at_their_final_position_only(kit: Any, tmp_path: Path) -> None:
    made = job(tmp_path)
    encode(kit.people(20), made)
    found = upload_of(made)

    plain = open_payload(made.upload_key, 5, found[5]["payload"].tobytes(), aad=made.payload_aad)

    assert unpack_payload(plain, SCHEMA.tags).tags == {"DIS12"}
    with pytest.raises(Exception, match="moved"):
        open_payload(made.upload_key, 6, found[5]["payload"].tobytes(), aad=made.payload_aad)


def test_the_order_is_another_one_every_time_and_no_row_is_lost() -> None:
    orders = [shuffled_order(1000, os.urandom) for _ in range(2)]

    assert sorted(orders[0].tolist()) == list(range(1000))
    assert orders[0].tolist() != orders[1].tolist()
    assert sum(int(p) == i for i, p in enumerate(orders[0])) < 20  # About one row stays where it was.


def test_only_anchors_carry_a_scope(kit: Any, tmp_path: Path) -> None:
    encode(kit.people(5), made := job(tmp_path / "a", payload=False))
    encode(kit.people(5), anchors := job(tmp_path / "b", payload=False, anchor=True))

    assert set(upload_of(made)["scope"].tolist()) == {0}
    assert set(upload_of(anchors)["scope"].tolist()) == {1}


def test_rows_are_taken_in_chunks_and_never_collected(
    kit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "CHUNK_ROWS", 10)
    alive = most = 0

    class Tracked(OwnerRow):
        __slots__ = ()

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def source() -> Iterator[OwnerRow]:
        nonlocal alive, most
        for row in kit.people(200):
            alive += 1
            most = max(most, alive)
            yield Tracked(row.ref, row.person, row.context, row.scope, row.payload)

    encode(source(), job(tmp_path))

    assert most <= (encoding.FINISHERS + 4) * 10


def test_nothing_of_a_row_lies_on_disk_in_the_clear(kit: Any, tmp_path: Path) -> None:
    made = job(tmp_path)
    rows = list(kit.people(30))
    encode(iter(rows), made)

    held = b"".join(file.read_bytes() for file in made.place.folder.iterdir())

    assert not [row for row in rows if row.ref in held or row.person.name.encode() in held]
    assert made.place.key.stat().st_mode & 0o777 == 0o600
    assert made.place.folder.stat().st_mode & 0o777 == 0o700


def test_more_rows_than_the_warrant_allows_stop_the_encoding(kit: Any, tmp_path: Path) -> None:
    made = job(tmp_path, max_rows=10)

    with pytest.raises(LimitError, match="10"):
        encode(kit.people(11), made)

    assert not made.place.rows.exists()


def test_rows_that_say_almost_nothing_do_not_spoil_the_upload(kit: Any, tmp_path: Path) -> None:
    bare = normalise(RawPerson(name="张三"), as_of=kit.NOW.date())
    rows = [OwnerRow(b"bare", bare), OwnerRow(b"nobody", Person()), *kit.people(3)]
    made = job(tmp_path, payload=False)
    facts = encode(iter(rows), made)
    low, high = SCHEMA.filter_popcount
    found = upload_of(made)
    ones = np.bitwise_count(found["filter"]).sum(axis=1)

    assert facts.rows + facts.left_out == 5 and b"nobody" not in list(made.place.open_map())
    assert all((low <= n <= high) or (n == 0 and row["flags"] == 0) for n, row in zip(ones, found, strict=True))


def test_an_encoding_that_is_no_longer_wanted_leaves_nothing_behind(kit: Any, tmp_path: Path) -> None:
    answers = itertools.chain([True], itertools.repeat(False))
    made = job(tmp_path)

    with pytest.raises(EncodingStopped):
        encode(kit.people(5), made, is_wanted=lambda: next(answers))

    assert not made.place.rows.exists() and not list(made.place.folder.glob("*.part"))


def test_encoding_again_uses_another_key_and_another_order(kit: Any, tmp_path: Path) -> None:
    made = job(tmp_path, payload=False)
    first = (encode(kit.people(40), made), made.place.key.read_bytes())
    second = (encode(kit.people(40), made), made.place.key.read_bytes())

    assert first[0].content_digest != second[0].content_digest and first[1] != second[1]


def test_a_destroyed_map_cannot_be_opened(kit: Any, tmp_path: Path) -> None:
    made = job(tmp_path)
    encode(kit.people(5), made)
    positions = made.place.open_map()
    assert made.place.drop_map() and not made.place.drop_map()

    for lookup in (made.place.open_map, lambda: positions.ref(0)):
        with pytest.raises(NotFoundError):
            lookup()


def test_a_position_outside_the_upload_is_not_found(kit: Any, tmp_path: Path) -> None:
    made = job(tmp_path)
    encode(kit.people(5), made)

    for position in (-1, 5):
        with pytest.raises(NotFoundError):
            made.place.open_map().ref(position)


def test_an_empty_population_can_be_encoded(tmp_path: Path) -> None:
    made = job(tmp_path)
    facts = encode(iter(()), made)

    assert (facts.rows, made.place.rows.stat().st_size, list(made.place.open_map())) == (0, 0, [])


def test_progress_tells_stages_counts_and_time_left(kit: Any, tmp_path: Path) -> None:
    said: list[Any] = []
    moments = itertools.count(0.0, 2.0)
    made = replace(job(tmp_path))
    encode_population(
        OwnerRows(kit.people(30), 30), made, random_bytes=os.urandom, clock=lambda: next(moments), report=said.append
    )

    assert [p.stage for p in said if p.done == p.total] == ["encode", "encode", "shuffle", "shuffle"]
    assert all(p.seconds_left >= 0 and p.rate > 0 for p in said)


def raw_rows(count: int) -> Iterator[OwnerRow]:
    for i in range(count):
        name = "张某某" if i % 10 == 0 else f"王{chr(0x5000 + i % 900)}"
        yield OwnerRow(f"raw-{i}".encode(), RawPerson(name=name, birth=f"1980-01-{1 + i % 28:02d}"), scope=i % 4)


@pytest.mark.parametrize("bulk_from", [1, 1000])
def test_rows_as_read_are_normalised_and_those_that_name_nobody_are_dropped(
    kit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bulk_from: int
) -> None:
    monkeypatch.setattr(encoding, "CHUNK_ROWS", 7)
    monkeypatch.setattr("linkage.encode.raw_rows.BULK_FROM", bulk_from)
    made = job(tmp_path, payload=False, anchor=True)
    rows = list(raw_rows(40))
    facts = encode(iter(rows), made, as_of=kit.NOW.date())

    refs, by_ref = list(made.place.open_map()), {row.ref: row for row in rows}
    people = [normalise(by_ref[ref].person, as_of=kit.NOW.date()) for ref in refs]  # type: ignore[arg-type]
    expected = RowEncoder(SCHEMA, KEY).encode(people, scopes=[by_ref[ref].scope for ref in refs])
    Absences(SCHEMA, KEY, made.filling).fill(expected)

    assert (facts.rows, facts.left_out) == (36, 0)
    assert upload_of(made).tobytes() == expected.tobytes()


def test_rows_as_read_need_the_registers_day(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="day"):
        encode(raw_rows(3), job(tmp_path))


def test_an_upload_is_filled_up_with_rows_that_lead_to_nobody(kit: Any, tmp_path: Path) -> None:
    made = job(tmp_path)
    source = OwnerRows(iter(kit.people(70)), bucket=25)

    facts = encode_population(source, made, random_bytes=os.urandom, clock=time.monotonic)

    refs = list(made.place.open_map())
    rows = upload_of(made)
    assert (facts.rows, facts.dummies, len(rows)) == (80, 10, 80)
    assert Counter(refs)[b""] == 10 and len(set(refs)) == 71
    for position, ref in enumerate(refs):
        plain = open_payload(made.upload_key, position, rows["payload"][position].tobytes(), aad=made.payload_aad)
        assert unpack_payload(plain, SCHEMA.tags).dummy == (ref == b"")
