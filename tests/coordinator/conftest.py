"""A whole consortium on loopback: three owners, a reviewer, one coordinator, real certificates and real gRPC."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from linkage.coordinator.config import Config, Quotas, Times
from linkage.coordinator.running import Coordinator
from linkage.keys.quickstart import PartySpec, quickstart
from linkage.keys.signing import Signed
from linkage.keys.store import PartyKeys, load_party_keys
from linkage.plan import SetPlan
from linkage.rpc.backoff import Backoff
from linkage.rpc.client import LinkageClient, connect
from linkage.rpc.upload import UploadFacts
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.schema import EncodingSchema, load_schema
from linkage.warrant import (
    LABEL_DECISION,
    LABEL_DELETION,
    LABEL_WARRANT,
    Decision,
    DeletionStatement,
    Limits,
    ModelWarrant,
    PopulationSpec,
    RoundWarrant,
    utc_text,
)

SCHEMA_ID = "person-v1"
WORKER = (sys.executable, str(Path(__file__).with_name("stand_in_worker.py")))
OWNERS = ("civil", "disabled", "procuratorate")
PARTIES = [
    PartySpec("coordinator", "链接单元", "coordinator"),
    PartySpec("procuratorate", "检察院", "procuratorate", ("parties",)),
    PartySpec("other-procuratorate", "另一检察院", "procuratorate", ("other_parties",)),
    PartySpec("civil", "民政局", "agency", ("dibao",)),
    PartySpec("disabled", "残联", "agency", ("disabled",)),
    PartySpec("outsider", "局外单位", "agency", ("card",)),
    PartySpec("reviewer", "审查员", "reviewer"),
]


@pytest.fixture(scope="session")
def schema() -> EncodingSchema:
    return load_schema(SCHEMA_ID)


@pytest.fixture(scope="module")
def consortium(tmp_path_factory: pytest.TempPathFactory, schema: EncodingSchema) -> Path:
    """Return a folder with one state folder per party; keys only, no rounds."""
    out = tmp_path_factory.mktemp("consortium")
    quickstart(
        out,
        consortium="county-test",
        parties=PARTIES,
        now=datetime.now(UTC),
        random_bytes=os.urandom,
        schema_digests=[schema.digest],
    )
    return out


@dataclass(slots=True)
class Clock:
    """Tell the real time plus whatever a test has let pass."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(slots=True)
class Rig:
    """One coordinator over its own state, and clients of every party."""

    consortium: Path
    config: Config
    schema: EncodingSchema
    clock: Clock
    coordinator: Coordinator
    clients: list[LinkageClient] = field(default_factory=list)

    def keys(self, party: str) -> PartyKeys:
        return load_party_keys(self.consortium / party)

    def client(
        self, party: str, *, attempts: int = 1, seen: Callable[[str, bytes], object] | None = None
    ) -> LinkageClient:
        opened = connect(
            f"localhost:{self.coordinator.port}",
            self.keys(party),
            last_leaf=lambda: hashlib.sha256(party.encode()).digest(),
            seen=seen or (lambda method, leaf: None),
            backoff=Backoff(attempts=attempts, first=0.05, longest=0.5),
        )
        self.clients.append(opened)
        return opened

    def restart(self) -> None:
        """Stop the coordinator and open another one over the same state, on the same port."""
        self.coordinator.stop()
        config = replace(self.config, listen=f"127.0.0.1:{self.coordinator.port}")
        self.coordinator = Coordinator(config, clock=self.clock, worker=WORKER)
        self.coordinator.start()

    def warrant(self, **changes: object) -> RoundWarrant:
        return make_warrant(self.keys("procuratorate"), self.schema, self.clock(), **changes)

    def sign(self, party: str, label: str, body: bytes) -> bytes:
        return Signed.create(label, body, signer=party, key=self.keys(party).signing).to_json()

    def propose(self, warrant: RoundWarrant) -> pb.RoundStatus:
        envelope = self.sign("procuratorate", LABEL_WARRANT, warrant.to_bytes())
        return self.client("procuratorate").propose_round(envelope)

    def decide(self, warrant: RoundWarrant, owner: str, decision: str = "approve", **changes: str) -> pb.RoundStatus:
        found = make_decision(warrant, owner, decision, **changes)
        return self.client(owner).decide_round(warrant.round_id, self.sign(owner, LABEL_DECISION, found.to_bytes()))

    def consented(self, **changes: object) -> RoundWarrant:
        """Return the warrant of a round every owner has approved."""
        warrant = self.warrant(**changes)
        self.propose(warrant)
        for owner in warrant.owners:
            self.decide(warrant, owner)
        return warrant

    def facts(
        self, warrant: RoundWarrant, population: str, rows: npt.NDArray[np.void], **changes: object
    ) -> UploadFacts:
        spec = warrant.population(population)
        facts = UploadFacts(
            round_id=warrant.round_id,
            population=population,
            warrant_digest=warrant.digest,
            schema_digest=bytes.fromhex(warrant.schema_digest),
            round_check_value=b"check-it",
            golden_digest=bytes(32),
            rows=len(rows),
            row_bytes=rows.dtype.itemsize,
            content_digest=hashlib.sha256(rows.tobytes()).digest(),
            sealed_upload_key=b"sealed upload key" if spec.payload else b"",
        )
        return replace(facts, **changes)  # type: ignore[arg-type]

    def delete(self, warrant: RoundWarrant, party: str) -> pb.RoundStatus:
        statement = DeletionStatement(
            1, warrant.round_id, warrant.digest.hex(), party, ("map:all",), utc_text(self.clock())
        )
        envelope = self.sign(party, LABEL_DELETION, statement.to_bytes())
        return self.client(party).state_deletion(warrant.round_id, envelope)

    def events(self, party: str, until: Callable[[pb.Event], bool], *, after: int = 0) -> list[pb.Event]:
        """Return a party's events up to the first that `until` accepts."""
        found = []
        for event in self.client(party).watch_once(after, seconds=90):
            found.append(event)
            if until(event):
                return found
        reasons = [(pb.RoundState.Name(e.status.state), e.status.reason) for e in found if e.HasField("status")]
        raise AssertionError(f"the event did not come; states {reasons}")

    def audit(self) -> str:
        return (self.config.state / "audit" / "entries.jsonl").read_text("utf-8")


def make_decision(warrant: RoundWarrant, owner: str, decision: str = "approve", **changes: str) -> Decision:
    nonce = hashlib.sha256(owner.encode()).hexdigest() if decision == "approve" else ""
    values = {
        "warrant_digest": warrant.digest.hex(),
        "owner": owner,
        "nonce": nonce,
        "reason": "" if decision == "approve" else "本单位不同意",
        "decided_by": "policy",
        "decided_at": warrant.issued_at,
    } | changes
    return Decision(version=1, round_id=warrant.round_id, decision=decision, **values)  # type: ignore[arg-type]


def make_warrant(keys: PartyKeys, schema: EncodingSchema, now: datetime, **changes: object) -> RoundWarrant:
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
            ModelWarrant("m1", 1, "模型一", "0" * 64, "victims", SetPlan("all", ("dis", SetPlan("none", ("dibao",))))),
        ),
        "populations": (
            PopulationSpec("anchors", "procuratorate", "parties", "当事人", anchor=True),
            PopulationSpec("dis", "disabled", "disabled", "残疾人", payload=True),
            PopulationSpec("dibao", "civil", "dibao", "低保对象"),
        ),
        "anchor_sets": ("victims", "suspects"),
        "schema_id": SCHEMA_ID,
        "schema_digest": schema.digest,
        "epoch": epoch.number,
        "kcv": epoch.kcv,
        "limits": Limits(1, 1, 100_000, 10_000),
        "recipient_key": keys.recipient.public.to_text(),
        "issued_at": utc_text(now),
        "expires_at": utc_text(now + timedelta(days=3)),
    }
    return RoundWarrant(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture
def rows(schema: EncodingSchema) -> Callable[..., npt.NDArray[np.void]]:
    """Return a maker of made-up rows: random tokens, filters inside the popcount window."""

    def make(people: list[int], *, payload: bool = False, scope: int = 0) -> npt.NDArray[np.void]:
        found = np.zeros(len(people), schema.layout(payload).dtype)
        low, high = schema.filter_popcount
        for at, person in enumerate(people):
            random = np.random.default_rng(person)
            found[at]["tokens"] = random.integers(1, 255, found[at]["tokens"].shape, np.uint8)
            bits = np.zeros(schema.filter_bits, np.uint8)
            bits[random.choice(schema.filter_bits, (low + high) // 2, replace=False)] = 1
            found[at]["filter"] = np.packbits(bits, bitorder="little")
            found[at]["flags"] = 1
            found[at]["scope"] = scope
        return found

    return make


@contextmanager
def opened_rig(consortium: Path, schema: EncodingSchema, state: Path, database: str = "") -> Iterator[Rig]:
    """Run a coordinator with a state of its own."""
    state.mkdir()
    (state / "keys").symlink_to(consortium / "coordinator" / "keys")
    config = Config(
        state=state,
        listen="127.0.0.1:0",
        database=database,
        quotas=Quotas(free_bytes=0),
        times=Times(tick_seconds=1, watch_seconds=60, drain_seconds=2),
    )
    clock = Clock()
    coordinator = Coordinator(config, clock=clock, worker=WORKER)
    coordinator.start()
    made = Rig(consortium, config, schema, clock, coordinator)
    try:
        yield made
    finally:
        for client in made.clients:
            client.close()
        made.coordinator.stop()


@pytest.fixture
def rig(consortium: Path, schema: EncodingSchema, tmp_path: Path, database: str) -> Iterator[Rig]:
    """Yield a running coordinator that is the test's own, once on SQLite and once on PostgreSQL."""
    with opened_rig(consortium, schema, tmp_path / "state", database) as made:
        yield made


@pytest.fixture(scope="module")
def shared_rig(consortium: Path, schema: EncodingSchema, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """Yield a running coordinator for the tests of a file that change nothing in it."""
    with opened_rig(consortium, schema, tmp_path_factory.mktemp("shared") / "state") as made:
        yield made
