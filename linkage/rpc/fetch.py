"""Fetch the sealed result into a file; a break anywhere is taken up at the byte after the last verified chunk."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

from linkage.errors import TransportError
from linkage.keys.files import sync_folder
from linkage.rpc.backoff import Backoff
from linkage.rpc.client import LinkageClient
from linkage.rpc.transport import Deferred
from linkage.rpc.upload import Progress, UploadStopped, digest_of_file


def fetch_result_file(
    client: LinkageClient,
    round_id: str,
    file: Path,
    *,
    result_digest: bytes,
    result_bytes: int,
    progress: Progress = lambda done, total: None,
    stop: threading.Event | None = None,
    backoff: Backoff | None = None,
) -> None:
    """Write the result to `file`, durably, and check it against `result_digest`.

    The part received so far is kept beside it as "<name>.part". Raises TransportError when the digest does not fit
    (the part is then dropped) or no progress is made, UploadStopped when `stop` was set.
    """
    stop, backoff, failures = stop or threading.Event(), backoff or Backoff(), 0
    part = file.with_name(file.name + ".part")
    while (held := _size(part)) < result_bytes or not part.exists():
        try:
            _fetch_from(client, round_id, part, total=result_bytes, progress=progress, stop=stop)
        except Deferred:
            raise
        except TransportError:
            failures = failures + 1 if _size(part) <= held else 1
            if failures >= backoff.attempts:
                raise
            if stop.wait(backoff.wait_after(failures - 1)):
                raise UploadStopped from None
    if digest_of_file(part) != result_digest:
        part.unlink()
        raise TransportError("结果摘要不符", "the result does not have the announced digest")
    os.replace(part, file)
    sync_folder(file.parent)


def _fetch_from(
    client: LinkageClient, round_id: str, part: Path, *, total: int, progress: Progress, stop: threading.Event
) -> None:
    with part.open("ab") as target:
        offset = target.tell()
        for chunk in client.fetch_result(round_id, offset):
            if stop.is_set():
                raise UploadStopped
            fits = chunk.offset == offset and offset + len(chunk.data) <= total
            if not fits or hashlib.sha256(chunk.data).digest() != chunk.digest:
                raise TransportError("结果分块不符", "a chunk of the result does not fit")
            target.write(chunk.data)
            offset += len(chunk.data)
            progress(offset, total)
        target.flush()
        os.fsync(target.fileno())
    if offset < total:
        raise TransportError("结果流提前结束", "the result stream ended early")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
