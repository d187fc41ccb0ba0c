"""Do an owner's part by files: take the coordinator's, do what is due, write ours. No program needs to keep running.

Everything an owner does over the network is done here by the same worker, from the same tables; only its calls wait for
a file. Checkpoints go with every file, so the two logs interlock and cosign each other as they do over the network.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from linkage.audit.log import AuditLog
from linkage.courier.envelope import Header, Progress
from linkage.courier.packing import Packer, file_facts
from linkage.courier.post import Post
from linkage.courier.taking import done_with, next_file, shown_leaf, split_cover
from linkage.errors import LinkageError
from linkage.keys.files import make_folder
from linkage.owner.cosigning import Cosigner
from linkage.owner.courier.calls import Calls, mark_packed
from linkage.owner.courier.packing import Outgoing
from linkage.owner.courier.transport import CourierTransport
from linkage.owner.events import take_event
from linkage.owner.office import Office
from linkage.owner.witnessing import checkpoint_request, size_of, take_checkpoint
from linkage.owner.work import Worker
from linkage.rpc.backoff import Backoff
from linkage.rpc.client import LinkageClient
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.rpc.v1.courier_pb2 import CarriedReply, Cover

FOLDER = "courier"
MAX_PASSES = 16
EXCHANGE, WITNESS = "ExchangeCheckpoint", "WitnessCheckpoints"
CarryOn = Callable[[LinkageClient], object]


@dataclass(frozen=True, slots=True)
class Taken:
    """One file that was taken, and the calls of ours that it answered with an error."""

    header: Header
    refused: tuple[CarriedReply, ...]


class CourierSession:
    """Run an owner's part in all its rounds by files. `carry_on` does what the party does beside being an owner."""

    def __init__(self, office: Office, audit: AuditLog, *, carry_on: CarryOn = lambda client: None) -> None:
        engine, folder = office.book.engine, office.state / FOLDER
        self._office, self._audit, self._carry_on = office, audit, carry_on
        self.post = Post(engine.begin, folder, office.id)
        self.calls = Calls(engine)
        make_folder(folder / "results")
        self._transport = CourierTransport(self.calls, folder / "results")
        self._client = LinkageClient(self._transport, backoff=Backoff(attempts=1))
        self._worker = Worker(office, self._client, stop=threading.Event())
        self._cosigner = Cosigner(self._client.witness_checkpoints, audit, office.trail, office.keys)
        self._cosigner.after = self.calls.number("cosignatures")

    @property
    def party(self) -> str:
        return self._office.id

    @property
    def coordinator(self) -> str:
        return self._office.keys.manifest.coordinator.id

    def take(self, file: Path, *, skip_missing: bool = False, progress: Progress = lambda done, total: None) -> Taken:
        """Take the coordinator's next file. Raises what is wrong with it, once the refusal is in the log."""
        office, note = self._office, self._office.trail.note
        arrived = next_file(file, office.keys, self.post, now=self._now(), note=note, skip_missing=skip_missing)
        cover, records = split_cover(arrived.records(office.keys.recipient, progress))
        if cover.leaf:
            office.trail.seen("Courier", bytes(cover.leaf))
        note("courier.taken", file_facts(arrived.header))
        refused, settled = [], False
        for record in records:
            kind = record.WhichOneof("body")
            if kind == "reply":
                self._take_reply(record.reply)
                refused += [record.reply] if record.reply.error else []
                continue
            if not settled:
                self._worker.work()  # What was answered comes to its end before an event can end the whole round.
                settled = True
            if kind == "event":
                self._take_event(record.event)
            elif kind == "result":
                self._transport.keep_result(record.result)
        self.calls.put_number("calls", max(self.calls.number("calls"), int(cover.answered)))
        done_with(arrived, self.post, cover, now=self._now())
        return Taken(arrived.header, tuple(refused))

    def work(self) -> None:
        """Do everything that is due, until all that is left waits for a file or for a person."""
        before = -1
        for _ in range(MAX_PASSES):
            self._worker.work()
            self._carry_on(self._client)
            if before == (before := self.calls.number("calls")):
                break
        self.calls.drop_answered()

    def pack(self, *, most: int) -> list[Header]:
        """Write what the coordinator has to get since the last file; no file when there is nothing."""
        office, coordinator = self._office, self._office.keys.manifest.coordinator
        traffic = self.post.traffic(coordinator.id)
        if not self.calls.unpacked() and traffic.told == traffic.taken:
            return []
        self._ask_witness()
        outgoing = Outgoing(office, self.calls)
        cover = Cover(
            received=traffic.taken, after_sequence=office.book.sequence(), leaf=shown_leaf(office.trail.last_leaf())
        )
        packer = Packer(self.post, office.keys, coordinator, cover, most, self._now(), office.trail.note)
        return packer.pack(outgoing.items(), along=lambda connection: mark_packed(connection, outgoing.packed))

    def _take_reply(self, reply: CarriedReply) -> None:
        call = self.calls.named(int(reply.number))
        if call is None:
            return  # Of before a restore from a backup; whoever wants it asks again.
        if call.method not in (EXCHANGE, WITNESS):
            self.calls.answer(reply)
            return
        self.calls.drop([call.number])
        if reply.error:
            self.calls.put_number("witnessed", 0)  # The coordinator tells from where to prove when it is not told.
            return
        try:
            self._take_witness(call.method, call.request, reply.reply)
        except LinkageError as error:
            # The coordinator's log does not fit: rounds go on, but somebody must look at the evidence that was kept.
            coordinator = self._office.keys.manifest.coordinator.id
            self._office.trail.note("checkpoint.refused", {"party": coordinator, "reason": error.en})

    def _take_witness(self, method: str, request: bytes, reply: bytes) -> None:
        office, audit = self._office, self._audit
        if method == EXCHANGE:
            asked, answer = pb.CheckpointRequest.FromString(request), pb.CheckpointReply.FromString(reply)
            take_checkpoint(audit, office.keys, asked, answer)
            if not answer.cosignature:
                self.calls.put_number("witnessed", int(answer.witnessed_size))
            return
        held = self._cosigner.held()
        pending = self._cosigner.take(pb.WitnessReply.FromString(reply), held)
        self.calls.put_number("cosignatures", self._cosigner.after)
        if pending:
            self.calls.add(WITNESS, self._cosigner.request(held, pending))

    def _ask_witness(self) -> None:
        """Put our newest checkpoint, and our cosignatures on the others', among the calls."""
        self._office.trail.flush()
        waiting = self.calls.unpacked()
        self.calls.drop([call.number for call in waiting if call.method == EXCHANGE])
        if not any(call.method == WITNESS for call in waiting):
            cosigner = self._cosigner
            self.calls.add(WITNESS, cosigner.request(cosigner.held(), cosigner.on_coordinator()))
        request = checkpoint_request(self._audit, self._office.keys, witnessed=self.calls.number("witnessed"))
        self.calls.add(EXCHANGE, request)
        # Calls are taken in order, so this checkpoint will be the last one cosigned when the next proof is read.
        self.calls.put_number("witnessed", size_of(self._audit, self._office.keys, request))

    def _take_event(self, event: pb.Event) -> None:
        if event.sequence <= self._office.book.sequence():
            return
        take_event(self._office, event)
        if event.WhichOneof("body") == "status":
            self.calls.put_status(event.status)
        self._office.book.handled(event.sequence)

    def _now(self) -> datetime:
        return self._office.clock()
