"""Two coordinators, an old backup, jumping clocks, a certificate that runs out, an agency that never answers."""

from __future__ import annotations

import queue
import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.audit.verify import verify_log
from linkage.coordinator import messages, upkeep
from linkage.coordinator.events import post
from linkage.coordinator.records import load_round
from linkage.coordinator.round import State
from linkage.coordinator.running import Coordinator
from linkage.coordinator.store import Store
from linkage.errors import AuditError, ConfigError, PermissionRefused, RoundStateError
from linkage.owner.witnessing import exchange_checkpoints
from linkage.rpc.upload import upload_file
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.warrant import utc_text
from tests.coordinator.conftest import WORKER


@pytest.fixture
def log(rig: Any, tmp_path: Path) -> Iterator[AuditLog]:
    """Yield civil's own audit log."""
    origin = origin_of("county-test", "civil")
    with AuditLog.open(tmp_path / "civil", origin=origin, signer=rig.keys("civil").signing, clock=rig.clock) as opened:
        yield opened


def ended(rig: Any, party: str, state: pb.RoundState) -> pb.RoundStatus:
    """Wait for a state as a party's stream tells it."""
    status: pb.RoundStatus = rig.events(party, lambda e: e.HasField("status") and e.status.state == state)[-1].status
    return status


def test_a_second_coordinator_over_one_state_folder_is_refused(rig: Any) -> None:
    with pytest.raises(ConfigError, match="another coordinator"):
        Coordinator(rig.config, worker=WORKER)

    rig.restart()  # After the first has stopped the folder is free.
    assert rig.propose(rig.warrant()).state == pb.PROPOSED


@pytest.mark.parametrize("answered", [(), ("civil", "disabled", "procuratorate")], ids=["consent", "upload"])
def test_a_round_whose_agency_never_answers_expires_and_everybody_is_told_why(
    rig: Any, answered: tuple[str, ...]
) -> None:
    warrant = rig.warrant()
    rig.propose(warrant)
    for owner in answered:
        rig.decide(warrant, owner)
    rig.clock.ahead = timedelta(days=4)

    for party in ("procuratorate", "civil", "disabled"):
        assert "到期" in ended(rig, party, pb.EXPIRED).reason


def test_a_coordinator_restored_from_an_old_backup_is_noticed_by_its_log(
    rig: Any, log: AuditLog, tmp_path: Path
) -> None:
    if rig.config.database:
        pytest.skip("a copy of the folder does not hold a server's database")
    warrant = rig.consented()
    rig.coordinator.stop()
    shutil.copytree(rig.config.state, tmp_path / "backup", symlinks=True)
    rig.coordinator = Coordinator(rig.config, clock=rig.clock, worker=WORKER)
    rig.coordinator.start()
    rig.propose(rig.warrant())
    seen = rig.events("civil", lambda e: e.HasField("warrant") and e.round_id != warrant.round_id)[-1].sequence
    exchange_checkpoints(rig.client("civil"), log, rig.keys("civil"))
    rig.coordinator.stop()
    shutil.rmtree(rig.config.state)
    shutil.copytree(tmp_path / "backup", rig.config.state, symlinks=True)
    rig.coordinator = Coordinator(rig.config, clock=rig.clock, worker=WORKER)
    rig.coordinator.start()

    with pytest.raises(AuditError):
        exchange_checkpoints(rig.client("civil"), log, rig.keys("civil"))
    assert list((tmp_path / "civil" / "peers").glob("coordinator.evidence-*")), "no evidence was kept"
    with pytest.raises(RoundStateError, match="older backup"):
        list(rig.client("civil").watch_once(seen, seconds=30))
    # The round of the backup is not half: it ends in a named state.
    rig.clock.ahead = timedelta(days=4)
    assert ended(rig, "civil", pb.EXPIRED).round_id == warrant.round_id


@pytest.mark.parametrize("minutes", [-4, 300, 2880])
def test_a_round_survives_a_jump_of_the_coordinators_clock(rig: Any, rows: Any, tmp_path: Path, minutes: int) -> None:
    warrant = rig.consented()
    content = rows(list(range(40)))
    file = tmp_path / "rows"
    file.write_bytes(content.tobytes())
    client, facts = rig.client("civil"), rig.facts(warrant, "dibao", content)
    client.begin_upload(facts.request())
    rig.clock.ahead = timedelta(minutes=minutes)

    assert upload_file(client, file, facts).sealed
    rig.coordinator.stop()
    assert verify_log(rig.config.state / "audit", rig.keys("civil").manifest).fault is None
    rig.coordinator = Coordinator(rig.config, clock=rig.clock, worker=WORKER)
    rig.coordinator.start()


def test_a_certificate_that_runs_out_in_mid_round_ends_the_partys_part_and_later_the_round(rig: Any) -> None:
    warrant = rig.consented(expires_at=utc_text(rig.clock() + timedelta(days=40)))
    client = rig.client("civil")
    assert client.get_round(warrant.round_id).state == pb.COLLECTING

    rig.clock.ahead = timedelta(days=31)

    with pytest.raises(PermissionRefused, match="expired"):
        client.get_round(warrant.round_id)
    assert '"kind":"call.refused"' in rig.audit()
    rig.clock.ahead = timedelta(days=41)
    upkeep.tend(rig.coordinator.unit)
    with rig.coordinator.unit.store.reading() as connection:
        assert load_round(connection, warrant.round_id).round.state is State.EXPIRED


def test_an_open_stream_hears_what_another_program_over_the_same_state_has_stored(rig: Any) -> None:
    warrant, told = rig.consented(), queue.Queue[int]()
    last = rig.events("civil", lambda e: e.HasField("status") and e.status.state == pb.COLLECTING)[-1].sequence
    stop = threading.Event()

    def watch() -> None:
        for event in rig.client("civil").watch(last, stop):
            told.put(event.sequence)

    threading.Thread(target=watch, daemon=True).start()
    while not rig.coordinator.unit.bell.open_streams():
        pass
    other = Store(rig.config.place)
    with other.transaction() as connection:
        posted = post(connection, ["civil"], messages.event(warrant.round_id), now_ms=0)
    other.close()

    assert told.get(timeout=60) == posted[0][1]
    stop.set()
