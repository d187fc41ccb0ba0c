"""Send one population's rows so that a break anywhere loses at most one chunk (tus 1.0 ported to gRPC).

begin → offset → append at the offset, each chunk with its SHA-256 → seal by the digest of the whole. After a lost
connection the coordinator is asked what it holds; what it acknowledged is never sent twice.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from linkage.errors import TransportError, UploadError
from linkage.rpc.backoff import Backoff
from linkage.rpc.client import LinkageClient
from linkage.rpc.limits import CHUNK_BYTES, CONTENT_BYTES
from linkage.rpc.transport import Deferred
from linkage.rpc.v1 import linkage_pb2 as pb

MIN_CHUNK = 64 << 10
Progress = Callable[[int, int], object]  # Bytes the coordinator holds durably, bytes in all.


class UploadStopped(Exception):
    """The caller's event was set; the upload can be taken up again later."""


@dataclass(frozen=True, slots=True)
class UploadFacts:
    """What BeginUpload states about a file of rows. Digests and values in bytes, see the .proto."""

    round_id: str
    population: str
    warrant_digest: bytes
    schema_digest: bytes
    round_check_value: bytes
    golden_digest: bytes
    rows: int
    row_bytes: int
    content_digest: bytes
    sealed_upload_key: bytes = b""

    @property
    def total(self) -> int:
        return self.rows * self.row_bytes

    def request(self) -> pb.BeginUploadRequest:
        return pb.BeginUploadRequest(
            round_id=self.round_id,
            population=self.population,
            warrant_digest=self.warrant_digest,
            schema_digest=self.schema_digest,
            round_check_value=self.round_check_value,
            golden_digest=self.golden_digest,
            rows=self.rows,
            row_bytes=self.row_bytes,
            content_digest=self.content_digest,
            sealed_upload_key=self.sealed_upload_key,
        )


def digest_of_file(file: Path) -> bytes:
    """Return the SHA-256 of a file, reading it in pieces."""
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").digest()


def upload_file(
    client: LinkageClient,
    file: Path,
    facts: UploadFacts,
    *,
    progress: Progress = lambda done, total: None,
    stop: threading.Event | None = None,
    backoff: Backoff | None = None,
) -> pb.UploadReply:
    """Upload and seal. Returns the final reply; calling it again after success changes nothing.

    Raises UploadError when the file is not what `facts` say, UploadStopped when `stop` was set, TransportError after
    the back-off's attempts without any progress, and whatever the coordinator refuses with.
    """
    if file.stat().st_size != facts.total:
        raise UploadError("上传文件大小与声明不符", "the file's size is not what was announced")
    stop, backoff, failures, held = stop or threading.Event(), backoff or Backoff(), 0, -1
    while True:
        try:
            reply = client.begin_upload(facts.request())
            failures = 0 if reply.offset > held else failures
            held = int(reply.offset)
            return reply if reply.sealed else _send(client, file, facts, reply=reply, progress=progress, stop=stop)
        except Deferred:
            raise
        except TransportError:
            failures += 1
            if failures >= backoff.attempts:
                raise
            if stop.wait(backoff.wait_after(failures - 1)):
                raise UploadStopped from None


def _send(
    client: LinkageClient,
    file: Path,
    facts: UploadFacts,
    *,
    reply: pb.UploadReply,
    progress: Progress,
    stop: threading.Event,
) -> pb.UploadReply:
    offset = int(reply.offset)
    size = max(MIN_CHUNK, min(CONTENT_BYTES, int(reply.chunk_bytes) or CHUNK_BYTES))
    with file.open("rb") as source:
        source.seek(offset)
        progress(offset, facts.total)
        while offset < facts.total:
            if stop.is_set():
                raise UploadStopped
            data = source.read(size)
            request = pb.AppendChunkRequest(
                round_id=facts.round_id,
                population=facts.population,
                offset=offset,
                data=data,
                digest=hashlib.sha256(data).digest(),
            )
            held = int(client.append_chunk(request).offset)
            if held != offset + len(data):
                raise TransportError("链接单元回报的进度不对", "the coordinator holds another amount than was sent")
            offset = held
            progress(offset, facts.total)
    sealing = pb.SealUploadRequest(
        round_id=facts.round_id, population=facts.population, content_digest=facts.content_digest
    )
    return client.seal_upload(sealing)
