"""The gRPC servicer: thin. Each method knows its caller, does one domain step and answers.

The step writes the audit entry before it commits, so no answer leaves without one; a refused call gets an entry too.
The one unlogged answer is Check, which tells nothing about any round.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import grpc

from linkage.audit.log import AuditLog
from linkage.coordinator import delivery, gossip, intake, messages, relays, uploads, witness, work
from linkage.coordinator.events import events_after
from linkage.coordinator.intake import round_of_owner
from linkage.coordinator.records import StoredRound, Upload, uploads_of
from linkage.coordinator.relays import Kind
from linkage.coordinator.unit import Unit
from linkage.errors import LinkageError, RoundStateError
from linkage.keys.canonical import JSON
from linkage.rpc.identity import Authenticate, Caller, caller_of, certificate_of
from linkage.rpc.limits import CHUNK_BYTES
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.rpc.v1.linkage_pb2_grpc import LinkageUnitServicer

VERSION: Final = "1"
END_EARLY: Final = 5.0  # A stream ends by itself so long before its deadline.


class Service(LinkageUnitServicer):
    """Serve one unit. `authenticate` is asked again during watch streams, so a revoked party's stream is cut.

    `start` is told of every round that an upload was sealed in: it begins the matching when all are there. `erase` is
    told of every round that was accepted or cancelled: it erases what lies here, now or soon.
    """

    def __init__(
        self,
        unit: Unit,
        log: AuditLog,
        *,
        authenticate: Authenticate,
        monotonic: Callable[[], float] = time.monotonic,
        start: Callable[[Unit, str], object] = work.start,
        erase: Callable[[Unit, str], object] = delivery.erase,
    ) -> None:
        self._start = start
        self._erase = erase
        self._unit = unit
        self._log = log
        self._authenticate = authenticate
        self._monotonic = monotonic
        self._slots = uploads.Slots()
        self.draining = threading.Event()

    @contextmanager
    def _call(self, method: str, context: grpc.ServicerContext) -> Iterator[Caller]:
        caller = caller_of(context)
        try:
            yield caller
        except LinkageError as exc:
            self._unit.note_call(caller, "call.failed", {"method": method, "error": exc.code, "reason": exc.en[:300]})
            raise

    def _reply(self, caller: Caller, stored: StoredRound) -> pb.RoundReply:
        with self._unit.store.reading() as connection:
            found = uploads_of(connection, stored.round.id)
        progress = self._unit.matching.progress(stored.round.id)
        return pb.RoundReply(status=messages.status(stored, found, viewer=caller.id, progress=progress))

    def Check(self, request: pb.CheckRequest, context: grpc.ServicerContext) -> pb.CheckReply:
        return pb.CheckReply(
            status="draining" if self.draining.is_set() else "serving",
            version=VERSION,
            schema_digests=self._unit.keys.manifest.schema_digests,
            now_ms=self._unit.now_ms(),
        )

    def Watch(self, request: pb.WatchRequest, context: grpc.ServicerContext) -> Iterator[pb.Event]:
        with self._call("Watch", context) as caller:
            _refuse_the_future(self._unit, request.after_sequence)
            self._unit.note_call(caller, "watch.opened", {"after": request.after_sequence})
            yield from self._events(caller, request.after_sequence, context)

    def _events(self, caller: Caller, after: int, context: grpc.ServicerContext) -> Iterator[pb.Event]:
        unit, certificate = self._unit, certificate_of(context)
        context.send_initial_metadata(())  # The caller learns at once that it is connected.
        end = self._monotonic() + min(unit.config.times.watch_seconds, (context.time_remaining() or 0) - END_EARLY)
        stream = unit.bell.enter(caller.id, certificate)
        context.add_callback(stream.wake)
        try:
            while context.is_active() and not stream.ended:
                self._authenticate(certificate)
                newest = unit.bell.newest(caller.id)
                if newest > after:
                    found = self._next_events(caller, after)
                    yield from found
                    after = found[-1].sequence if found else newest
                elif (left := end - self._monotonic()) > 0:
                    unit.bell.wait(stream, after, seconds=left)
                else:
                    return
        finally:
            unit.bell.leave(stream)

    def look_at_streams(self) -> None:
        """Wake the streams whose party is no longer admitted: they end with the refusal."""
        for stream in self._unit.bell.open_streams():
            try:
                self._authenticate(stream.certificate)
            except LinkageError:
                stream.wake()

    def _next_events(self, caller: Caller, after: int) -> list[pb.Event]:
        with self._unit.store.reading() as connection:
            found = events_after(connection, caller.id, after)
        if found:
            facts: dict[str, JSON] = {"first": found[0].sequence, "last": found[-1].sequence, "count": len(found)}
            self._unit.note_call(caller, "watch.sent", facts)
        leaf = self._log.last_leaf()
        for event in found:
            event.leaf = leaf
        return found

    def ProposeRound(self, request: pb.ProposeRoundRequest, context: grpc.ServicerContext) -> pb.RoundReply:
        with self._call("ProposeRound", context) as caller:
            return self._reply(caller, intake.propose(self._unit, caller, request.warrant.envelope))

    def DecideRound(self, request: pb.DecideRoundRequest, context: grpc.ServicerContext) -> pb.RoundReply:
        with self._call("DecideRound", context) as caller:
            stored = intake.decide(self._unit, caller, request.round_id, request.decision.envelope)
            return self._reply(caller, stored)

    def CancelRound(self, request: pb.CancelRoundRequest, context: grpc.ServicerContext) -> pb.RoundReply:
        with self._call("CancelRound", context) as caller:
            stored = intake.cancel(self._unit, caller, request.round_id, request.reason)
            self._ended(request.round_id)
            return self._reply(caller, stored)

    def GetRound(self, request: pb.GetRoundRequest, context: grpc.ServicerContext) -> pb.RoundReply:
        with self._call("GetRound", context) as caller:
            with self._unit.store.reading() as connection:
                stored = round_of_owner(connection, request.round_id, caller)
            self._unit.note_call(caller, "round.asked", {"round": request.round_id})
            return self._reply(caller, stored)

    def BeginUpload(self, request: pb.BeginUploadRequest, context: grpc.ServicerContext) -> pb.UploadReply:
        with self._call("BeginUpload", context) as caller:
            return _held(uploads.begin(self._unit, caller, request))

    def GetUpload(self, request: pb.GetUploadRequest, context: grpc.ServicerContext) -> pb.UploadReply:
        with self._call("GetUpload", context) as caller:
            return _held(uploads.find(self._unit, caller, request.round_id, request.population))

    def AppendChunk(self, request: pb.AppendChunkRequest, context: grpc.ServicerContext) -> pb.UploadReply:
        with self._call("AppendChunk", context) as caller:
            return _held(uploads.append(self._unit, self._slots, caller, request))

    def SealUpload(self, request: pb.SealUploadRequest, context: grpc.ServicerContext) -> pb.UploadReply:
        with self._call("SealUpload", context) as caller:
            sealed = uploads.seal(self._unit, self._slots, caller, request)
            self._start(self._unit, request.round_id)
            return _held(sealed)

    def FetchResult(self, request: pb.FetchResultRequest, context: grpc.ServicerContext) -> Iterator[pb.ResultChunk]:
        with self._call("FetchResult", context) as caller:
            certificate = certificate_of(context)
            for chunk in delivery.fetch(self._unit, caller, request.round_id, request.offset):
                self._authenticate(certificate)  # Whoever is revoked meanwhile gets no further chunk.
                yield chunk

    def AcceptResult(self, request: pb.AcceptResultRequest, context: grpc.ServicerContext) -> pb.RoundReply:
        with self._call("AcceptResult", context) as caller:
            stored = delivery.accept(self._unit, caller, request.round_id, request.result_digest)
            self._ended(request.round_id)
            return self._reply(caller, stored)

    def _ended(self, round_id: str) -> None:
        self._slots.forget(round_id)
        self._erase(self._unit, round_id)

    def StateDeletion(self, request: pb.StateDeletionRequest, context: grpc.ServicerContext) -> pb.RoundReply:
        with self._call("StateDeletion", context) as caller:
            stored = delivery.state_deletion(self._unit, caller, request.round_id, request.statement.envelope)
            return self._reply(caller, stored)

    def RequestRelease(self, request: pb.Relay, context: grpc.ServicerContext) -> pb.RelayReply:
        return self._relay("RequestRelease", "release_request", request, context)

    def AnswerRelease(self, request: pb.Relay, context: grpc.ServicerContext) -> pb.RelayReply:
        return self._relay("AnswerRelease", "release_answer", request, context)

    def SendReferral(self, request: pb.Relay, context: grpc.ServicerContext) -> pb.RelayReply:
        return self._relay("SendReferral", "referral", request, context)

    def UpdateReferral(self, request: pb.Relay, context: grpc.ServicerContext) -> pb.RelayReply:
        return self._relay("UpdateReferral", "referral_status", request, context)

    def _relay(self, method: str, kind: Kind, request: pb.Relay, context: grpc.ServicerContext) -> pb.RelayReply:
        with self._call(method, context) as caller:
            return pb.RelayReply(sequence=relays.relay(self._unit, caller, kind, request))

    def ExchangeCheckpoint(self, request: pb.CheckpointRequest, context: grpc.ServicerContext) -> pb.CheckpointReply:
        with self._call("ExchangeCheckpoint", context) as caller:
            return witness.exchange(self._unit, self._log, caller, request)

    def WitnessCheckpoints(self, request: pb.WitnessRequest, context: grpc.ServicerContext) -> pb.WitnessReply:
        with self._call("WitnessCheckpoints", context) as caller:
            return gossip.witness(self._unit, self._log, caller, request)


def _refuse_the_future(unit: Unit, after: int) -> None:
    """Raise RoundStateError for a party that has seen more than is stored here: it would wait and hear nothing."""
    last = unit.bell.last()
    if after > last > 0:
        raise RoundStateError(
            f"本单位已收到第 {after} 号通知，链接单元只存到第 {last} 号：链接单元的数据是从旧备份恢复的",
            f"the caller has seen event {after}, but only {last} are stored: the coordinator was restored from an "
            "older backup",
            hint_zh="联系链接单元；恢复点之后的轮次须重新发起",
            hint_en="contact the linkage unit; rounds after the backup must be asked for again",
        )


def _held(upload: Upload) -> pb.UploadReply:
    return pb.UploadReply(offset=upload.offset, sealed=upload.sealed, chunk_bytes=CHUNK_BYTES)
