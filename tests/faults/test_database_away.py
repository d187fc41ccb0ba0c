"""What the parties and the operator are told while the database server is away, and who has the database afterwards."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from linkage.coordinator.command import main
from linkage.errors import TransportError
from linkage.operations.port import NO_DATABASE
from linkage.operations.record_checks import check_database
from linkage.rpc.v1 import linkage_pb2 as pb
from tests.coordinator.conftest import Rig, opened_rig
from tests.faults.small_town import wait_until
from tests.postgresql import Server, claims, hand_over_claim, started

CONFIG = """
[coordinator]
state = "state"
listen = "127.0.0.1:0"
database = "{address}"
[quotas]
free_bytes = 0
[times]
tick_seconds = 1
"""


@pytest.fixture(scope="module")
def own_server(postgresql_programs: Path) -> Iterator[Server]:
    """Yield a server that a test may stop."""
    with started(postgresql_programs) as running:
        yield running


@pytest.fixture
def served(consortium: Path, schema: Any, tmp_path: Path, own_server: Server) -> Iterator[Rig]:
    with opened_rig(consortium, schema, tmp_path / "state", own_server.address()) as made:
        yield made


def folder_of(consortium: Path, folder: Path, address: str) -> Path:
    """Make a coordinator's folder and return its configuration."""
    (folder / "state").mkdir(parents=True)
    (folder / "state" / "keys").symlink_to(consortium / "coordinator" / "keys")
    (folder / "coordinator.toml").write_text(CONFIG.format(address=address), "utf-8")
    return folder / "coordinator.toml"


def test_while_the_database_is_away_calls_say_try_again_and_operators_are_told_why(
    served: Rig, own_server: Server
) -> None:
    warrant = served.warrant()
    assert served.coordinator.trouble() == ""
    own_server.kill()

    with pytest.raises(TransportError, match="try again later"):
        served.propose(warrant)
    with pytest.raises(TransportError, match="try again later"):
        served.client("civil").get_round(warrant.round_id)
    assert served.coordinator.trouble() == NO_DATABASE
    assert [found.mark for found in check_database(str(served.config.place))] == ["fault"]

    own_server.start()
    assert served.propose(warrant).state == pb.PROPOSED
    assert served.coordinator.trouble() == ""


def test_a_client_that_waits_needs_nobody_when_the_database_comes_back(served: Rig, own_server: Server) -> None:
    warrant, client = served.consented(), served.client("civil", attempts=1000)
    own_server.stop("fast")
    found: list[int] = []
    asking = threading.Thread(target=lambda: found.append(client.get_round(warrant.round_id).state))
    asking.start()
    own_server.start()
    asking.join()

    assert found == [pb.COLLECTING]


def test_after_a_restart_of_the_server_upkeep_takes_the_claim_again(served: Rig, own_server: Server) -> None:
    own_server.stop("fast")
    own_server.start()

    assert wait_until(lambda: claims(str(served.config.place)) == 1, seconds=60)


def test_a_second_coordinator_is_refused_after_the_first_ones_server_was_restarted(
    served: Rig, own_server: Server, consortium: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own_server.stop("fast")
    own_server.start()
    served.propose(served.warrant())
    second = folder_of(consortium, tmp_path / "second", str(served.config.place))

    assert main(["serve", "--config", str(second)]) == 1
    assert "another service is using this database" in capsys.readouterr().err


def test_a_coordinator_whose_database_another_one_has_taken_over_stops_and_says_why(
    consortium: Path, schema: Any, tmp_path: Path, server: Server, repository: Path
) -> None:
    address = server.address()
    first = folder_of(consortium, tmp_path / "first", address)
    command = [sys.executable, "-m", "linkage.main", "coordinator", "serve", "--config", str(first)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, cwd=repository, text=True) as process:
        assert process.stdout is not None and re.match("ready", process.stdout.readline())
        threading.Thread(target=hand_over_claim, args=(address,)).start()
        with opened_rig(consortium, schema, tmp_path / "second", address) as second:
            _, said = process.communicate(timeout=120)

            assert process.returncode == 1
            assert "error: another service is using this database" in said
            assert second.coordinator.fault is None
            assert second.propose(second.warrant()).state == pb.PROPOSED


def test_starting_without_the_database_says_so(
    served: Rig, own_server: Server, consortium: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second = folder_of(consortium, tmp_path / "second", str(served.config.place))
    own_server.stop("fast")
    try:
        assert main(["serve", "--config", str(second)]) == 1
    finally:
        own_server.start()

    assert "error: the database does not answer right now" in capsys.readouterr().err
