"""Checkpoints: the coordinator witnesses a party's log as it grows, and shows its own growth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from linkage.audit.checkpoint import origin_of, verify_checkpoint
from linkage.audit.log import AuditLog
from linkage.audit.note import parse_note, verify_cosignature
from linkage.errors import AuditError
from linkage.rpc.v1 import linkage_pb2 as pb


@pytest.fixture
def log(rig: Any, tmp_path: Path) -> Iterator[AuditLog]:
    """Yield civil's own audit log with three entries."""
    origin = origin_of("county-test", "civil")
    with AuditLog.open(tmp_path / "civil", origin=origin, signer=rig.keys("civil").signing, clock=rig.clock) as log:
        for i in range(3):
            log.append("test.entry", {"number": i})
        yield log


def test_a_first_checkpoint_is_cosigned(rig: Any, log: AuditLog) -> None:
    checkpoint = log.checkpoint()

    reply = rig.client("civil").exchange_checkpoint(pb.CheckpointRequest(checkpoint=checkpoint))

    line = parse_note(checkpoint + reply.cosignature).signatures[-1]
    key = rig.keys("civil").manifest.coordinator.signing_key
    verify_cosignature(parse_note(checkpoint), line, name=origin_of("county-test", "coordinator"), key=key)
    assert verify_checkpoint(reply.checkpoint, origin=origin_of("county-test", "coordinator"), key=key)[0].size > 0


def test_a_grown_log_is_cosigned_only_with_its_proof(rig: Any, log: AuditLog) -> None:
    client = rig.client("civil")
    client.exchange_checkpoint(pb.CheckpointRequest(checkpoint=log.checkpoint()))
    log.append("test.entry", {"number": 3})
    checkpoint = log.checkpoint()

    asked = client.exchange_checkpoint(pb.CheckpointRequest(checkpoint=checkpoint))
    assert (asked.cosignature, asked.witnessed_size) == ("", 3)
    proof = log.consistency_proof(3, 4)
    done = client.exchange_checkpoint(pb.CheckpointRequest(checkpoint=checkpoint, consistency_proof=proof))
    assert done.cosignature


def test_a_false_proof_is_refused(rig: Any, log: AuditLog) -> None:
    client = rig.client("civil")
    client.exchange_checkpoint(pb.CheckpointRequest(checkpoint=log.checkpoint()))
    log.append("test.entry", {"number": 3})

    with pytest.raises(AuditError):
        client.exchange_checkpoint(
            pb.CheckpointRequest(checkpoint=log.checkpoint(), consistency_proof=[bytes(32), bytes(32)])
        )


def test_a_checkpoint_of_another_party_is_refused(rig: Any, log: AuditLog) -> None:
    with pytest.raises(AuditError):
        rig.client("disabled").exchange_checkpoint(pb.CheckpointRequest(checkpoint=log.checkpoint()))


def test_the_coordinators_growth_can_be_checked_by_the_caller(rig: Any, log: AuditLog, tmp_path: Path) -> None:
    client, origin = rig.client("civil"), origin_of("county-test", "coordinator")
    key = rig.keys("civil").manifest.coordinator.signing_key
    first = client.exchange_checkpoint(pb.CheckpointRequest(checkpoint=log.checkpoint()))
    known = log.store_peer_checkpoint("coordinator", first.checkpoint, origin=origin, key=key)

    then = client.exchange_checkpoint(pb.CheckpointRequest(checkpoint=log.checkpoint(), known_size=known.size))

    grown = log.store_peer_checkpoint(
        "coordinator", then.checkpoint, origin=origin, key=key, proof=list(then.consistency_proof)
    )
    assert grown.size > known.size
