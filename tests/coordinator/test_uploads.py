"""Uploads: nothing acknowledged is lost, nothing wrong gets in, a mismatch of keys or encoders stops the round."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from linkage.coordinator import spool
from linkage.errors import EncodingError, LimitError, LinkageError, NotFoundError, RoundStateError, UploadError
from linkage.rpc.client import LinkageClient
from linkage.rpc.limits import CHUNK_BYTES
from linkage.rpc.upload import UploadFacts, UploadStopped, upload_file
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.warrant import Limits


def append(client: LinkageClient, facts: UploadFacts, offset: int, data: bytes, digest: bytes = b"") -> pb.UploadReply:
    return client.append_chunk(
        pb.AppendChunkRequest(
            round_id=facts.round_id,
            population=facts.population,
            offset=offset,
            data=data,
            digest=digest or hashlib.sha256(data).digest(),
        )
    )


def seal(client: LinkageClient, facts: UploadFacts) -> pb.UploadReply:
    request = pb.SealUploadRequest(
        round_id=facts.round_id, population=facts.population, content_digest=facts.content_digest
    )
    return client.seal_upload(request)


def begun(rig: Any, rows: Any, count: int = 20, **changes: object) -> tuple[Any, UploadFacts, bytes]:
    """Return civil's client, the facts and the bytes of an upload that has begun."""
    content = rows(list(range(100, 100 + count)))
    facts = rig.facts(rig.consented(), "dibao", content, **changes)
    client = rig.client("civil")
    client.begin_upload(facts.request())
    return client, facts, content.tobytes()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"warrant_digest": bytes(32)}, EncodingError),
        ({"schema_digest": bytes(32)}, EncodingError),
        ({"round_check_value": b"different"[:8]}, EncodingError),
        ({"golden_digest": b"g" * 32}, EncodingError),
    ],
)
def test_another_key_schema_or_encoder_fails_the_round_for_everybody(
    rig: Any, rows: Any, changes: dict[str, Any], error: type[Exception]
) -> None:
    warrant = rig.consented()
    rig.client("civil").begin_upload(rig.facts(warrant, "dibao", rows([1])).request())

    with pytest.raises(error):
        rig.client("disabled").begin_upload(rig.facts(warrant, "dis", rows([1], payload=True), **changes).request())

    status = rig.events("civil", lambda e: e.status.state == pb.FAILED)[-1].status
    assert status.reason_party == "disabled" and "disabled" in status.reason
    if "round_check_value" in changes or "golden_digest" in changes:
        assert "civil" in status.reason
    with pytest.raises(RoundStateError):
        rig.client("civil").begin_upload(rig.facts(warrant, "dibao", rows([1])).request())


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"row_bytes": 7}, UploadError),
        ({"content_digest": b"short"}, UploadError),
        ({"sealed_upload_key": b"unexpected"}, UploadError),
        ({"round_check_value": b"short"}, EncodingError),
        ({"golden_digest": b"short"}, EncodingError),
        ({"population": "dis"}, NotFoundError),
        ({"population": "unknown"}, NotFoundError),
        ({"round_id": "0" * 32}, NotFoundError),
    ],
)
def test_a_malformed_beginning_is_refused_without_harm(
    rig: Any, rows: Any, changes: dict[str, Any], error: type[Exception]
) -> None:
    warrant = rig.consented()
    facts = rig.facts(warrant, "dibao", rows([1]))

    with pytest.raises(error):
        rig.client("civil").begin_upload(replace(facts, **changes).request())
    assert rig.client("civil").begin_upload(facts.request()).offset == 0


@pytest.mark.parametrize(("limits", "count"), [(Limits(1, 1, 2, 10), 3), (Limits(1, 5, 100, 10), 4)])
def test_too_many_or_too_few_rows_fail_the_round(rig: Any, rows: Any, limits: Limits, count: int) -> None:
    warrant = rig.consented(limits=limits)

    with pytest.raises(LimitError):
        rig.client("civil").begin_upload(rig.facts(warrant, "dibao", rows(list(range(count)))).request())
    assert rig.client("civil").get_round(warrant.round_id).state == pb.FAILED


def test_uploads_wait_for_all_consents(rig: Any, rows: Any) -> None:
    warrant = rig.warrant()
    rig.propose(warrant)

    with pytest.raises(RoundStateError):
        rig.client("civil").begin_upload(rig.facts(warrant, "dibao", rows([1])).request())


def test_a_chunk_must_start_where_the_last_one_ended(rig: Any, rows: Any) -> None:
    client, facts, content = begun(rig, rows)

    with pytest.raises(UploadError):
        append(client, facts, 5, content[5:10])
    assert append(client, facts, 0, content[:10]).offset == 10
    assert client.get_upload(facts.round_id, "dibao").offset == 10


def test_a_chunk_held_already_is_taken_again_only_with_its_own_bytes(rig: Any, rows: Any) -> None:
    client, facts, content = begun(rig, rows)
    append(client, facts, 0, content[:10])
    append(client, facts, 10, content[10:20])

    assert append(client, facts, 0, content[:10]).offset == 20
    with pytest.raises(UploadError):
        append(client, facts, 0, bytes(10))


@pytest.mark.parametrize(
    ("data", "digest", "error"),
    [(b"", b"", LimitError), (b"x", bytes(32), UploadError), (b"x" * (1 << 16), b"", UploadError)],
)
def test_an_empty_false_or_overlong_chunk_is_refused(
    rig: Any, rows: Any, data: bytes, digest: bytes, error: type[Exception]
) -> None:
    client, facts, _ = begun(rig, rows)

    with pytest.raises(error):
        append(client, facts, 0, data, digest)
    assert client.get_upload(facts.round_id, "dibao").offset == 0


def test_a_restarted_coordinator_goes_on_at_the_committed_offset(rig: Any, rows: Any) -> None:
    client, facts, content = begun(rig, rows)
    append(client, facts, 0, content[:50])
    # What a crash between writing and committing leaves behind.
    with spool.spool_file(rig.coordinator.unit.folder(facts.round_id), "dibao").open("ab") as file:
        file.write(b"unfinished")
    rig.restart()
    client = rig.client("civil")

    assert client.begin_upload(facts.request()).offset == 50
    append(client, facts, 50, content[50:])
    assert seal(client, facts).sealed


def test_a_lost_spool_file_starts_the_upload_again(rig: Any, rows: Any) -> None:
    client, facts, content = begun(rig, rows)
    append(client, facts, 0, content[:50])
    spool.spool_file(rig.coordinator.unit.folder(facts.round_id), "dibao").write_bytes(b"")

    assert client.begin_upload(facts.request()).offset == 0


def test_other_content_may_replace_an_unsealed_upload_but_not_a_sealed_one(rig: Any, rows: Any) -> None:
    client, facts, content = begun(rig, rows)
    append(client, facts, 0, content[:50])
    other = rows([7, 8])
    changed = replace(facts, rows=2, content_digest=hashlib.sha256(other.tobytes()).digest())

    assert client.begin_upload(changed.request()).offset == 0
    append(client, changed, 0, other.tobytes())
    assert seal(client, changed).sealed
    assert seal(client, changed).sealed  # Again changes nothing.
    with pytest.raises(UploadError):
        client.begin_upload(facts.request())
    with pytest.raises(LinkageError):
        append(client, changed, 0, other.tobytes())


def test_sealing_needs_all_bytes_and_the_announced_digest(rig: Any, rows: Any) -> None:
    client, facts, content = begun(rig, rows)
    append(client, facts, 0, content[:50])

    with pytest.raises(UploadError):
        seal(client, facts)
    with pytest.raises(UploadError):
        seal(client, replace(facts, content_digest=bytes(32)))


def test_content_without_its_digest_must_be_sent_again(rig: Any, rows: Any) -> None:
    client, facts, content = begun(rig, rows, content_digest=hashlib.sha256(b"other").digest())
    append(client, facts, 0, content)

    with pytest.raises(UploadError):
        seal(client, facts)
    assert client.get_upload(facts.round_id, "dibao").offset == 0


@pytest.mark.parametrize("fill", [0, 255])
def test_filters_outside_the_popcount_window_fail_the_round_with_their_count(rig: Any, rows: Any, fill: int) -> None:
    content = rows([1, 2, 3])
    content["filter"][1:] = fill
    facts = rig.facts(rig.consented(), "dibao", content)
    client = rig.client("civil")
    client.begin_upload(facts.request())
    append(client, facts, 0, content.tobytes())

    with pytest.raises(UploadError, match="2 rows"):
        seal(client, facts)
    status = rig.client("disabled").get_round(facts.round_id)
    assert (status.state, status.reason_party) == (pb.FAILED, "civil")


def test_a_row_with_nothing_to_encode_is_not_a_fault(rig: Any, rows: Any, tmp_path: Path) -> None:
    content = rows([1, 2])
    content[1] = np.zeros(1, content.dtype)[0]
    facts = rig.facts(rig.consented(), "dibao", content)
    (tmp_path / "rows").write_bytes(content.tobytes())

    assert upload_file(rig.client("civil"), tmp_path / "rows", facts).sealed


def test_empty_odd_and_repeated_rows_are_counted(rows: Any, schema: Any, tmp_path: Path) -> None:
    content = rows([1, 2, 2, 3, 4])
    content[3] = np.zeros(1, content.dtype)[0]
    content["filter"][4] = 0
    spool.prepare(tmp_path / "round", "p")
    spool.write_chunk(tmp_path / "round", "p", 0, content.tobytes())

    faults = spool.count_faults(tmp_path / "round", "p", schema.layout(False), schema.filter_popcount)

    # The emptied filter has flags, so it is outside the window; it also repeats the blank row's filter.
    assert (faults.outside_window, faults.empty, faults.repeated) == (1, 1, 2)


def test_an_upload_of_many_chunks_survives_restarts_between_them(rig: Any, rows: Any, tmp_path: Path) -> None:
    content = np.tile(rows(list(range(50))), 120)
    assert content.nbytes > 2 * CHUNK_BYTES
    facts = rig.facts(rig.consented(), "dibao", content)
    (tmp_path / "rows").write_bytes(content.tobytes())
    stop = threading.Event()

    def stop_after_one(done: int, total: int) -> None:
        if done:
            stop.set()

    with pytest.raises(UploadStopped):
        upload_file(rig.client("civil"), tmp_path / "rows", facts, progress=stop_after_one, stop=stop)
    rig.restart()

    offsets: list[int] = []
    done = upload_file(rig.client("civil"), tmp_path / "rows", facts, progress=lambda d, t: offsets.append(d))
    assert done.sealed and offsets[0] == CHUNK_BYTES
    assert upload_file(rig.client("civil"), tmp_path / "rows", facts).sealed  # Again changes nothing.


def test_a_population_without_rows_can_be_sealed(rig: Any, rows: Any, tmp_path: Path) -> None:
    facts = rig.facts(rig.consented(limits=Limits(0, 0, 10, 10)), "dibao", rows([]))
    (tmp_path / "rows").write_bytes(b"")

    assert upload_file(rig.client("civil"), tmp_path / "rows", facts).sealed
