"""The coordinator in operation: what it shows of itself, how it drains, what its doctor says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from linkage.coordinator.command import main
from linkage.coordinator.running import Coordinator
from linkage.errors import TransportError
from linkage.operations.port import STOPPING, fetch
from linkage.operations.settings import Operations
from linkage.rpc.limits import CHUNK_BYTES
from linkage.rpc.upload import upload_file
from linkage.rpc.v1 import linkage_pb2 as pb
from tests.coordinator.conftest import WORKER
from tests.coordinator.test_whole_round import collected, state_is


def shown(coordinator: Coordinator) -> str:
    return generate_latest(coordinator.meter.registry).decode()


def value(text: str, name: str, **labels: str) -> float:
    found = [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if (sample.name, sample.labels) == (name, labels)
    ]
    return found[0] if found else 0.0


def wait_for(seen: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not seen():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


def with_port(rig: Any, *, drain_seconds: int) -> tuple[str, int]:
    """Open a coordinator with a loopback port over the rig's state and return that port's address."""
    times = replace(rig.config.times, drain_seconds=drain_seconds)
    config = replace(rig.config, times=times, operations=Operations(("127.0.0.1", 0)))
    rig.coordinator = Coordinator(config, clock=rig.clock, worker=WORKER)
    rig.coordinator.start()
    return "127.0.0.1", rig.coordinator.metrics_port


def test_a_round_is_seen_in_the_metrics_and_no_party_and_no_round_is_named(rig: Any, rows: Any, tmp_path: Path) -> None:
    warrant = collected(rig, rows, tmp_path)
    rig.events("procuratorate", state_is("READY"))
    text = shown(rig.coordinator)

    assert value(text, "linkage_rounds", state="READY") == 1
    assert value(text, "linkage_erasures_due") == 0
    assert value(text, "linkage_uploads", of="sealed_rows") == 12
    assert value(text, "linkage_uploads", of="held_bytes") > 12
    assert value(text, "linkage_calls_total", method="SealUpload", code="OK") == 3
    assert value(text, "linkage_call_seconds_count", method="SealUpload") == 3
    assert value(text, "linkage_audit_entries_total", kind="upload.sealed") == 3
    assert value(text, "linkage_audit_append_seconds_count") >= 15
    assert value(text, "linkage_match_seconds_count") == 1
    assert value(text, "linkage_certificate_expires_timestamp_seconds") > rig.clock().timestamp()
    named = [*warrant.owners, warrant.round_id, "甲", "乙", "县"]
    assert [name for name in named if name in text] == []


def test_refused_calls_are_counted_by_the_code_their_caller_saw(rig: Any) -> None:
    with pytest.raises(Exception, match="no such round"):
        rig.client("civil").get_round("0" * 32)

    assert value(shown(rig.coordinator), "linkage_calls_total", method="GetRound", code="NOT_FOUND") == 1


def test_draining_finishes_what_runs_refuses_what_is_new_and_says_so(rig: Any, rows: Any, tmp_path: Path) -> None:
    rig.coordinator.stop()
    address = with_port(rig, drain_seconds=60)
    warrant = rig.consented()
    new = rig.warrant()
    outcome: list[pb.RoundStatus] = []
    caller = rig.client("procuratorate")
    caller.check()  # The connection stands before the drain.
    assert fetch(address, "/health") == "SERVING\n"
    stopping = threading.Thread(target=rig.coordinator.stop)
    asking = threading.Thread(target=lambda: outcome.append(caller.cancel_round(warrant.round_id, "不再需要")))
    with rig.coordinator.unit.step():  # So that the call is under way for as long as we want.
        asking.start()
        wait_for(lambda: value(shown_calls(rig), "linkage_calls_open") == 1)
        stopping.start()
        wait_for(lambda: fetch(address, "/health") == f"NOT_SERVING: {STOPPING}\n")
        with pytest.raises(TransportError):
            rig.propose(new)
        assert outcome == []
    asking.join(60)
    stopping.join(60)

    assert [pb.RoundState.Name(status.state) for status in outcome] == ["CANCELLED"]
    assert fetch(address, "/health") is None
    with_port(rig, drain_seconds=1)
    assert rig.propose(new).state == pb.PROPOSED


def shown_calls(rig: Any) -> str:
    """Return the metrics of calls alone: those of the database would wait for the lock."""
    return generate_latest(rig.coordinator.meter.registry.restricted_registry(["linkage_calls_open"])).decode()


def test_an_upload_cut_off_by_a_drain_goes_on_where_it_was(rig: Any, rows: Any, tmp_path: Path) -> None:
    rig.coordinator.stop()
    address = with_port(rig, drain_seconds=1)
    content = rows(list(range(20)))
    content = content.repeat(3 * CHUNK_BYTES // content.nbytes + 1)
    facts = rig.facts(rig.consented(), "dibao", content)
    (tmp_path / "rows").write_bytes(content.tobytes())
    held: list[int] = []

    def stop_midway(done: int, total: int) -> None:
        held.append(done)
        if done == CHUNK_BYTES:
            rig.coordinator.stop()

    with pytest.raises(TransportError):
        upload_file(rig.client("civil"), tmp_path / "rows", facts, progress=stop_midway)
    assert fetch(address, "/health") is None
    rig.coordinator = Coordinator(rig.config, clock=rig.clock, worker=WORKER)
    rig.coordinator.start()

    again: list[int] = []
    assert upload_file(rig.client("civil"), tmp_path / "rows", facts, progress=lambda d, t: again.append(d)).sealed
    assert again[0] == held[-1] == CHUNK_BYTES


def written(rig: Any, folder: Path) -> str:
    """Write the rig's configuration and return the file's name."""
    file = folder / "c.toml"
    head = f'[coordinator]\nstate = "{rig.config.state}"\ndatabase = "{rig.config.database}"\n'
    file.write_text(head + "[quotas]\nfree_bytes = 0\n", "utf-8")
    return str(file)


def test_the_doctor_of_a_running_coordinator_finds_no_fault(
    rig: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--json", "--config", written(rig, tmp_path)]) == 0
    found = json.loads(capsys.readouterr().out)

    assert {f["check"] for f in found if f["mark"] == "good"} >= {
        *("config", "permissions", "certificate", "keys", "schema", "disk", "database", "service"),
    }
    assert [f["en"] for f in found if f["mark"] == "warning"] == [
        "only good for this machine: localhost, 127.0.0.1",
        "no checkpoint yet",
    ]


def test_the_doctor_works_on_a_half_broken_coordinator(
    rig: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    audit = rig.config.state / "audit"
    (audit / "checkpoints").mkdir(exist_ok=True)
    (audit / "checkpoints" / "000000000001.note").write_text("not a checkpoint\n", "utf-8")
    bad = "postgresql://127.0.0.1:1/none"
    (tmp_path / "c.toml").write_text(f'[coordinator]\nstate = "{rig.config.state}"\ndatabase = "{bad}"\n', "utf-8")

    assert main(["doctor", "--config", str(tmp_path / "c.toml")]) == 1
    shown_text = capsys.readouterr().out
    assert "✗ 审计日志 audit" in shown_text and "✗ 数据库 database" in shown_text
    assert "✓ 服务 service" in shown_text


def test_the_doctor_works_without_a_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--config", str(tmp_path / "none.toml")]) == 1

    assert "✗ 配置 config" in capsys.readouterr().out


def test_the_bundle_of_a_coordinator_holds_counts_and_no_party_s_secret(
    rig: Any, rows: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    collected(rig, rows, tmp_path)
    assert main(["diagnose", str(tmp_path / "bundle.zip"), "--config", written(rig, tmp_path)]) == 0

    assert (tmp_path / "bundle.zip").exists()
    assert "不含个人信息" in capsys.readouterr().out
