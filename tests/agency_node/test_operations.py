"""The agency node in operation: nothing of a marked register is in its metrics, its log or its diagnostic bundle."""

from __future__ import annotations

import json
import signal
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest

from agency_node.command import main
from linkage.coordinator.running import Coordinator
from linkage.keys.store import load_party_keys
from linkage.operations.port import fetch
from linkage.rpc.backoff import Backoff
from linkage.rpc.client import connect
from linkage.warrant import LABEL_DECISION, LABEL_WARRANT
from tests.agency_node.conftest import POLICY
from tests.agency_node.test_daemon import Daemon, audit_kinds, coordinator, folder
from tests.e2e.conftest import free_port
from tests.owner.conftest import make_warrant, wait_for

__all__ = ["coordinator", "folder"]

OFFICER = "绝密值班员"
COUNT = 40  # Rows of the fixture's register.


@pytest.fixture
def port(folder: Path) -> int:
    """Let the node write a JSON log and open its loopback port, and name an officer."""
    number = free_port()
    with (folder / "agency.toml").open("a", encoding="utf-8") as config:
        config.write(f'operators = ["{OFFICER}"]\n')
        config.write(f'[operations]\nmetrics = "127.0.0.1:{number}"\nlog_format = "json"\nlog_file = "node.log"\n')
    return number


def marks(name_of: Any) -> list[str]:
    """Return what stands in the register's cells, and the officer's name."""
    people = [text for i in range(COUNT) for text in (name_of(i), f"199000{i:05d}", f"村{i}号")]
    return [*people, OFFICER, "青塘镇"]


def test_nothing_of_a_marked_register_is_in_metrics_log_or_bundle(
    town: Any, consortium: Path, coordinator: Coordinator, folder: Path, port: int, name_of: Any
) -> None:
    keys = load_party_keys(consortium / "procuratorate")
    client = connect(
        f"localhost:{coordinator.port}", keys, last_leaf=lambda: bytes(32), backoff=Backoff(attempts=3, first=0.05)
    )
    warrant = make_warrant(keys, now=datetime.now(UTC))
    daemon = Daemon(folder)
    address = ("127.0.0.1", port)
    log = folder / "node.log"
    try:
        wait_for(lambda: daemon.said("ready"), seconds=60)
        wait_for(lambda: fetch(address, "/health") == "SERVING\n", seconds=60)
        client.propose_round(town.sign("procuratorate", LABEL_WARRANT, warrant.to_bytes()))
        wait_for(lambda: "decision.made" in audit_kinds(folder), seconds=60)
        for owner in ("procuratorate", "disabled"):
            envelope = town.sign(owner, LABEL_DECISION, town.decision(warrant, owner).to_bytes())
            with connect(f"localhost:{coordinator.port}", town.keys(owner), last_leaf=lambda: bytes(32)) as side:
                side.decide_round(warrant.round_id, envelope)
        wait_for(lambda: "all our populations are uploaded" in log.read_text("utf-8"), seconds=60)
        ours = str(fetch(address, "/metrics"))
        assert main(["diagnose", str(folder / "bundle.zip"), "--config", str(folder / "agency.toml")]) == 0
        assert daemon.end(signal.SIGTERM) == 0
    finally:
        client.close()
        if daemon.process.poll() is None:
            daemon.process.kill()
            daemon.process.wait(20)
    theirs = generate_latest(coordinator.meter.registry).decode()
    with zipfile.ZipFile(folder / "bundle.zip") as packed:
        bundle = "".join(packed.read(name).decode("utf-8") for name in packed.namelist())

    assert 'linkage_rounds{step="UPLOADED"} 1.0' in ours
    assert 'linkage_audit_entries_total{kind="encoding.done"}' in ours
    assert "linkage_coordinator_heard_timestamp_seconds" in ours
    assert 'linkage_uploads{of="sealed_rows"} 40.0' in theirs
    assert "all our populations are uploaded" in bundle and 'linkage_rounds{step="UPLOADED"}' in bundle
    events = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert all(set(event) <= {"time", "level", "logger", "event", "exception"} for event in events)
    held = ours + theirs + bundle + log.read_text("utf-8") + daemon.log.read_text("utf-8")
    assert [mark for mark in marks(name_of) if mark in held] == []


def report(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, str]]]:
    capsys.readouterr()
    code = main(["doctor", "--json", "--config", str(folder / "agency.toml")])
    return code, json.loads(capsys.readouterr().out)


def test_the_doctor_goes_the_whole_way_to_the_coordinator(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for private in ("audit", "rounds"):
        (folder / private).mkdir(mode=0o700)
    _, found = report(folder, capsys)
    good = {f["check"] for f in found if f["mark"] == "good"}
    faults = [f["en"] for f in found if f["mark"] == "fault"]

    assert good >= {"config", "certificate", "keys", "schema", "coordinator", "clock", "disk", "policy", "registers"}
    assert faults == ["tekun: no file"]
    assert next(f["zh"] for f in found if f["check"] == "clock").startswith("与链接单元相差 ")


def test_the_doctor_looks_at_everything_else_when_one_thing_is_broken(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "policy.toml").write_text(POLICY + "nonsense = 1\n", "utf-8")
    (folder / "keys" / "signing.key").chmod(0o644)
    code, found = report(folder, capsys)
    faults = {f["check"] for f in found if f["mark"] == "fault"}

    assert code == 1
    assert faults >= {"permissions", "keys", "policy"}
    assert {f["check"] for f in found if f["mark"] == "good"} >= {"config", "certificate", "disk"}
    assert all(f["hint_zh"] for f in found if f["check"] == "permissions" and f["mark"] == "fault")


def test_the_doctor_says_where_the_way_to_the_coordinator_ends(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (folder / "agency.toml").read_text("utf-8")
    (folder / "agency.toml").write_text(text.replace("localhost:", "127.0.0.9:"), "utf-8")
    _, found = report(folder, capsys)
    (lost,) = [f for f in found if f["check"] == "coordinator"]

    assert lost["mark"] == "fault" and "cannot be reached" in lost["en"] and "firewall" in lost["hint_en"]


def test_an_old_snapshot_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (folder / "agency.toml").read_text("utf-8")
    (folder / "agency.toml").write_text(text.replace('today = "2026-10-31"', 'today = "2027-06-30"'), "utf-8")
    _, found = report(folder, capsys)

    assert "dibao: newest snapshot 202610, 8 months old" in [f["en"] for f in found if f["mark"] == "warning"]
