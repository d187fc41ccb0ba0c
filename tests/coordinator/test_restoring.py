"""Backup, destroy, restore: what was open has failed, what had ended stands, and nothing old passes for current."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.backup.accepting import accept_restart
from linkage.backup.making import make_backup
from linkage.backup.restoring import Restored, restore_backup
from linkage.backup.verifying import verify_backup
from linkage.coordinator.keeping import holdings_of
from linkage.coordinator.running import Coordinator
from linkage.coordinator.settling import settle
from linkage.database.opening import open_database
from linkage.errors import AuditError, ConfigError, InputError, NotFoundError
from linkage.owner.witnessing import exchange_checkpoints
from linkage.rpc.v1 import linkage_pb2 as pb

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def holdings(rig: Any, place: Path | str | None = None) -> Any:
    found = holdings_of(rig.config, rig.keys("coordinator"))
    return found if place is None else type(found)(found.program, found.state, place, found.chains, found.keys)


def destroy(rig: Any) -> None:
    """Lose the coordinator's machine but its keys and configuration."""
    rig.coordinator.stop()
    if isinstance(rig.config.place, str):
        lost = sa.MetaData()
        engine = open_database(rig.config.place)
        lost.reflect(engine)
        lost.drop_all(engine)
        engine.dispose()
    for left in rig.config.state.iterdir():
        if left.name != "keys":
            shutil.rmtree(left) if left.is_dir() else left.unlink()


def restore(rig: Any, backup: Path) -> Restored:
    return restore_backup(holdings(rig), backup, settle, by="值班员", reason="磁盘损坏", now=datetime.now(UTC))


def start(rig: Any) -> None:
    rig.coordinator = Coordinator(rig.config, clock=rig.clock, worker=("false",))
    rig.coordinator.start()


def lose_and_restore(rig: Any, backup: Path) -> Restored:
    destroy(rig)
    found = restore(rig, backup)
    start(rig)
    return found


def begin_upload(rig: Any, warrant: Any, rows: Any) -> Any:
    """Begin the upload of `dibao` and return what was announced."""
    facts = rig.facts(warrant, "dibao", rows([3, 8]))
    rig.client("civil").begin_upload(facts.request())
    return facts


def test_a_backup_of_a_running_unit_is_whole_private_and_without_keys_or_encodings(
    rig: Any, rows: Any, tmp_path: Path
) -> None:
    begin_upload(rig, rig.consented(), rows)

    made = make_backup(holdings(rig), tmp_path / "backup", now=NOW)

    assert verify_backup(holdings(rig), tmp_path / "backup") == made
    assert set(made.files) == {"database.sqlite", "audit/entries.jsonl"}
    files = [f for f in (tmp_path / "backup").rglob("*") if f.is_file()]
    assert all(f.stat().st_mode & 0o077 == 0 for f in (tmp_path / "backup", *files))


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: (folder / "database.sqlite").write_bytes(b"other"),
        lambda folder: (folder / "audit" / "entries.jsonl").write_bytes(b""),
        lambda folder: (folder / "audit" / "entries.jsonl").unlink(),
        lambda folder: (folder / "files").mkdir() or (folder / "files" / "more").write_bytes(b""),
        lambda folder: (folder / "manifest.json").write_bytes(
            (folder / "manifest.json").read_bytes().replace(b'"body":"e', b'"body":"f')
        ),
    ],
)
def test_a_backup_that_was_touched_is_refused(shared_rig: Any, tmp_path: Path, harm: Callable[[Path], object]) -> None:
    make_backup(holdings(shared_rig), tmp_path / "backup", now=NOW)
    harm(tmp_path / "backup")

    with pytest.raises(InputError):
        verify_backup(holdings(shared_rig), tmp_path / "backup")


def test_neither_a_backup_nor_a_state_is_overwritten(shared_rig: Any, tmp_path: Path) -> None:
    make_backup(holdings(shared_rig), tmp_path / "backup", now=NOW)

    with pytest.raises(ConfigError, match="not overwritten"):
        make_backup(holdings(shared_rig), tmp_path / "backup", now=NOW)
    with pytest.raises(ConfigError, match=r"audit.*database.*not overwritten"):
        restore(shared_rig, tmp_path / "backup")


def test_a_restore_that_fails_leaves_the_state_as_empty_as_it_was(rig: Any, tmp_path: Path) -> None:
    make_backup(holdings(rig), tmp_path / "backup", now=NOW)
    destroy(rig)

    def fail(*_: object) -> None:
        raise InputError("坏了", "broken")

    with pytest.raises(InputError):
        restore_backup(holdings(rig), tmp_path / "backup", fail, by="值班员", reason="磁盘损坏", now=NOW)
    left = {place.name for place in rig.config.state.iterdir()}
    restore(rig, tmp_path / "backup")
    start(rig)

    assert left == {"keys"}


def test_an_open_round_has_failed_and_its_owners_learn_it_whatever_they_have_seen_since(
    rig: Any, rows: Any, tmp_path: Path
) -> None:
    warrant = rig.consented()
    facts = begin_upload(rig, warrant, rows)
    make_backup(holdings(rig), tmp_path / "backup", now=NOW)
    later = rig.consented()
    seen = rig.events("civil", lambda e: e.round_id == later.round_id and e.HasField("consents"))[-1].sequence

    lose_and_restore(rig, tmp_path / "backup")

    news = rig.events("civil", lambda e: e.HasField("status"), after=seen)
    assert [(e.round_id, e.status.state) for e in news] == [(warrant.round_id, pb.FAILED)]
    assert "restored from a backup" in news[0].status.reason
    with pytest.raises(NotFoundError):
        rig.client("civil").get_round(later.round_id)
    assert rig.client("civil").get_round(warrant.round_id).state == pb.FAILED
    with pytest.raises(Exception, match="FAILED"):
        rig.client("civil").begin_upload(facts.request())


def test_a_round_that_had_ended_stands_and_a_new_one_runs(rig: Any, tmp_path: Path) -> None:
    refused = rig.warrant()
    rig.propose(refused)
    rig.decide(refused, "civil", "refuse")
    make_backup(holdings(rig), tmp_path / "backup", now=NOW)
    later = rig.consented()
    seen = rig.events("civil", lambda e: e.round_id == later.round_id and e.HasField("consents"))[-1].sequence

    lose_and_restore(rig, tmp_path / "backup")

    assert list(rig.client("civil").watch_once(seen, seconds=5.5)) == [], "who has seen more must be heard all the same"
    assert rig.client("civil").get_round(refused.round_id).state == pb.REFUSED
    assert rig.client("civil").get_round(rig.consented().round_id).state == pb.COLLECTING


def test_the_log_begins_again_and_a_witness_refuses_it_until_a_person_accepts(rig: Any, tmp_path: Path) -> None:
    keys = rig.keys("civil")
    own = AuditLog.open(
        tmp_path / "civil", origin=origin_of("county-test", "civil"), signer=keys.signing, clock=rig.clock
    )
    own.append("test.entry", {})
    make_backup(holdings(rig), tmp_path / "backup", now=NOW)
    exchange_checkpoints(rig.client("civil"), own, keys)
    before = rig.audit()

    found = lose_and_restore(rig, tmp_path / "backup")

    first = json.loads(rig.audit().splitlines()[0])
    assert (first["kind"], first["facts"]["by"], first["facts"]["reason"]) == ("log.restarted", "值班员", "磁盘损坏")
    old = rig.config.state / f"audit-before-{found.restart.stamp}" / "entries.jsonl"
    assert before.startswith(old.read_text("utf-8"))
    with pytest.raises(AuditError):
        exchange_checkpoints(rig.client("civil"), own, keys)

    accept_restart(keys, own, found.statement, by="安全管理员")
    accept_restart(keys, own, found.statement, by="安全管理员")

    assert exchange_checkpoints(rig.client("civil"), own, keys) == own.size()
    assert (tmp_path / "civil").joinpath("entries.jsonl").read_text("utf-8").count("peer.restarted") == 1
    assert list((tmp_path / "civil" / "peers").glob("coordinator.before-*.note"))
    own.close()


def test_a_statement_that_another_party_signed_is_refused(rig: Any, tmp_path: Path) -> None:
    make_backup(holdings(rig), tmp_path / "backup", now=NOW)
    found = lose_and_restore(rig, tmp_path / "backup")
    body = json.loads(found.statement.read_bytes())
    found.statement.write_bytes(json.dumps(body | {"signer": "disabled"}, separators=(",", ":")).encode())
    keys = rig.keys("civil")

    with (
        AuditLog.open(tmp_path / "civil", origin="x/y/z", signer=keys.signing, clock=rig.clock) as own,
        pytest.raises(AuditError),
    ):
        accept_restart(keys, own, found.statement, by="安全管理员")


def test_a_backup_moves_to_the_other_kind_of_database(rig: Any, server: Any, tmp_path: Path) -> None:
    warrant = rig.consented()
    make_backup(holdings(rig), tmp_path / "backup", now=NOW)
    other = server.address() if isinstance(rig.config.place, Path) else rig.config.state / "moved.db"
    destroy(rig)

    restore_backup(holdings(rig, other), tmp_path / "backup", settle, by="值班员", reason="迁移", now=NOW)

    with open_database(other).begin() as connection:
        assert connection.exec_driver_sql("SELECT id, state FROM rounds").all() == [(warrant.round_id, "FAILED")]
        numbers = connection.exec_driver_sql("SELECT sequence FROM events ORDER BY sequence").scalars().all()
    moment = NOW.timestamp() * 1000
    assert numbers[0] < moment < numbers[-1], "what is told after the restore is numbered from its moment on"
    start(rig)  # The rig ends with a coordinator to stop.
