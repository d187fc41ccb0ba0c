"""The daemon as its own process against the real coordinator: it takes a warrant, encodes, uploads and goes quietly."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("linkage.coordinator.running")

from linkage.coordinator.config import Config, Quotas, Times
from linkage.coordinator.running import Coordinator
from linkage.keys.store import load_party_keys
from linkage.rpc.backoff import Backoff
from linkage.rpc.client import connect
from linkage.warrant import LABEL_DECISION, LABEL_WARRANT
from tests.agency_node.conftest import POLICY, write_register
from tests.owner.conftest import make_warrant, wait_for

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def coordinator(consortium: Path, tmp_path: Path) -> Iterator[Coordinator]:
    state = tmp_path / "coordinator"
    state.mkdir()
    (state / "keys").symlink_to(consortium / "coordinator" / "keys")
    times = Times(tick_seconds=1, watch_seconds=60, drain_seconds=2)
    running = Coordinator(Config(state=state, listen="127.0.0.1:0", quotas=Quotas(free_bytes=0), times=times))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def folder(consortium: Path, coordinator: Coordinator, tmp_path: Path) -> Path:
    node = tmp_path / "civil"
    shutil.copytree(consortium / "civil" / "keys", node / "keys")
    write_register(node / "register", 40)
    (node / "policy.toml").write_text(POLICY, "utf-8")
    text = f'[agency]\nstate = "."\ncoordinator = "localhost:{coordinator.port}"\ndata = "register"\n'
    (node / "agency.toml").write_text(text + 'today = "2026-10-31"\n', "utf-8")
    return node


class Daemon:
    """One `agency-node run`; its output goes to a file."""

    def __init__(self, folder: Path) -> None:
        self.log = folder.parent / "civil.log"
        words = [sys.executable, "-m", "agency_node", "run", "--config", str(folder / "agency.toml")]
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(words, stdout=sink, stderr=sink, cwd=ROOT, env=dict(os.environ))

    def said(self, text: str) -> bool:
        assert self.process.poll() is None, self.log.read_text("utf-8")
        return text in self.log.read_text("utf-8")

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


def audit_kinds(folder: Path) -> list[str]:
    lines = (folder / "audit" / "entries.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["kind"] for line in lines]


def test_a_daemon_takes_part_in_a_round_through_a_kill_and_ends_when_told(
    town: Any, consortium: Path, coordinator: Coordinator, folder: Path
) -> None:
    keys = load_party_keys(consortium / "procuratorate")
    backoff = Backoff(attempts=3, first=0.05, longest=0.5)
    client = connect(f"localhost:{coordinator.port}", keys, last_leaf=lambda: bytes(32), backoff=backoff)
    warrant = make_warrant(keys, now=datetime.now(UTC))
    daemon = Daemon(folder)
    try:
        wait_for(lambda: daemon.said("ready"), seconds=60)
        client.propose_round(town.sign("procuratorate", LABEL_WARRANT, warrant.to_bytes()))
        wait_for(lambda: "decision.made" in audit_kinds(folder), seconds=60)
        daemon.end(signal.SIGKILL)
        for owner in ("procuratorate", "disabled"):
            envelope = town.sign(owner, LABEL_DECISION, town.decision(warrant, owner).to_bytes())
            side = connect(f"localhost:{coordinator.port}", town.keys(owner), last_leaf=lambda: bytes(32))
            side.decide_round(warrant.round_id, envelope)
            side.close()
        daemon = Daemon(folder)
        wait_for(lambda: daemon.said("all our populations are uploaded"), seconds=60)
        progress = {p.population: p for p in client.get_round(warrant.round_id).populations}

        assert (progress["dibao"].sealed, progress["dibao"].rows_expected) == (True, 40)
        kinds = audit_kinds(folder)
        assert kinds.index("decision.made") < kinds.index("consents.verified")
        assert kinds.index("encoding.done") < kinds.index("upload.sealed")

        client.cancel_round(warrant.round_id, "演练结束")
        wait_for(lambda: "data.deleted" in audit_kinds(folder), seconds=60)
        assert daemon.end(signal.SIGTERM) == 0
        assert not (folder / "rounds" / warrant.round_id).exists()
    finally:
        client.close()
        if daemon.process.poll() is None:
            daemon.process.kill()
            daemon.process.wait(20)


def test_no_row_of_the_register_is_in_the_log_or_the_audit_log(
    town: Any, coordinator: Coordinator, folder: Path, name_of: Any
) -> None:
    daemon = Daemon(folder)
    try:
        wait_for(lambda: daemon.said("ready"), seconds=60)
        wait_for(lambda: daemon.said("checkpoint of"), seconds=60)
        second = Daemon(folder)
        assert second.process.wait(60) == 1 and "running already" in daemon.log.read_text("utf-8")
        assert daemon.end(signal.SIGTERM) == 0
    finally:
        if daemon.process.poll() is None:
            daemon.process.kill()
    held = daemon.log.read_text("utf-8") + (folder / "audit" / "entries.jsonl").read_text("utf-8")

    assert [i for i in range(40) if name_of(i) in held] == []


def test_a_node_without_its_secret_does_not_start(folder: Path) -> None:
    for sealed in (folder / "keys").glob("secret-*.sealed"):
        sealed.unlink()
    daemon = Daemon(folder)

    assert daemon.process.wait(60) == 1
    assert "import-secret" in daemon.log.read_text("utf-8")
