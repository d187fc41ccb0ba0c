"""A party's side of the wire: one typed method per call, over whichever transport the party has.

All calls are idempotent by design (same request, same answer), so what a lost connection broke off is tried again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

from google.protobuf.message import Message

from linkage import errors
from linkage.keys.store import PartyKeys
from linkage.rpc.backoff import Backoff
from linkage.rpc.limits import (
    CALL_SECONDS,
    FETCH_SECONDS,
    SEAL_SECONDS,
    WATCH_SECONDS,
)
from linkage.rpc.network import NetworkTransport, Seen
from linkage.rpc.pinned import PinnedChannel
from linkage.rpc.transport import Deferred, Transport
from linkage.rpc.v1 import linkage_pb2 as pb

T = TypeVar("T")


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
    network = NetworkTransport(PinnedChannel(endpoint, keys, clock=clock), last_leaf=last_leaf, seen=seen)
    return LinkageClient(network, backoff=backoff or Backoff())


class LinkageClient:
    """Call the linkage unit; safe for threads."""

    def __init__(self, transport: Transport, *, backoff: Backoff) -> None:
        self._transport = transport
        self._backoff = backoff

    def close(self) -> None:
        self._transport.close()

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
        yield from self._stream("Watch", pb.WatchRequest(after_sequence=after_sequence), pb.Event, seconds)

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

    def is_under_way(self, method: str, request: Message) -> bool:
        """Tell whether this very call was accepted for carrying before; never so over the network."""
        return self._transport.is_under_way(method, request)

    def _call(self, method: str, request: Message, kind: type[T], *, seconds: float = CALL_SECONDS) -> T:
        for wait in self._backoff.waits():
            try:
                return self._once(method, request, kind, seconds)
            except Deferred:
                raise
            except errors.TransportError:
                if self._backoff.pause(wait):
                    raise
        return self._once(method, request, kind, seconds)

    def _once(self, method: str, request: Message, kind: type[T], seconds: float) -> T:
        reply = self._transport.call(method, request, seconds)
        if not isinstance(reply, kind):
            raise errors.TransportError("链接单元答非所问", "the coordinator answered another kind of message")
        return reply

    def _stream(self, method: str, request: Message, kind: type[T], seconds: float) -> Iterator[T]:
        for reply in self._transport.stream(method, request, seconds):
            if isinstance(reply, kind):
                yield reply
