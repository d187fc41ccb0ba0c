"""Serve parties whose calls come in files: the same service, checks and audit entries as over the network.

The party is known by its signature in place of a certificate. What it called is answered in the next file to it,
together with its events and, for a requester, a result that is ready; the running coordinator does the matching.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, cast

import grpc
import sqlalchemy as sa
from google.protobuf.message import DecodeError, Message

from linkage.audit.log import AuditLog
from linkage.coordinator import delivery
from linkage.coordinator.events import events_after
from linkage.coordinator.service import Service
from linkage.coordinator.unit import Unit
from linkage.courier.envelope import NO_CERTIFICATE, Arrived, Header, Progress
from linkage.courier.packing import Item, Packer, file_facts
from linkage.courier.post import Post
from linkage.courier.taking import check_numbers, done_with, shown_leaf, split_cover
from linkage.errors import InputError, LinkageError, PermissionRefused, RoundStateError
from linkage.keys.manifest import Party
from linkage.rpc.identity import ALLOWED, Caller, KnownContext, admit
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.rpc.v1.courier_pb2 import CarriedCall, CarriedRecord, CarriedReply, CarriedResult, Cover

METADATA = sa.MetaData()
PARTIES = sa.Table(
    "courier_parties",
    METADATA,
    sa.Column("party", sa.String(64), primary_key=True),
    sa.Column("answered", sa.BigInteger, nullable=False),  # The party's last call that has its answer.
    sa.Column("cursor", sa.BigInteger, nullable=False),  # The last event that went into a file.
)
REPLIES = sa.Table(
    "courier_replies",
    METADATA,
    sa.Column("party", sa.String(64), primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),  # A serialised CarriedReply that no file holds yet.
)
# Streams do not fit a file: events and results are sent along without being asked for.
CARRIED: Final = frozenset(ALLOWED) - {"Check", "Watch", "GetRound", "GetUpload", "FetchResult"}
METHODS: Final = pb.DESCRIPTOR.services_by_name["LinkageUnit"].methods_by_name
MORE_TO_COME: Final = frozenset({"BeginUpload", "AppendChunk"})


@dataclass(frozen=True, slots=True)
class Refused:
    """A carried call that was answered with an error: which one, and the error as the party will read it."""

    method: str
    reply: CarriedReply


class UnitCourier:
    """Take and pack the files of one linkage unit. One thread only."""

    def __init__(self, unit: Unit, log: AuditLog, service: Service, post: Post) -> None:
        self._unit, self._log, self._service = unit, log, service
        self.post = post

    def take(self, arrived: Arrived, progress: Progress = lambda done, total: None) -> list[Refused]:
        """Do what a verified file asks for, call by call; return what was refused. Taking it again changes nothing."""
        unit, sender = self._unit, arrived.sender
        cover, records = split_cover(arrived.records(unit.keys.recipient, progress))
        caller = Caller(sender, bytes(cover.leaf))
        unit.note_call(caller, "courier.taken", file_facts(arrived.header))
        refused = []
        for record in records:
            call = record.call
            if record.WhichOneof("body") != "call" or call.number <= self._state(sender.id)[0]:
                continue  # The answer is known already: a second taking after a break, or the rest of a failed upload.
            check_numbers(call.number)
            reply = self._serve(caller, call)
            if reply is not None:
                self._keep(sender.id, reply)
                refused += [Refused(call.method, reply)] if reply.error else []
        self._follow_cursor(sender.id, cover)
        done_with(arrived, self.post, cover, now=unit.clock())
        return refused

    def pack(self, party: Party, *, most: int) -> list[Header]:
        """Write what the party has to get since the last file; none when there is nothing. Raises PermissionRefused."""
        unit = self._unit
        if unit.keys.revocations.current().is_revoked(party.id, NO_CERTIFICATE, unit.clock()):
            raise PermissionRefused("单位已被吊销", "the party is revoked")
        replies, cursor = self._replies(party.id), self._state(party.id)[1]
        with unit.step() as step:
            has_events = bool(events_after(step.connection, party.id, cursor, limit=1))
        traffic = self.post.traffic(party.id)
        if not replies and not has_events and traffic.told == traffic.taken:
            return []
        outgoing = _Outgoing(unit, party, replies, cursor)
        cover = Cover(received=traffic.taken, leaf=shown_leaf(self._log.last_leaf()), answered=self._state(party.id)[0])
        packer = Packer(self.post, unit.keys, party, cover, most, unit.clock(), unit.note)
        return packer.pack(outgoing.items(), along=lambda connection: self._sent(connection, outgoing))

    def _serve(self, caller: Caller, call: CarriedCall) -> CarriedReply | None:
        """Return the answer to a call; None while the calls of one upload go on."""
        try:
            reply = self._answer(caller, call)
        except LinkageError as error:
            return CarriedReply(
                number=call.number,
                error=error.code,
                zh=error.zh,
                en=error.en,
                hint_zh=error.hint_zh,
                hint_en=error.hint_en,
            )
        if call.method in MORE_TO_COME and not getattr(reply, "sealed", False):
            return None
        return CarriedReply(number=call.number, reply=reply.SerializeToString())

    def _answer(self, caller: Caller, call: CarriedCall) -> Message:
        try:
            if call.method not in CARRIED:
                raise PermissionRefused("这种调用不能用文件传递", "this call does not travel in files")
            admit(call.method, caller.party.role)
        except PermissionRefused as refusal:
            self._unit.note("call.refused", {"method": call.method, "party": caller.id, "reason": refusal.en})
            raise
        try:
            request = getattr(pb, METHODS[call.method].input_type.name).FromString(call.request)
        except DecodeError:
            raise InputError("调用内容格式不正确", "malformed call in a carried file") from None
        context = KnownContext(cast("grpc.ServicerContext", None), caller)
        return cast("Message", getattr(self._service, call.method)(request, context))

    def _keep(self, party: str, reply: CarriedReply) -> None:
        with self._unit.step() as step:
            values = {"party": party, "number": reply.number, "body": reply.SerializeToString()}
            step.connection.execute(REPLIES.insert().values(values))
            step.connection.execute(_row(party).values(answered=reply.number))

    def _state(self, party: str) -> tuple[int, int]:
        """Return the party's last answered call and the last event packed for it."""
        with self._unit.step() as step:
            row = step.connection.execute(PARTIES.select().where(PARTIES.c.party == party)).one_or_none()
            if row is None:
                step.connection.execute(PARTIES.insert().values(party=party, answered=0, cursor=0))
            return (0, 0) if row is None else (int(row.answered), int(row.cursor))

    def _follow_cursor(self, party: str, cover: Cover) -> None:
        """Go on from the event that the party has handled last, once no file to it is under way.

        It may have been connected meanwhile and know more, or have come back from a backup and know less.
        """
        after, (_, cursor) = int(cover.after_sequence), self._state(party)
        settled = int(cover.received) >= self.post.traffic(party).written
        with self._unit.step() as step:
            step.connection.execute(_row(party).values(cursor=after if settled else max(after, cursor)))

    def _replies(self, party: str) -> list[CarriedReply]:
        with self._unit.step() as step:
            wanted = REPLIES.select().where(REPLIES.c.party == party).order_by(REPLIES.c.number)
            return [CarriedReply.FromString(row.body) for row in step.connection.execute(wanted)]

    @staticmethod
    def _sent(connection: sa.Connection, outgoing: _Outgoing) -> None:
        party = outgoing.party.id
        last = max((reply.number for reply in outgoing.replies), default=0)
        connection.execute(REPLIES.delete().where(REPLIES.c.party == party, REPLIES.c.number <= last))
        connection.execute(_row(party).values(cursor=outgoing.cursor))


@dataclass(slots=True)
class _Outgoing:
    """What goes to one party: answers, then events in order, a result behind the event that announces it."""

    unit: Unit
    party: Party
    replies: list[CarriedReply]
    cursor: int

    def items(self) -> Iterator[Item]:
        for reply in self.replies:
            yield Item(CarriedRecord(reply=reply), "reply")
        while found := self._page():
            for event in found:
                yield Item(CarriedRecord(event=event), _kind(event), event.round_id)
                if event.status.state == pb.READY and event.status.result_digest:
                    yield from self._result(event.round_id)
                self.cursor = int(event.sequence)

    def _page(self) -> list[pb.Event]:
        with self.unit.step() as step:
            return events_after(step.connection, self.party.id, self.cursor)

    def _result(self, round_id: str) -> Iterator[Item]:
        try:
            for chunk in delivery.fetch(self.unit, Caller(self.party, b""), round_id, 0):
                result = CarriedResult(round_id=round_id, chunk=chunk)
                yield Item(CarriedRecord(result=result), "result", round_id)
        except RoundStateError:
            return  # Cancelled, run out or taken meanwhile; a later event says so.


def _row(party: str) -> sa.Update:
    return PARTIES.update().where(PARTIES.c.party == party)


def _kind(event: pb.Event) -> str:
    body = event.WhichOneof("body") or ""
    return body if body in ("warrant", "consents", "status", "deletion") else "relay"
