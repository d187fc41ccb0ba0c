"""A party's side of the wire: one typed method per call, each with a deadline, leaf exchange and error mapping.

All calls are idempotent by design (same request, same answer), so UNAVAILABLE is retried with back-off everywhere.
Errors come back as the LinkageError they were at the coordinator, by the trailing metadata `linkage-error`, with their
hint in `linkage-hint-bin`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import TypeVar, cast

import grpc

from linkage import errors
from linkage.keys.store import PartyKeys
from linkage.rpc.backoff import Backoff
from linkage.rpc.guard import ERROR_KEY, HINT_KEY
from linkage.rpc.leaves import Metadata, leaf_metadata, leaf_of
from linkage.rpc.limits import (
    CALL_SECONDS,
    FETCH_SECONDS,
    SEAL_SECONDS,
    WATCH_SECONDS,
)
from linkage.rpc.pinned import PinnedChannel
from linkage.rpc.v1 import linkage_pb2 as pb

T = TypeVar("T")
ERROR_OF = {cls.code: cls for cls in errors.LinkageError.__subclasses__()}
TRANSIENT = frozenset({grpc.StatusCode.UNAVAILABLE})
Seen = Callable[[str, bytes], object]  # Method and the coordinator's leaf; called after every reply that has one.


def connect(
    endpoint: str,
    keys: PartyKeys,
    *,
    last_leaf: Callable[[], bytes],
    seen: Seen = lambda method, leaf: None,
    backoff: Backoff | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> LinkageClient:
    """Return a client of the coordinator at "host:port". Nothing is sent yet; the first call connects."""
    channel = PinnedChannel(endpoint, keys, clock=clock)
    return LinkageClient(channel, last_leaf=last_leaf, seen=seen, backoff=backoff or Backoff())


class LinkageClient:
    """Call the linkage unit; safe for threads."""

    def __init__(self, channel: PinnedChannel, *, last_leaf: Callable[[], bytes], seen: Seen, backoff: Backoff) -> None:
        self._channel = channel
        self._last_leaf = last_leaf
        self._seen = seen
        self._backoff = backoff

    def close(self) -> None:
        self._channel.close()

    def __enter__(self) -> LinkageClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def check(self) -> pb.CheckReply:
        return self._call("Check", pb.CheckRequest(), pb.CheckReply)

    def propose_round(self, envelope: bytes) -> pb.RoundStatus:
        """Hand in a signed warrant (`Signed.to_json()`)."""
        request = pb.ProposeRoundRequest(warrant=pb.SignedDocument(envelope=envelope))
        return self._call("ProposeRound", request, pb.RoundReply).status

    def decide_round(self, round_id: str, envelope: bytes) -> pb.RoundStatus:
        """Hand in a signed decision."""
        request = pb.DecideRoundRequest(round_id=round_id, decision=pb.SignedDocument(envelope=envelope))
        return self._call("DecideRound", request, pb.RoundReply).status

    def cancel_round(self, round_id: str, reason: str) -> pb.RoundStatus:
        return self._call("CancelRound", pb.CancelRoundRequest(round_id=round_id, reason=reason), pb.RoundReply).status

    def get_round(self, round_id: str) -> pb.RoundStatus:
        return self._call("GetRound", pb.GetRoundRequest(round_id=round_id), pb.RoundReply).status

    def begin_upload(self, request: pb.BeginUploadRequest) -> pb.UploadReply:
        return self._call("BeginUpload", request, pb.UploadReply)

    def get_upload(self, round_id: str, population: str) -> pb.UploadReply:
        return self._call("GetUpload", pb.GetUploadRequest(round_id=round_id, population=population), pb.UploadReply)

    def append_chunk(self, request: pb.AppendChunkRequest) -> pb.UploadReply:
        """Append one chunk. Not retried here: after a break the uploader asks the offset first."""
        return self._once("AppendChunk", request, pb.UploadReply, CALL_SECONDS)

    def seal_upload(self, request: pb.SealUploadRequest) -> pb.UploadReply:
        return self._call("SealUpload", request, pb.UploadReply, seconds=SEAL_SECONDS)

    def accept_result(self, round_id: str, result_digest: bytes) -> pb.RoundStatus:
        request = pb.AcceptResultRequest(round_id=round_id, result_digest=result_digest)
        return self._call("AcceptResult", request, pb.RoundReply).status

    def state_deletion(self, round_id: str, envelope: bytes) -> pb.RoundStatus:
        """Hand in a signed deletion statement."""
        request = pb.StateDeletionRequest(round_id=round_id, statement=pb.SignedDocument(envelope=envelope))
        return self._call("StateDeletion", request, pb.RoundReply).status

    def request_release(self, relay: pb.Relay) -> int:
        return int(self._call("RequestRelease", relay, pb.RelayReply).sequence)

    def answer_release(self, relay: pb.Relay) -> int:
        return int(self._call("AnswerRelease", relay, pb.RelayReply).sequence)

    def send_referral(self, relay: pb.Relay) -> int:
        return int(self._call("SendReferral", relay, pb.RelayReply).sequence)

    def update_referral(self, relay: pb.Relay) -> int:
        return int(self._call("UpdateReferral", relay, pb.RelayReply).sequence)

    def exchange_checkpoint(self, request: pb.CheckpointRequest) -> pb.CheckpointReply:
        return self._call("ExchangeCheckpoint", request, pb.CheckpointReply)

    def witness_checkpoints(self, request: pb.WitnessRequest) -> pb.WitnessReply:
        return self._call("WitnessCheckpoints", request, pb.WitnessReply)

    def fetch_result(self, round_id: str, offset: int) -> Iterator[pb.ResultChunk]:
        """Stream the sealed result from `offset`, once: `fetch.fetch_result_file` resumes."""
        request = pb.FetchResultRequest(round_id=round_id, offset=offset)
        yield from self._stream("FetchResult", request, pb.ResultChunk, FETCH_SECONDS)

    def watch_once(self, after_sequence: int, *, seconds: float = WATCH_SECONDS) -> Iterator[pb.Event]:
        """Stream events until the coordinator ends the stream or it breaks (TransportError)."""
        for event in self._stream("Watch", pb.WatchRequest(after_sequence=after_sequence), pb.Event, seconds):
            self._note("Watch", leaf_metadata(event.leaf))
            yield event

    def watch(self, after_sequence: int, stop: threading.Event) -> Iterator[pb.Event]:
        """Stream events for ever, reconnecting after the last one yielded, until `stop` is set.

        An event is taken as handled when the next one is asked for. Errors other than a lost connection are raised.
        """
        failures = 0
        while not stop.is_set():
            try:
                for event in self.watch_once(after_sequence):
                    failures = 0
                    yield event
                    after_sequence = event.sequence
                    if stop.is_set():
                        return
                failures = 0
            except errors.TransportError:
                if stop.wait(self._backoff.wait_after(failures)):
                    return
                failures += 1

    def _call(self, method: str, request: object, kind: type[T], *, seconds: float = CALL_SECONDS) -> T:
        for wait in self._backoff.waits():
            try:
                return self._once(method, request, kind, seconds)
            except errors.TransportError:
                if self._backoff.pause(wait):
                    raise
        return self._once(method, request, kind, seconds)

    def _once(self, method: str, request: object, kind: type[T], seconds: float) -> T:
        try:
            reply, call = getattr(self._channel.stub(), method).with_call(
                request, timeout=seconds, metadata=leaf_metadata(self._last_leaf())
            )
        except grpc.RpcError as exc:
            raise self._error(method, exc) from None
        self._note(method, call.trailing_metadata())
        if not isinstance(reply, kind):
            raise errors.TransportError("协调方答非所问", "the coordinator answered another kind of message")
        return reply

    def _stream(self, method: str, request: object, kind: type[T], seconds: float) -> Iterator[T]:
        metadata = leaf_metadata(self._last_leaf())
        call = getattr(self._channel.stub(), method)(request, timeout=seconds, metadata=metadata)
        try:
            for reply in call:
                if isinstance(reply, kind):
                    yield reply
            self._note(method, call.trailing_metadata())
        except grpc.RpcError as exc:
            raise self._error(method, exc) from None
        finally:
            call.cancel()

    def _note(self, method: str, metadata: Iterable[tuple[str, str | bytes]] | None) -> None:
        leaf = leaf_of(metadata)
        if leaf:
            self._seen(method, leaf)

    def _error(self, method: str, failed: grpc.RpcError) -> errors.LinkageError:
        found = cast("Metadata", tuple(failed.trailing_metadata() or ()))
        self._note(method, found)
        if failed.code() in TRANSIENT:
            self._channel.doubt()
        said = dict(found)
        return error_from(failed.code(), failed.details() or "", said.get(ERROR_KEY), hint=said.get(HINT_KEY))


def error_from(
    status: grpc.StatusCode, details: str, code: object, *, hint: str | bytes | None = None
) -> errors.LinkageError:
    """Return the error a failed call stands for: the coordinator's own class, text and hint where it named one."""
    if status in TRANSIENT or status is grpc.StatusCode.CANCELLED:
        return errors.TransportError("协调方暂时无法连接", f"the coordinator cannot be reached ({status.name})")
    if isinstance(code, str) and code in ERROR_OF:
        zh, _, en = details.partition(" | ")
        hint_zh, _, hint_en = (hint if isinstance(hint, bytes) else b"").decode("utf-8", "replace").partition("\n")
        return ERROR_OF[code](zh, en or zh, hint_zh=hint_zh, hint_en=hint_en)
    if status is grpc.StatusCode.DEADLINE_EXCEEDED:
        return errors.TransportError("调用超时", "the call ran past its deadline")
    if status is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return errors.LimitError("超出传输限制", "a transport limit was exceeded")
    return errors.LinkageError(f"协调方出错（{status.name}）", f"the coordinator failed ({status.name})")
