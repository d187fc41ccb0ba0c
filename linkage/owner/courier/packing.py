"""Turn the waiting calls into records of a file; an upload's rows are read from its spool file as they are packed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from linkage.courier.packing import Item
from linkage.owner.courier.calls import Call, Calls
from linkage.owner.courier.transport import UPLOAD
from linkage.owner.office import Office
from linkage.owner.progress import Meter
from linkage.rpc.limits import CHUNK_BYTES
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.rpc.v1.courier_pb2 import CarriedCall, CarriedRecord

KINDS = {
    "ProposeRound": "proposal",
    "DecideRound": "decision",
    "CancelRound": "cancellation",
    UPLOAD: "upload",
    "AcceptResult": "acceptance",
    "StateDeletion": "deletion",
    "RequestRelease": "relay",
    "AnswerRelease": "relay",
    "SendReferral": "relay",
    "UpdateReferral": "relay",
    "ExchangeCheckpoint": "checkpoint",
    "WitnessCheckpoints": "checkpoint",
}


@dataclass(slots=True)
class Outgoing:
    """What goes to the coordinator: every call that is in no file yet. `packed` grows as records are taken."""

    office: Office
    calls: Calls
    packed: list[int] = field(default_factory=list)

    def items(self) -> Iterator[Item]:
        for call in self.calls.unpacked():
            if call.method == UPLOAD:
                yield from self._upload(call)
            else:
                yield _item(call, call.method, call.request)
            self.packed.append(call.number)

    def _upload(self, call: Call) -> Iterator[Item]:
        request = pb.BeginUploadRequest.FromString(call.request)
        known = self.office.book.uploads(request.round_id).get(request.population)
        file = self.office.place(request.round_id, request.population).rows
        if known is None or known.content_digest != request.content_digest or not file.exists():
            self.calls.drop([call.number])  # The round has ended, or the rows were encoded anew: another call waits.
            return
        yield _item(call, UPLOAD, call.request)
        about = {"round_id": request.round_id, "population": request.population}
        meter = Meter("pack", known.rows * known.row_bytes, report=self.office.report, clock=self.office.monotonic)
        offset = 0
        with file.open("rb") as source:
            while data := source.read(CHUNK_BYTES):
                chunk = pb.AppendChunkRequest(**about, offset=offset, data=data, digest=hashlib.sha256(data).digest())
                yield _item(call, "AppendChunk", chunk.SerializeToString())
                offset += len(data)
                meter.at(offset)
        meter.end(offset)
        seal = pb.SealUploadRequest(**about, content_digest=request.content_digest)
        yield _item(call, "SealUpload", seal.SerializeToString())


def _item(call: Call, method: str, request: bytes) -> Item:
    record = CarriedRecord(call=CarriedCall(number=call.number, method=method, request=request))
    return Item(record, KINDS[call.method], call.round_id)
