"""Parties witness one another through the coordinator, which only carries; a split view is refused, with evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from linkage.audit.checkpoint import Checkpoint, origin_of, sign_checkpoint, verify_checkpoint
from linkage.audit.log import AuditLog
from linkage.audit.note import parse_note, verify_cosignature
from linkage.audit.notes import note_path, note_sizes, read_note
from linkage.errors import AuditError
from linkage.owner.cosigning import Cosigner
from linkage.owner.trail import AuditTrail
from linkage.owner.witnessing import Witness, exchange_checkpoints
from linkage.rpc.v1 import linkage_pb2 as pb
from tests.owner.loopback import client_of, running_coordinator

PARTIES = ("civil", "disabled", "procuratorate")


@pytest.fixture
def logs(town: Any, tmp_path: Path) -> Iterator[dict[str, AuditLog]]:
    town.moment = datetime.now(UTC)
    with ExitStack() as stack:
        found = {}
        for party in PARTIES:
            origin, signer = origin_of("county-test", party), town.keys(party).signing
            log = AuditLog.open(tmp_path / party, origin=origin, signer=signer, clock=lambda: town.moment)
            found[party] = stack.enter_context(log)
            log.append("test.entry", {"number": 1})
        yield found


def trail_of(log: AuditLog) -> AuditTrail:
    return AuditTrail(log, peer="coordinator")


def cosigners(log: AuditLog, keys: Any) -> set[str]:
    """Return who cosigned any of a log's checkpoints, every signature verified."""
    found: set[str] = set()
    for size in note_sizes(log.folder):
        note = parse_note(read_note(note_path(log.folder, size)))
        for line in note.signatures:
            party = line.name.rpartition("/")[2]
            if line.name != log.origin:
                verify_cosignature(note, line, name=line.name, key=keys.manifest.party(party).signing_key)
                found.add(party)
    return found


def test_every_log_is_cosigned_by_every_other_party(town: Any, kit: Any, logs: Any, tmp_path: Path) -> None:
    state = tmp_path / "coordinator"
    with running_coordinator(town.folder / "coordinator" / "keys", state) as running, ExitStack() as stack:
        witnesses = []
        for party in PARTIES:
            client = client_of(town.office(party, kit.Policy()), running.port)
            stack.callback(client.close)
            trail = trail_of(logs[party])
            witnesses.append(Witness(client, logs[party], town.keys(party), trail=trail, monotonic=lambda: 0.0))
        for _ in range(3):  # Hand in, take and cosign, fetch the cosignatures.
            for witness in witnesses:
                witness.soon()
                witness.work()

    for party in PARTIES:
        assert cosigners(logs[party], town.keys(party)) == {"coordinator", *PARTIES} - {party}
        kept = {path.stem for path in (logs[party].folder / "peers").glob("*.note")}
        assert kept == {"coordinator", *PARTIES} - {party}
    unit = AuditLog.open(
        state / "audit", origin=origin_of("county-test", "coordinator"), signer=town.keys("coordinator").signing,
        clock=lambda: town.moment,
    )  # fmt: skip
    with unit:
        assert cosigners(unit, town.keys("civil")) == set(PARTIES)


class Dishonest:
    """A coordinator that hands out what it likes."""

    def __init__(self, *steps: pb.GrowthStep) -> None:
        self.steps = list(steps)
        self.asked: list[pb.WitnessRequest] = []

    def __call__(self, request: pb.WitnessRequest) -> pb.WitnessReply:
        self.asked.append(request)
        steps, self.steps = self.steps, []
        return pb.WitnessReply(steps=steps)

    @property
    def cosigned(self) -> list[tuple[str, int]]:
        return [(c.party, int(c.size)) for request in self.asked for c in request.cosignatures]


def forked(town: Any, party: str, old: int, size: int, root: bytes) -> pb.GrowthStep:
    """Return a checkpoint that a party signed over another history of its log."""
    note = sign_checkpoint(Checkpoint(origin_of("county-test", party), size, root), town.keys(party).signing)
    return pb.GrowthStep(party=party, old_size=old, new_size=size, checkpoint=note.to_text())


def kinds(log: AuditLog) -> list[str]:
    return [json.loads(line)["kind"] for line in (log.folder / "entries.jsonl").read_text("utf-8").splitlines()]


def honest(logs: Any, party: str, old: int) -> pb.GrowthStep:
    log = logs[party]
    size = log.size()
    return pb.GrowthStep(
        party=party, old_size=old, new_size=size, checkpoint=log.checkpoint(),
        consistency_proof=log.consistency_proof(old, size) if old else [],
    )  # fmt: skip


def test_a_split_view_is_refused_and_kept_as_evidence(town: Any, logs: Any) -> None:
    mine, keys = logs["civil"], town.keys("civil")
    first = Dishonest(honest(logs, "disabled", 0))
    Cosigner(first, mine, trail_of(mine), keys).work()
    assert first.cosigned == [("disabled", 1)]

    split = Dishonest(forked(town, "disabled", 1, 2, b"\7" * 32), honest(logs, "procuratorate", 0))
    Cosigner(split, mine, trail_of(mine), keys).work()

    assert split.cosigned == [("procuratorate", 1)]
    evidence = (mine.folder / "peers" / "disabled.evidence-1.txt").read_text("utf-8")
    assert evidence.count("linkage/county-test/disabled\n") == 2
    assert kinds(mine)[-2:] == ["checkpoint.refused", "checkpoints.witnessed"]
    held = verify_checkpoint(
        mine.peer_checkpoint("disabled"), origin=logs["disabled"].origin, key=town.keys("disabled").party.signing_key
    )
    assert held[0].size == 1


def test_the_same_split_view_again_makes_no_second_file(town: Any, logs: Any) -> None:
    mine, keys = logs["civil"], town.keys("civil")
    Cosigner(Dishonest(honest(logs, "disabled", 0)), mine, trail_of(mine), keys).work()
    for _ in range(3):
        Cosigner(Dishonest(forked(town, "disabled", 1, 2, b"\7" * 32)), mine, trail_of(mine), keys).work()
    assert [p.name for p in (mine.folder / "peers").glob("*evidence*")] == ["disabled.evidence-1.txt"]


@pytest.mark.parametrize("size", [2, 1])
def test_a_step_by_another_key_is_not_cosigned(town: Any, logs: Any, size: int) -> None:
    note = sign_checkpoint(Checkpoint(logs["disabled"].origin, size, bytes(32)), town.keys("procuratorate").signing)
    step = pb.GrowthStep(party="disabled", old_size=0, new_size=size, checkpoint=note.to_text())
    exchange = Dishonest(step)
    Cosigner(exchange, logs["civil"], trail_of(logs["civil"]), town.keys("civil")).work()
    assert exchange.cosigned == [] and logs["civil"].peer_checkpoint("disabled") is None


def test_a_party_that_forks_before_the_coordinator_is_refused_there_with_evidence(
    town: Any, kit: Any, logs: Any, tmp_path: Path
) -> None:
    state = tmp_path / "coordinator"
    with running_coordinator(town.folder / "coordinator" / "keys", state) as running:
        client = client_of(town.office("civil", kit.Policy()), running.port)
        exchange_checkpoints(client, logs["civil"], town.keys("civil"))
        fork = forked(town, "civil", 1, 2, b"\7" * 32)
        with pytest.raises(AuditError):
            client.exchange_checkpoint(pb.CheckpointRequest(checkpoint=fork.checkpoint, consistency_proof=[b"\7" * 32]))
        client.close()
    assert [p.name for p in (state / "audit" / "peers").glob("*evidence*")] == ["civil.evidence-1.txt"]


def test_leaves_of_every_reply_are_written_down(logs: Any) -> None:
    log = logs["civil"]
    trail = trail_of(log)
    leaves = [bytes([n]) * 32 for n in range(1, 4)]
    for leaf in (*leaves, leaves[-1]):
        trail.seen("GetRound", leaf)
    trail.note("test.entry", {"number": 2})
    facts = json.loads((log.folder / "entries.jsonl").read_text("utf-8").splitlines()[-1])["facts"]
    assert facts["peer_leaf"] == leaves[2].hex() and facts["peer_leaves"] == [leaf.hex() for leaf in leaves[:2]]
    trail.flush()
    assert kinds(log)[-1] == "test.entry"
    for number in range(64):
        trail.seen("GetRound", bytes([number, 1]) * 16)
    assert kinds(log)[-1] == "peer.seen"
