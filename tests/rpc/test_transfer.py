"""Resumable transfer against a coordinator that fails on purpose: the end is the same, whatever broke on the way."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.errors import TransportError, UploadError
from linkage.rpc.backoff import Backoff
from linkage.rpc.fetch import fetch_result_file
from linkage.rpc.upload import UploadFacts, UploadStopped, upload_file
from linkage.rpc.v1 import linkage_pb2 as pb

NO_WAIT = Backoff(attempts=3, first=0.0, longest=0.0)
SIZE = 64 << 10
BREAK = TransportError("断", "broken")


class Unreliable:
    """Keep what it acknowledges; each call breaks before or after its work as the schedule says."""

    def __init__(self, schedule: list[str], content: bytes = b"") -> None:
        self.schedule = schedule
        self.held = bytearray()
        self.content = content
        self.sealed = False
        self.sent: list[int] = []

    def _once(self, act: Callable[[], None]) -> None:
        fault = self.schedule.pop(0) if self.schedule else ""
        if fault == "before":
            raise BREAK
        act()
        if fault == "after":
            raise BREAK

    def _reply(self) -> pb.UploadReply:
        return pb.UploadReply(offset=len(self.held), sealed=self.sealed, chunk_bytes=SIZE)

    def begin_upload(self, request: pb.BeginUploadRequest) -> pb.UploadReply:
        self._once(lambda: None)
        return self._reply()

    def append_chunk(self, request: pb.AppendChunkRequest) -> pb.UploadReply:
        assert request.offset == len(self.held), "sent what was acknowledged already"
        assert hashlib.sha256(request.data).digest() == request.digest
        self.sent.append(len(request.data))
        self._once(lambda: self.held.extend(request.data))
        return self._reply()

    def seal_upload(self, request: pb.SealUploadRequest) -> pb.UploadReply:
        assert hashlib.sha256(self.held).digest() == request.content_digest

        def seal() -> None:
            self.sealed = True

        self._once(seal)
        return self._reply()

    def fetch_result(self, round_id: str, offset: int) -> Iterator[pb.ResultChunk]:
        while offset < len(self.content):
            fault = self.schedule.pop(0) if self.schedule else ""
            data = self.content[offset : offset + 10]
            if fault == "before":
                raise BREAK
            if fault == "damaged":
                yield pb.ResultChunk(offset=offset, data=data, digest=bytes(32))
            if fault == "short":
                return
            yield pb.ResultChunk(offset=offset, data=data, digest=hashlib.sha256(data).digest())
            offset += len(data)


def facts_of(content: bytes) -> UploadFacts:
    digest = hashlib.sha256(content).digest()
    return UploadFacts("r", "p", b"", b"", b"", b"", rows=len(content), row_bytes=1, content_digest=digest)


def never_twice_in_a_row(faults: list[str]) -> list[str]:
    """Return a schedule in which every broken call is followed by sound ones, so that each attempt gets further."""
    return [word for fault in faults for word in (fault, "", "")]


@given(faults=st.lists(st.sampled_from(("", "before", "after")), max_size=12))
def test_any_schedule_of_breaks_ends_in_the_same_upload(
    tmp_path_factory: pytest.TempPathFactory, faults: list[str]
) -> None:
    file = tmp_path_factory.mktemp("upload") / "rows"
    content = bytes(range(256)) * 1500
    file.write_bytes(content)
    server = Unreliable(never_twice_in_a_row(faults))

    reply = upload_file(server, file, facts_of(content), backoff=NO_WAIT)  # type: ignore[arg-type]

    assert reply.sealed and bytes(server.held) == content


def test_a_break_costs_one_chunk_at_most(tmp_path: Path) -> None:
    content = bytes(10 * SIZE)
    (tmp_path / "rows").write_bytes(content)
    server = Unreliable(["", "", "before"])

    upload_file(server, tmp_path / "rows", facts_of(content), backoff=NO_WAIT)  # type: ignore[arg-type]

    assert sum(server.sent) == len(content) + SIZE


def test_an_upload_without_any_progress_gives_up(tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes(b"x")
    server = Unreliable(["before"] * 99)

    with pytest.raises(TransportError):
        upload_file(server, tmp_path / "rows", facts_of(b"x"), backoff=NO_WAIT)  # type: ignore[arg-type]
    assert len(server.schedule) == 99 - NO_WAIT.attempts


def test_a_stopped_upload_says_so(tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes(b"x")
    stop = threading.Event()
    stop.set()

    with pytest.raises(UploadStopped):
        upload_file(Unreliable([]), tmp_path / "rows", facts_of(b"x"), stop=stop)  # type: ignore[arg-type]


def test_a_file_of_another_size_is_not_sent(tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes(b"xy")

    with pytest.raises(UploadError):
        upload_file(Unreliable([]), tmp_path / "rows", facts_of(b"x"))  # type: ignore[arg-type]


def fetch(server: Unreliable, file: Path, *, digest: bytes | None = None) -> None:
    fetch_result_file(
        server,  # type: ignore[arg-type]
        "r",
        file,
        result_digest=digest or hashlib.sha256(server.content).digest(),
        result_bytes=len(server.content),
        backoff=NO_WAIT,
    )


@given(faults=st.lists(st.sampled_from(("", "before", "damaged", "short")), max_size=8))
def test_any_schedule_of_breaks_ends_in_the_same_result(
    tmp_path_factory: pytest.TempPathFactory, faults: list[str]
) -> None:
    file = tmp_path_factory.mktemp("fetch") / "result"
    server = Unreliable(never_twice_in_a_row(faults), bytes(range(95)))

    fetch(server, file)

    assert file.read_bytes() == server.content and not file.with_name("result.part").exists()


def test_a_result_with_another_digest_is_dropped(tmp_path: Path) -> None:
    with pytest.raises(TransportError):
        fetch(Unreliable([], b"content"), tmp_path / "result", digest=bytes(32))

    assert list(tmp_path.iterdir()) == []


def test_an_unreachable_coordinator_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(TransportError):
        fetch(Unreliable(["before"] * 99, b"content"), tmp_path / "result")


def test_a_fetch_goes_on_where_an_earlier_one_stopped(tmp_path: Path) -> None:
    server = Unreliable([], bytes(range(50)))
    (tmp_path / "result.part").write_bytes(server.content[:30])
    asked: list[int] = []
    fetch_result = server.fetch_result

    def counted(round_id: str, offset: int) -> Iterator[pb.ResultChunk]:
        asked.append(offset)
        return fetch_result(round_id, offset)

    server.fetch_result = counted  # type: ignore[method-assign]
    fetch(server, tmp_path / "result")

    assert asked == [30] and (tmp_path / "result").read_bytes() == server.content


def test_waits_grow_up_to_the_longest_and_vary() -> None:
    backoff = Backoff(attempts=5, first=1.0, longest=3.0, chance=lambda: 1.0)

    assert list(backoff.waits()) == [1.0, 2.0, 3.0, 3.0]
    assert Backoff(first=1.0, chance=lambda: 0.0).wait_after(0) == 0.5
