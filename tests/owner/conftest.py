"""Owners of a small consortium with real keys, a fake or a real coordinator, and fictitious rows."""

from __future__ import annotations

import hashlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from linkage.encode.payload import Payload
from linkage.encode.secret import load_party_secret
from linkage.errors import AuditError, InputError, TransportError
from linkage.keys.canonical import JSON
from linkage.keys.quickstart import PartySpec, quickstart
from linkage.keys.signing import Signed
from linkage.keys.store import PartyKeys, load_party_keys
from linkage.normalise import RawPerson, normalise
from linkage.owner.choice import Approve, Choice, OwnerRow, OwnerRows
from linkage.owner.database import open_database
from linkage.owner.events import take_event
from linkage.owner.office import Office
from linkage.owner.participation import Participation, Step
from linkage.owner.relays import OpenedRelay
from linkage.owner.trail import AuditTrail
from linkage.owner.verifying import Expectations, VerifiedWarrant, verify_warrant
from linkage.owner.work import Worker
from linkage.plan import parse_plan
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.schema import load_schema
from linkage.warrant import (
    LABEL_DECISION,
    LABEL_WARRANT,
    Decision,
    Limits,
    ModelWarrant,
    PopulationSpec,
    RoundWarrant,
    utc_text,
)

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
SCHEMA = load_schema("person-v1")
PARTIES = [
    PartySpec("coordinator", "链接单元", "coordinator"),
    PartySpec("procuratorate", "检察院", "procuratorate", ("parties",)),
    PartySpec("civil", "民政局", "agency", ("dibao", "tekun")),
    PartySpec("disabled", "残联", "agency", ("disabled",)),
]


@pytest.fixture(scope="session")
def consortium(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one state folder per party, keys only."""
    out = tmp_path_factory.mktemp("owners")
    quickstart(
        out,
        consortium="county-test",
        parties=PARTIES,
        now=datetime.now(UTC),
        random_bytes=os.urandom,
        schema_digests=[SCHEMA.digest],
    )
    return out


@dataclass(slots=True)
class Log:
    """Stand in for an audit log: keep the entries in memory."""

    entries: list[tuple[str, Mapping[str, JSON]]] = field(default_factory=list)
    full: bool = False

    def append(self, kind: str, facts: Mapping[str, JSON]) -> object:
        if self.full:
            raise AuditError("盘满", "disk full")
        self.entries.append((kind, facts))
        return None

    def last_leaf(self) -> bytes:
        return hashlib.sha256(str(len(self.entries)).encode()).digest()

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.entries]


def people(count: int, *, start: int = 0) -> Iterator[OwnerRow]:
    """Yield fictitious rows; row i of any owner is the same person."""
    for i in range(start, start + count):
        raw = RawPerson(
            name="张王李赵陈"[i % 5] + "建国秀英玉兰"[i % 6] + chr(0x4E00 + i % 500),
            sex="男女"[i % 2],
            birth=f"{1950 + i % 50}-{1 + i % 12:02d}-{1 + i % 28:02d}",
            village=f"{'东西南北'[i % 4]}{chr(0x5000 + i)}村",
        )
        person = normalise(raw, as_of=NOW.date())
        yield OwnerRow(f"row-{i}".encode(), person, scope=1, payload=Payload(frozenset({"DIS12"}), "202401"))


@dataclass(slots=True)
class Policy:
    """Stand in for a node: answer what the test says, with the rows the test gives."""

    choice: Choice = field(default_factory=lambda: Approve("policy"))
    source: Callable[[PopulationSpec], OwnerRows] = lambda spec: OwnerRows(people(20))
    relays: list[OpenedRelay] = field(default_factory=list)
    states: list[str] = field(default_factory=list)

    def decide(self, verified: VerifiedWarrant) -> Choice:
        return self.choice

    def rows(self, warrant: RoundWarrant, spec: PopulationSpec) -> OwnerRows:
        return self.source(spec)

    def relay_arrived(self, relay: OpenedRelay) -> None:
        self.relays.append(relay)

    def round_changed(self, round_id: str, state: str, reason: str) -> None:
        self.states.append(state)

    def work(self) -> None:
        return


def make_warrant(keys: PartyKeys, *, now: datetime = NOW, **changes: object) -> RoundWarrant:
    """Return a warrant of the procuratorate over its own parties, `disabled` and `dibao`."""
    epoch = keys.manifest.active_epoch
    values: dict[str, object] = {
        "version": 1,
        "round_id": os.urandom(16).hex(),
        "consortium": keys.manifest.consortium,
        "requester": "procuratorate",
        "purpose": "司法救助线索筛查",
        "legal_basis": ("rule-1",),
        "reference": "2026-1",
        "approved_by": ("甲", "乙"),
        "models": (
            ModelWarrant("M1", 1, "模型一", "0" * 64, "victims", parse_plan({"all": ["dis"], "none": ["dibao"]})),
        ),
        "populations": (
            PopulationSpec("anchors", "procuratorate", "parties", "当事人", anchor=True),
            PopulationSpec("dis", "disabled", "disabled", "持证残疾人", payload=True),
            PopulationSpec("dibao", "civil", "dibao", "低保对象"),
        ),
        "anchor_sets": ("victims",),
        "schema_id": SCHEMA.id,
        "schema_digest": SCHEMA.digest,
        "epoch": epoch.number,
        "kcv": epoch.kcv,
        "limits": Limits(1, 1, 100_000, 10_000),
        "recipient_key": keys.recipient.public.to_text(),
        "issued_at": utc_text(now),
        "expires_at": utc_text(now + timedelta(days=3)),
    }
    return RoundWarrant(**(values | changes))  # type: ignore[arg-type]


@dataclass(slots=True)
class Town:
    """Everything a test needs of the consortium: keys by party, signed documents, offices."""

    folder: Path
    scratch: Path
    moment: datetime = NOW
    loaded: dict[str, PartyKeys] = field(default_factory=dict)

    def keys(self, party: str) -> PartyKeys:
        if party not in self.loaded:
            self.loaded[party] = load_party_keys(self.folder / party)
        return self.loaded[party]

    def sign(self, party: str, label: str, body: bytes) -> bytes:
        return Signed.create(label, body, signer=party, key=self.keys(party).signing).to_json()

    def warrant(self, **changes: object) -> RoundWarrant:
        return make_warrant(self.keys("procuratorate"), **changes)  # type: ignore[arg-type]

    def signed(self, warrant: RoundWarrant, signer: str = "procuratorate") -> bytes:
        return self.sign(signer, LABEL_WARRANT, warrant.to_bytes())

    def known(self, party: str = "civil") -> Expectations:
        keys = self.keys(party)
        epoch = keys.manifest.active_epoch
        return Expectations(party, keys.manifest, keys.revocations.current(), epoch.number, epoch.kcv)

    def verified(self, warrant: RoundWarrant, party: str = "civil") -> VerifiedWarrant:
        return verify_warrant(self.signed(warrant), self.known(party), now=self.moment)

    def decision(self, warrant: RoundWarrant, owner: str, **changes: str) -> Decision:
        found = Decision(
            version=1,
            round_id=warrant.round_id,
            warrant_digest=warrant.digest.hex(),
            owner=owner,
            decision="approve",
            nonce=hashlib.sha256(owner.encode()).hexdigest(),
            reason="",
            decided_by="policy",
            decided_at=utc_text(self.moment),
        )
        return replace(found, **changes)  # type: ignore[arg-type]

    def approval(self, warrant: RoundWarrant, owner: str, **changes: str) -> bytes:
        return self.sign(owner, LABEL_DECISION, self.decision(warrant, owner, **changes).to_bytes())

    def office(self, party: str, policy: Policy, *, state: Path | None = None, log: Log | None = None) -> Office:
        keys = self.keys(party)
        place = state or self.scratch / party
        place.mkdir(parents=True, exist_ok=True)
        return Office(
            keys=keys,
            secret=load_party_secret(keys),
            book=Participation(open_database(place / "node.db")),
            trail=AuditTrail(log or Log(), peer="coordinator"),
            policy=policy,
            state=place,
            clock=lambda: self.moment,
            monotonic=time.monotonic,
            random_bytes=os.urandom,
        )


@pytest.fixture
def town(consortium: Path, tmp_path: Path) -> Town:
    return Town(consortium, tmp_path)


class Killed(BaseException):
    """Stand in for SIGKILL: nothing catches it."""


@dataclass(slots=True)
class FakeUnit:
    """Stand in for the client of a coordinator: keeps uploads, can break or kill at any call."""

    decisions: list[bytes] = field(default_factory=list)
    held: dict[str, bytearray] = field(default_factory=dict)
    begun: dict[str, pb.BeginUploadRequest] = field(default_factory=dict)
    sealed: set[str] = field(default_factory=set)
    statements: list[bytes] = field(default_factory=list)
    relays: list[tuple[str, pb.Relay]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda call: None
    after: Callable[[str], None] = lambda call: None
    chunk_bytes: int = 1 << 16

    def _called(self, name: str) -> None:
        self.calls.append(name)
        self.before(name)

    def is_under_way(self, method: str, request: object) -> bool:
        return False

    def decide_round(self, round_id: str, envelope: bytes) -> pb.RoundStatus:
        self._called("decide")
        if self.decisions and self.decisions[-1] != envelope:
            raise InputError("另一决定", "another decision")
        self.decisions.append(envelope)
        self.after("decide")
        return pb.RoundStatus()

    def begin_upload(self, request: pb.BeginUploadRequest) -> pb.UploadReply:
        self._called("begin")
        known = self.begun.setdefault(request.population, request)
        if known != request and self.held.get(request.population):
            raise InputError("另一份数据", "other content")
        self.begun[request.population] = request
        self.held.setdefault(request.population, bytearray())
        self.after("begin")
        return self._reply(request.population)

    def append_chunk(self, request: pb.AppendChunkRequest) -> pb.UploadReply:
        self._called("append")
        held = self.held[request.population]
        if request.offset != len(held):
            raise TransportError("位置不对", "wrong offset")
        held += request.data
        self.after("append")
        return self._reply(request.population)

    def seal_upload(self, request: pb.SealUploadRequest) -> pb.UploadReply:
        self._called("seal")
        assert hashlib.sha256(self.held[request.population]).digest() == request.content_digest
        self.sealed.add(request.population)
        self.after("seal")
        return self._reply(request.population)

    def state_deletion(self, round_id: str, envelope: bytes) -> pb.RoundStatus:
        self._called("delete")
        self.statements.append(envelope)
        self.after("delete")
        return pb.RoundStatus()

    def answer_release(self, relay: pb.Relay) -> int:
        self._called("answer")
        self.relays.append(("release_answer", relay))
        return 1

    def update_referral(self, relay: pb.Relay) -> int:
        self._called("update")
        self.relays.append(("referral_status", relay))
        return 1

    def request_release(self, relay: pb.Relay) -> int:
        self.relays.append(("release_request", relay))
        return 1

    def send_referral(self, relay: pb.Relay) -> int:
        self.relays.append(("referral", relay))
        return 1

    def _reply(self, population: str) -> pb.UploadReply:
        held = self.held[population]
        return pb.UploadReply(offset=len(held), sealed=population in self.sealed, chunk_bytes=self.chunk_bytes)


def wait_for(done: Callable[[], bool], *, seconds: float = 90.0) -> None:
    """Wait until `done` says so; fail when it never does."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not done():
        assert time.monotonic() < deadline, "it never happened"
        pause.wait(0.02)


def warrant_event(town: Any, warrant: Any, **changes: Any) -> pb.Event:
    envelope = changes.get("envelope") or town.signed(warrant)
    return pb.Event(sequence=1, round_id=warrant.round_id, warrant=pb.SignedDocument(envelope=envelope))


def consents_event(town: Any, office: Any, warrant: Any) -> pb.Event:
    """Return all consents, our own being the one we really sent."""
    own = office.book.round(warrant.round_id).decision
    decisions = [own if o == office.id else town.approval(warrant, o) for o in warrant.owners]
    body = pb.Consents(
        warrant=pb.SignedDocument(envelope=town.signed(warrant)),
        decisions=[pb.SignedDocument(envelope=d) for d in decisions],
    )
    return pb.Event(sequence=2, round_id=warrant.round_id, consents=body)


def status_event(warrant: Any, state: str, reason: str = "") -> pb.Event:
    status = pb.RoundStatus(round_id=warrant.round_id, state=state, reason=reason)
    return pb.Event(sequence=3, round_id=warrant.round_id, status=status)


def worker(office: Any, unit: Any) -> Worker:
    return Worker(office, unit, stop=threading.Event())


def step_of(office: Any, warrant: Any) -> Step:
    return Step(office.book.round(warrant.round_id).step)


def run_to_upload(town: Any, office: Any, unit: Any, warrant: Any) -> None:
    take_event(office, warrant_event(town, warrant))
    worker(office, unit).work()
    take_event(office, consents_event(town, office, warrant))
    worker(office, unit).work()


@pytest.fixture
def kit() -> ModuleType:
    """Return this module: its stand-ins and makers."""
    return sys.modules[__name__]


@pytest.fixture
def unit() -> FakeUnit:
    return FakeUnit()


def run_to_refusal(town: Any, office: Any, unit: Any, warrant: Any, **changes: Any) -> None:
    """Let an owner see a warrant event that does not hold, and do whatever is due."""
    take_event(office, warrant_event(town, warrant, **changes))
    worker(office, unit).work()


def refusal_sent(unit: Any) -> tuple[str, str]:
    """Return the decision that reached the coordinator and its reason."""
    decision = Decision.from_bytes(Signed.parse(unit.decisions[-1]).body)
    return decision.decision, decision.reason
