"""What a carried file shows, and that its sealed part stays in its place."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest

from linkage.courier.envelope import HEADER_BYTES, KEYS, Arrived, FileWriter, Header, Route, read_header
from linkage.errors import InputError, KeyMaterialError
from linkage.keys.canonical import parse_canonical_json
from linkage.keys.manifest import Party
from linkage.keys.sealing import RecipientKey
from linkage.keys.signing import SigningKey
from linkage.rpc.v1.courier_pb2 import CarriedCall, CarriedRecord

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
SECRET = b"what only the receiver may read " * 100_000  # Two of these fill a segment.


@pytest.fixture(scope="module")
def key() -> RecipientKey:
    return RecipientKey.generate()


def written(file: Path, key: RecipientKey, calls: int = 3, number: int = 1) -> Arrived:
    signing = SigningKey.generate()
    with file.open("wb") as target:
        writer = FileWriter(target, Route("county", "civil", "coordinator", number), key.public)
        for at in range(calls):
            call = CarriedCall(number=at + 1, method="AppendChunk", request=SECRET)
            writer.add(CarriedRecord(call=call), kind="upload", round_id="ab" * 16)
        header = writer.finish(at=NOW, signing=signing)
    sender = Party("civil", "民政局", "agency", signing.verify_key, key.public)
    return Arrived(header, sender, file)


def opened(arrived: Arrived, key: RecipientKey) -> list[CarriedRecord]:
    return list(arrived.records(key, lambda done, total: None))


def segments(body: bytes) -> list[bytes]:
    found, at = [], HEADER_BYTES
    while at < len(body):
        (length,) = struct.unpack_from(">I", body, at)
        found.append(body[at : at + 4 + length])
        at += 4 + length
    return found


def test_records_come_back_in_order_from_several_segments(tmp_path: Path, key: RecipientKey) -> None:
    found = opened(written(tmp_path / "file", key), key)

    assert [record.call.number for record in found] == [1, 2, 3]
    assert len(segments((tmp_path / "file").read_bytes())) == 3


def test_a_file_shows_only_its_header(tmp_path: Path, key: RecipientKey) -> None:
    written(tmp_path / "file", key)
    header, signed = read_header(tmp_path / "file")
    shown = parse_canonical_json(signed.body)

    assert isinstance(shown, dict) and set(shown) == KEYS
    assert (header.rounds, header.kinds, header.date) == (("ab" * 16,), ("upload",), "2026-11-26T08:00:00Z")
    assert SECRET[:16] not in (tmp_path / "file").read_bytes()


def test_no_segment_opens_in_another_place_or_in_another_file(tmp_path: Path, key: RecipientKey) -> None:
    first, second = written(tmp_path / "first", key), written(tmp_path / "second", key, number=2)
    parts = segments(first.file.read_bytes())
    first.file.write_bytes(b" " * HEADER_BYTES + parts[1] + parts[0] + parts[2])
    second.file.write_bytes(b" " * HEADER_BYTES + parts[0])

    for arrived in (first, second):
        with pytest.raises(KeyMaterialError):
            opened(arrived, key)


@pytest.mark.parametrize("body", [b"", b"linkage/v1/courier\n", b"linkage/v1/courier\n" + b" " * HEADER_BYTES])
def test_what_is_no_carried_file_is_told_so(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "file").write_bytes(body)
    with pytest.raises(InputError):
        read_header(tmp_path / "file")


@pytest.mark.parametrize("name", ["张三", "a b", "", "x" * 80])
def test_a_header_names_parties_by_their_ids_only(name: str) -> None:
    body = Header(Route("county", name, "coordinator", 1), (), (), "2026-11-26T08:00:00Z", "ab").to_bytes()
    with pytest.raises(InputError):
        Header.from_bytes(body)
