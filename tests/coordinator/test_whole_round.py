"""One round over real gRPC with mutual TLS, from the warrant to the last deletion statement."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from linkage.coordinator import spool
from linkage.coordinator.running import Coordinator
from linkage.errors import UploadError
from linkage.keys.signing import Signed
from linkage.rpc.fetch import fetch_result_file
from linkage.rpc.result import ResultRow, open_result
from linkage.rpc.upload import upload_file
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.warrant import DeletionStatement
from tests.coordinator.conftest import WORKER


def state_is(state: str) -> Any:
    return lambda event: event.HasField("status") and pb.RoundState.Name(event.status.state) == state


def upload(rig: Any, warrant: Any, population: str, rows: Any, folder: Path) -> pb.UploadReply:
    file = folder / f"{population}.rows"
    file.write_bytes(rows.tobytes())
    return upload_file(rig.client(warrant.population(population).owner), file, rig.facts(warrant, population, rows))


def collected(rig: Any, rows: Any, folder: Path) -> Any:
    """Return the warrant of a round with everything uploaded: anchors 1..6, disabled 2,3,4,9, dibao 3,8."""
    warrant = rig.consented()
    anchors = rows([1, 2, 3, 4, 5, 6], scope=1)
    anchors["scope"][3] = 2  # A suspect: the model asks about victims only.
    upload(rig, warrant, "anchors", anchors, folder)
    upload(rig, warrant, "dis", rows([9, 2, 3, 4], payload=True), folder)
    upload(rig, warrant, "dibao", rows([3, 8]), folder)
    return warrant


def test_a_round_runs_from_warrant_to_closed(rig: Any, rows: Any, tmp_path: Path) -> None:
    warrant = collected(rig, rows, tmp_path)
    ready = rig.events("procuratorate", state_is("READY"))[-1].status
    client = rig.client("procuratorate")
    file = tmp_path / "result"
    digest, size = bytes(ready.result_digest), int(ready.result_bytes)
    fetch_result_file(client, warrant.round_id, file, result_digest=digest, result_bytes=size)

    result = open_result(file.read_bytes(), rig.keys("procuratorate").recipient, warrant_digest=warrant.digest)

    assert [(r.anchor, r.verdict, [(x.population, x.grade, x.position) for x in r.links]) for r in result.rows] == [
        (1, "yes", [("dis", "A", 1)])
    ]
    assert isinstance(result.rows[0], ResultRow) and len(result.rows[0].links[0].payload) == 24
    assert result.upload_keys == {"dis": b"sealed upload key"}

    assert client.accept_result(warrant.round_id, digest).state == pb.DELIVERED
    assert client.accept_result(warrant.round_id, digest).state == pb.DELIVERED  # Again changes nothing.
    for owner in warrant.owners:
        rig.delete(warrant, owner)
    rig.events("civil", state_is("CLOSED"))
    assert not rig.coordinator.unit.folder(warrant.round_id).exists()


def test_an_erasure_that_is_owed_is_done_after_a_restart_and_neither_stated_nor_closed_before(
    rig: Any, rows: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warrant = collected(rig, rows, tmp_path)
    ready = rig.events("procuratorate", state_is("READY"))[-1].status
    tried = threading.Event()

    def stuck(folder: Path) -> None:
        tried.set()
        raise UploadError("轮次数据未能删除", "a round's data could not be removed")

    with monkeypatch.context() as broken:
        broken.setattr(spool, "erase", stuck)
        assert rig.client("procuratorate").accept_result(warrant.round_id, ready.result_digest).state == pb.DELIVERED
        assert tried.wait(60)
        for owner in warrant.owners:
            assert rig.delete(warrant, owner).state == pb.DELIVERED
        assert '"kind":"round.erased"' not in rig.audit()
        rig.coordinator.stop()

    rig.coordinator = Coordinator(rig.config, clock=rig.clock, worker=WORKER)
    rig.coordinator.start()

    events = rig.events("civil", state_is("CLOSED"))
    assert [Signed.parse(e.deletion.envelope).signer for e in events if e.HasField("deletion")][-1] == "coordinator"
    assert not rig.coordinator.unit.folder(warrant.round_id).exists()
    assert rig.audit().count('"kind":"round.erased"') == 1


def test_every_owner_gets_the_coordinators_signed_deletion_statement(rig: Any, rows: Any, tmp_path: Path) -> None:
    warrant = collected(rig, rows, tmp_path)
    ready = rig.events("procuratorate", state_is("READY"))[-1].status
    rig.client("procuratorate").accept_result(warrant.round_id, ready.result_digest)

    event = rig.events("civil", lambda e: e.HasField("deletion"))[-1]

    signed = Signed.parse(event.deletion.envelope)
    key = rig.keys("civil").manifest.coordinator.signing_key
    statement = DeletionStatement.from_bytes(signed.verify("deletion", key))
    assert (statement.party, len(statement.items)) == ("coordinator", 4)


def test_owners_learn_all_consents_and_nothing_about_other_owners_sizes_or_the_result(
    rig: Any, rows: Any, tmp_path: Path
) -> None:
    warrant = collected(rig, rows, tmp_path)
    rig.events("procuratorate", state_is("READY"))

    events = rig.events("civil", state_is("READY"))
    status = rig.client("civil").get_round(warrant.round_id)

    consents = [e.consents for e in events if e.HasField("consents")]
    assert [Signed.parse(d.envelope).signer for d in consents[0].decisions] == ["civil", "disabled", "procuratorate"]
    assert [p.population for p in status.populations] == ["dibao"]
    assert (status.result_digest, status.result_bytes) == (b"", 0)


def test_events_come_again_from_any_sequence(rig: Any) -> None:
    warrant = rig.consented()
    events = rig.events("civil", state_is("COLLECTING"))

    again = rig.events("civil", state_is("COLLECTING"), after=events[0].sequence)

    assert [e.sequence for e in again] == [e.sequence for e in events[1:]]
    assert events[0].HasField("warrant") and events[0].round_id == warrant.round_id


def test_a_watch_goes_on_over_a_restart_without_losing_or_repeating_an_event(rig: Any) -> None:
    rig.propose(rig.warrant())
    stop = threading.Event()
    watching = rig.client("civil", attempts=9).watch(0, stop)
    first = next(watching)

    rig.restart()
    warrant = rig.warrant()
    rig.propose(warrant)
    second = next(watching)
    stop.set()
    watching.close()

    assert (second.round_id, second.sequence > first.sequence) == (warrant.round_id, True)


def test_a_finished_wait_is_not_an_error_for_a_watcher(rig: Any) -> None:
    assert list(rig.client("civil").watch_once(0, seconds=5.5)) == []
