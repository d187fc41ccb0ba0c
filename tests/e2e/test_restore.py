"""Coordinator and procuratorate on PostgreSQL: a round; then backup, loss and restore in the middle of another."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from linkage.database.opening import open_database
from linkage.demo.parties import COORDINATOR, PROCURATORATE
from linkage.demo.running import READY_SECONDS
from linkage.rpc.limits import CHUNK_BYTES
from tests.e2e.parade import Parade, small_county, start_parade
from tests.e2e.strangers import add_disabled, strangers
from tests.postgresql import binaries

pytestmark = pytest.mark.slow
AGENCY, POPULATION, MODEL = "disabled_federation", "disabled", "SX-3"
ROWS = 2800  # More than one chunk.


@pytest.fixture
def databases(request: pytest.FixtureRequest) -> dict[str, str]:
    """Return two PostgreSQL databases where there is a server; else SQLite's files serve, as in the other drills."""
    if binaries() is None:
        return {}
    server = request.getfixturevalue("server")
    return {COORDINATOR: server.address(), PROCURATORATE: server.address()}


@pytest.fixture
def parade(tmp_path: Path, databases: dict[str, str]) -> Iterator[Parade]:
    county = small_county(tmp_path / "county", (AGENCY,))
    add_disabled(county, strangers(ROWS, seed=1))
    with start_parade(county, tmp_path / "restored", databases) as running:
        yield running


def unit(parade: Parade, command: str, *words: str) -> str:
    return parade.running.linkage("coordinator", command, "--config", str(parade.running.files[COORDINATOR]), *words)


def lose(parade: Parade, databases: dict[str, str]) -> None:
    """Lose the linkage unit's machine but its keys and configuration."""
    parade.kill(COORDINATOR)
    for left in parade.unit_folder.iterdir():
        if left.name not in ("keys", "coordinator.toml"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    if databases:
        engine, lost = open_database(databases[COORDINATOR]), sa.MetaData()
        lost.reflect(engine)
        lost.drop_all(engine)


def test_a_round_runs_and_a_restored_unit_ends_the_one_it_was_in_and_runs_another(
    parade: Parade, databases: dict[str, str], tmp_path: Path
) -> None:
    first, waiting = parade.begin(MODEL)
    parade.finish(first, waiting)
    parade.close(first)
    wire = parade.wires[AGENCY]
    wire.hold_after(CHUNK_BYTES + CHUNK_BYTES // 2)
    cut, waiting = parade.begin(MODEL)
    parade.hold_while_uploading(POPULATION, cut)
    backup = str(tmp_path / "backup")
    made = unit(parade, "backup", backup)
    lose(parade, databases)
    for each in parade.wires.values():
        each.cut()
        each.release()
    proved = unit(parade, "verify-backup", backup)
    unit(parade, "restore", backup, "--by", "值班员", "--reason", "磁盘损坏")
    parade.running.start_coordinator().wait_for(r"\bready\b", seconds=READY_SECONDS)
    parade.wait(lambda: not waiting.running, "the requester's round is over")
    parade.running.programs.forget(waiting)
    parade.wait(lambda: bool(parade.entries(AGENCY, "data.deleted", cut)), "the agency has erased its part")
    (statement,) = parade.unit_folder.glob("coordinator-*.restart.json")
    parade.running.agency(AGENCY, "accept-restart", str(statement), "--by", "安全管理员")
    parade.running.procuratorate("accept-restart", str(statement), "--by", "安全管理员")
    again, waiting_again = parade.begin(MODEL)
    parade.finish(again, waiting_again)

    assert made == proved
    assert waiting.process.returncode != 0 and "restored from a backup" in parade.running.procuratorate("rounds")
    assert (parade.state(first), parade.state(cut), parade.state(again)) == ("CLOSED", "FAILED", "DELIVERED")
    assert [e["state"] for e in parade.entries(AGENCY, "round.state", cut)][-1] == "FAILED"
