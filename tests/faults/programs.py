"""The programs of a small consortium as functions, each to be run in a process of its own: they end by being killed.

The owners are the real sessions of the nodes, over real keys, logs and databases; only the register is made up. The
requester also proposes what stands in its folder `asked`, and takes each result once, as a node does.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from google.protobuf.message import Message

from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.coordinator import service
from linkage.coordinator.config import Config, Quotas, Times
from linkage.coordinator.running import Coordinator
from linkage.database.claim import claimed
from linkage.encode.secret import load_party_secret
from linkage.errors import LinkageError, NotFoundError
from linkage.keys.files import PRIVATE, write_file
from linkage.keys.signing import Signed
from linkage.keys.store import load_party_keys
from linkage.owner import work
from linkage.owner.choice import OwnerRow, OwnerRows
from linkage.owner.database import TAKES_NOTHING, open_database
from linkage.owner.office import Office
from linkage.owner.participation import Participation
from linkage.owner.session import OwnerSession
from linkage.owner.spool import open_position_map
from linkage.owner.trail import AuditTrail
from linkage.owner.witnessing import Witness
from linkage.rpc.backoff import Backoff
from linkage.rpc.client import LinkageClient
from linkage.rpc.fetch import fetch_result_file
from linkage.rpc.network import NetworkTransport
from linkage.rpc.pinned import PinnedChannel
from linkage.rpc.result import RoundResult, open_result
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.warrant import RoundWarrant
from tests.faults.records import COORDINATOR, Records
from tests.owner.conftest import Policy

CHUNK = 64 << 10  # The smallest there is, so that small registers have several.
REQUESTER = "procuratorate"
HOST = "127.0.0.1"
WORKER = (sys.executable, str(Path(__file__).parents[1] / "coordinator" / "stand_in_worker.py"))
Clock = Callable[[], datetime]
Registers = dict[str, Sequence[OwnerRow]]  # By population.


def now_utc() -> datetime:
    return datetime.now(UTC)


def coordinator_config(records: Records, port: int, *, host: str = HOST) -> Config:
    times = Times(tick_seconds=1, watch_seconds=60, drain_seconds=2)
    quotas = Quotas(free_bytes=0, open_rounds=1000, rounds_per_day=100_000)
    return Config(
        state=records.root / COORDINATOR,
        listen=f"{host}:{port}",
        database=records.addresses.get(COORDINATOR, ""),
        quotas=quotas,
        times=times,
    )


def run_coordinator(records: Records, port: int, *, host: str = HOST, clock: Clock = now_utc) -> None:
    """Serve until killed."""
    service.CHUNK_BYTES = CHUNK  # type: ignore[attr-defined]
    Coordinator(coordinator_config(records, port, host=host), clock=clock, worker=WORKER).start()
    threading.Event().wait()


class NotingTransport(NetworkTransport):
    """Write down, past any kill, what the coordinator acknowledged: a line for each word about an upload."""

    notes: int

    def close(self) -> None:
        super().close()
        os.close(self.notes)

    def call(self, method: str, request: Message, seconds: float) -> object:
        reply = super().call(method, request, seconds)
        words = {"BeginUpload": "begun", "AppendChunk": "held"}
        if method in words and isinstance(reply, pb.UploadReply) and (method == "AppendChunk" or not reply.sealed):
            upload = {"round": getattr(request, "round_id", ""), "population": getattr(request, "population", "")}
            line = {"word": words[method], "offset": int(reply.offset), **upload}
            os.write(self.notes, (json.dumps(line) + "\n").encode())
        return reply


@dataclass(frozen=True, slots=True)
class Party:
    """One owner, opened."""

    office: Office
    client: LinkageClient
    audit: AuditLog
    session: OwnerSession


def open_owner(
    records: Records, party: str, port: int, *, registers: Registers, host: str = HOST, clock: Clock = now_utc
) -> Party:
    """Open an owner's node over its folder."""
    state = records.root / party
    keys = load_party_keys(state)
    origin = origin_of(keys.manifest.consortium, party)
    audit = AuditLog.open(state / "audit", origin=origin, signer=keys.signing, clock=clock)
    trail = AuditTrail(audit, peer=keys.manifest.coordinator.id)
    office = Office(
        keys=keys,
        secret=load_party_secret(keys),
        book=Participation(open_database(records.place(party))),
        trail=trail,
        policy=Policy(source=lambda spec: OwnerRows(iter(registers[spec.id]))),
        state=state,
        clock=clock,
        monotonic=time.monotonic,
        random_bytes=os.urandom,
    )
    channel = PinnedChannel(f"{host}:{port}", keys, clock=clock)
    network = NotingTransport(channel, last_leaf=trail.last_leaf, seen=trail.seen)
    network.notes = os.open(state / "acknowledged.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    client = LinkageClient(network, backoff=Backoff(attempts=3, longest=5.0))
    witness = Witness(client, audit, keys, trail=trail, monotonic=time.monotonic)
    return Party(office, client, audit, OwnerSession(office, client, witness=witness, poll_seconds=0.2))


def run_owner(records: Records, party: str, port: int, *, registers: Registers, host: str = HOST) -> None:
    """Keep an owner's session until killed; the requester follows its rounds beside it."""
    work.FIRST_RETRY = 1.0  # Half a minute is long for a test.
    keep_running(open_owner(records, party, port, registers=registers, host=host), threading.Event())


def keep_running(party: Party, stop: threading.Event) -> None:
    """Run an owner's session, and what the requester does beside it, until told to stop."""
    follower = threading.Thread(target=_follow, args=(party, stop), daemon=True)
    with claimed(party.office.book.engine):
        if party.office.id == REQUESTER:
            follower.start()
        party.session.run(stop)
    if follower.is_alive():
        follower.join()


def _follow(party: Party, stop: threading.Event) -> None:
    while not stop.wait(0.2):
        for asked in sorted((party.office.state / "asked").iterdir()):
            try:
                _carry_on(party, asked)
            except (LinkageError, *TAKES_NOTHING):
                continue  # Later again, as a node does.


def _carry_on(party: Party, asked: Path) -> None:
    envelope = asked.read_bytes()
    warrant = RoundWarrant.from_bytes(Signed.parse(envelope).body)
    try:
        status = party.client.get_round(warrant.round_id)
    except NotFoundError:
        party.client.propose_round(envelope)
        return
    if status.state == pb.READY:
        _take(party, warrant, status)
    elif status.state == pb.DELIVERED:
        party.office.book.update(warrant.round_id, erase=True)
        party.session.wake()
        asked.unlink()
    elif status.state in (pb.FAILED, pb.EXPIRED, pb.REFUSED, pb.CANCELLED, pb.CLOSED):
        asked.unlink()


def _take(party: Party, warrant: RoundWarrant, status: pb.RoundStatus) -> None:
    state, digest = party.office.state, bytes(status.result_digest)
    file, taken = state / "results" / f"{warrant.round_id}.sealed", state / "results" / f"{warrant.round_id}.json"
    if not taken.exists():
        if not file.exists():
            size = int(status.result_bytes)
            fetch_result_file(party.client, warrant.round_id, file, result_digest=digest, result_bytes=size)
        party.office.trail.note("result.fetched", {"round": warrant.round_id, "result": digest.hex()})
        result = open_result(file.read_bytes(), party.office.keys.recipient, warrant_digest=warrant.digest)
        anchors = list(open_position_map(state, warrant.round_id, warrant.anchor_population.id))
        party.office.trail.note("result.taken", {"round": warrant.round_id, "result": digest.hex()})
        write_file(taken, json.dumps({"content": content_of(result, anchors)}).encode(), mode=PRIVATE)
    party.client.accept_result(warrant.round_id, digest)


def content_of(result: RoundResult, anchors: Sequence[bytes]) -> str:
    """Return a digest of what a result says, whatever order the rows were shuffled into."""
    said = sorted(
        (anchors[r.anchor].decode(), r.verdict, [(x.population, x.grade) for x in r.links]) for r in result.rows
    )
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
