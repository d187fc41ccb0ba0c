"""The procuratorate's node in operation: no person of its cases is in its metrics, log or diagnostic bundle."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from linkage.database.claim import ClaimLost, claimed
from linkage.database.opening import open_database
from linkage.operations.bundle import Source, parts_of
from linkage.operations.doctor import Place
from linkage.operations.logs import JsonLines
from linkage.operations.settings import Operations
from procuratorate_node.clues import CONFIRMED
from procuratorate_node.command import main
from procuratorate_node.config import Config
from procuratorate_node.node import serve
from procuratorate_node.store import REQUESTS
from tests.postgresql import Server, claims, hand_over_claim
from tests.procuratorate_node.conftest import LI, WU, ZHOU, Street
from tests.procuratorate_node.test_command import TOML
from tests.procuratorate_node.test_whole_round import CIVIL, opened, screened, wait_for

PEOPLE = ("李晓梅", "周志强", "吴大海", "冯一一", LI, WU, ZHOU)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """Let this process's log go to a file as a node's would."""
    handler = logging.FileHandler(tmp_path / "node.log", encoding="utf-8")
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.INFO)
    yield tmp_path / "node.log"
    root.removeHandler(handler)
    root.setLevel(level)
    handler.close()


def test_nobody_of_the_cases_is_in_metrics_log_or_bundle(
    config: Config, street: Street, log: Path, tmp_path: Path
) -> None:
    street.open_agency("civil", CIVIL)
    node = opened(config, street)
    stop = threading.Event()
    street.run(lambda: serve(node, stop))
    try:
        assert screened(node, ["SX-1"], "a" * 32) == "DELIVERED", node.rounds.part(size=1)[0].reason
        clue = node.book.list(model="SX-1")[0]
        node.book.decide(clue.clue_id, status=CONFIRMED, by="甲", reason="", at="2026-11-01T00:00:00Z")
        opening = node.desk.request(clue.clue_id, by="甲", reason="核实家庭情况", now=datetime.now(UTC))
        work = node.casework()
        people = node.desk.approve(
            opening, by="乙", now=datetime.now(UTC), file=work.read.file, person_of=work.facts.person_of
        )
        assert people[0].fields["name"] in PEOPLE
    finally:
        stop.set()
    metrics = generate_latest(node.meter.registry).decode()
    (tmp_path / "procuratorate.toml").write_text(TOML, "utf-8")
    place = Place(config.state, None, Operations(log_file=log))
    parts = parts_of(Source(tmp_path / "procuratorate.toml", place, config.place, []))
    bundle = b"".join(parts.values()).decode("utf-8")

    assert 'linkage_audit_entries_total{kind="person.opened"} 1.0' in metrics
    assert json.loads(parts["counts.json"])["rows"][REQUESTS.name] == 1
    held = metrics + bundle + log.read_text("utf-8")
    assert [mark for mark in (*PEOPLE, "核实家庭情况", '"甲"', '"乙"') if mark in held] == []


def test_a_node_whose_database_another_service_has_taken_over_stops_and_says_why(
    config: Config, street: Street, server: Server
) -> None:
    address, stop, said = server.address(), threading.Event(), list[ClaimLost]()
    node = opened(replace(config, database=address), street)

    def run() -> None:
        try:
            serve(node, stop)
        except ClaimLost as lost:
            said.append(lost)

    street.run(run)
    wait_for(lambda: claims(address) == 1)
    threading.Thread(target=hand_over_claim, args=(address,)).start()
    with claimed(open_database(address)):
        wait_for(lambda: bool(said))

    assert stop.is_set()


def test_the_doctor_says_what_is_sound_and_what_is_not(
    cases: Path, consortium: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / "keys").symlink_to(consortium / "procuratorate" / "keys")
    (tmp_path / "procuratorate.toml").write_text(TOML, "utf-8")
    assert main(["--config", str(tmp_path / "procuratorate.toml"), "doctor", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)

    good = {f["check"] for f in found if f["mark"] == "good"}
    assert good >= {"config", "permissions", "certificate", "keys", "schema", "disk", "models", "tables", "cases"}
    assert {f["check"] for f in found if f["mark"] == "fault"} == {"coordinator"}


def test_the_doctor_works_before_there_are_accounts_or_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "procuratorate.toml").write_text(TOML, "utf-8")

    assert main(["--config", str(tmp_path / "procuratorate.toml"), "doctor"]) == 1
    shown = capsys.readouterr().out
    assert "✗ 密钥 keys：没有密钥目录" in shown and "✓ 筛查模型 models" in shown
