"""Let a client call a linkage unit that only files reach: a call waits, and is answered when its file has come back.

A call that was never made is stored and `Deferred`; made again before its answer is here, it is `Deferred` again; made
again afterwards, it gets that answer, once. What streams over the network is not asked for here: the coordinator's
files bring events and results by themselves.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.message import Message

from linkage.errors import LinkageError, TransportError
from linkage.owner.courier.calls import Call, Calls
from linkage.rpc.limits import CONTENT_BYTES
from linkage.rpc.network import ERROR_OF
from linkage.rpc.transport import Deferred
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.rpc.v1.courier_pb2 import CarriedReply, CarriedResult

METHODS = pb.DESCRIPTOR.services_by_name["LinkageUnit"].methods_by_name
UPLOAD = "BeginUpload"  # Stands for the whole upload: its rows are put into the file when that is written.


class CourierTransport:
    """Keep calls in `calls`, and the results that files have brought in the folder `results`."""

    def __init__(self, calls: Calls, results: Path) -> None:
        self._calls = calls
        self._results = results

    def close(self) -> None:
        return

    def is_under_way(self, method: str, request: Message) -> bool:
        return self._find(method, request) is not None

    def call(self, method: str, request: Message, seconds: float) -> object:
        if isinstance(request, pb.GetRoundRequest):
            return self._round(request.round_id)
        found = self._find(method, request)
        if found is None:
            self._calls.add(method, request)
            raise _deferred()
        reply = found.reply
        if reply is None:
            raise _deferred()
        self._calls.drop([found.number])
        if reply.error:
            raise _error(reply)
        if isinstance(request, pb.AcceptResultRequest):
            with contextlib.suppress(FileNotFoundError):
                self._file(request.round_id).unlink()
        name = "UploadReply" if method == UPLOAD else METHODS[method].output_type.name
        return getattr(pb, name).FromString(reply.reply)

    def stream(self, method: str, request: Message, seconds: float) -> Iterator[object]:
        if not isinstance(request, pb.FetchResultRequest):
            raise TransportError("这种调用不能用文件传递", "this call does not travel in files")
        file, offset = self._file(request.round_id), int(request.offset)
        if not file.exists():
            raise _deferred()
        with file.open("rb") as source:
            source.seek(offset)
            while data := source.read(CONTENT_BYTES):
                yield pb.ResultChunk(offset=offset, data=data, digest=hashlib.sha256(data).digest())
                offset += len(data)

    def keep_result(self, result: CarriedResult) -> None:
        """Write a piece of a result to its place. Raises TransportError when it does not have its digest."""
        chunk = result.chunk
        if hashlib.sha256(chunk.data).digest() != chunk.digest:
            raise TransportError("结果分块不符", "a chunk of the result does not fit")
        descriptor = os.open(self._file(result.round_id), os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "rb+") as target:
            target.truncate(chunk.offset)
            target.seek(chunk.offset)
            target.write(chunk.data)

    def _file(self, round_id: str) -> Path:
        return self._results / f"{round_id}.carried"

    def _find(self, method: str, request: Message) -> Call | None:
        return self._calls.find(method, request.SerializeToString(deterministic=True))

    def _round(self, round_id: str) -> pb.RoundReply:
        status = self._calls.status(round_id)
        if status is None:
            raise _deferred()
        return pb.RoundReply(status=status)


def _error(reply: CarriedReply) -> LinkageError:
    return ERROR_OF.get(reply.error, LinkageError)(reply.zh, reply.en, hint_zh=reply.hint_zh, hint_en=reply.hint_en)


def _deferred() -> Deferred:
    return Deferred("等待文件往返", "waiting for a file to be carried there and back")
