"""The program itself: init, serve in a process of its own, SIGTERM, kill -9 in the middle of an upload."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from linkage.coordinator.command import main
from linkage.coordinator.config import load_config
from linkage.errors import TransportError
from linkage.rpc.backoff import Backoff
from linkage.rpc.limits import CHUNK_BYTES
from linkage.rpc.upload import upload_file
from linkage.schema import load_schema

CONFIG = """
[coordinator]
state = "state"
listen = "127.0.0.1:0"
[quotas]
free_bytes = 0
[times]
drain_seconds = 2
"""


@contextmanager
def serving(folder: Path, repository: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run `serve` and yield the process and its port once it is ready; kill it in the end if it still runs."""
    command = [sys.executable, "-m", "linkage.main", "coordinator", "serve", "--config", str(folder / "c.toml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=repository, text=True) as process:
        assert process.stdout is not None
        word, port = process.stdout.readline().split()
        assert word == "ready"
        try:
            yield process, int(port)
        finally:
            process.kill()


@pytest.fixture
def folder(tmp_path: Path, consortium: Path) -> Path:
    (tmp_path / "served" / "state").mkdir(parents=True)
    (tmp_path / "served" / "state" / "keys").symlink_to(consortium / "coordinator" / "keys")
    (tmp_path / "served" / "c.toml").write_text(CONFIG)
    return tmp_path / "served"


def test_init_writes_a_configuration_that_loads_and_does_not_overwrite_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path / "new")]) == 0
    assert load_config(tmp_path / "new" / "coordinator.toml").state == tmp_path / "new" / "state"

    assert main(["init", str(tmp_path / "new")]) == 1
    assert "error:" in capsys.readouterr().err


def test_schemas_are_listed_with_the_digest_a_ceremony_asks_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schemas"]) == 0

    told = dict(line.split() for line in capsys.readouterr().out.splitlines())
    assert told["person-v1"] == load_schema("person-v1").digest


def test_serving_without_keys_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", str(tmp_path)])

    assert main(["serve", "--config", str(tmp_path / "coordinator.toml")]) == 1
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(("argv", "code"), [(["--help"], 0), ([], 2), (["unknown"], 2), (["serve", "--port", "1"], 2)])
def test_the_command_line_answers_with_the_agreed_codes(argv: list[str], code: int) -> None:
    assert main(argv) == code


def test_sigterm_drains_and_status_lists_the_rounds(
    rig: Any, folder: Path, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(folder, repository) as (process, port):
        rig.coordinator.port = port
        warrant = rig.warrant()
        rig.propose(warrant)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0

    assert main(["status", "--config", str(folder / "c.toml")]) == 0
    shown = capsys.readouterr().out
    assert f"127.0.0.1:{port}" in shown and f"{warrant.round_id} procuratorate PROPOSED 0/0" in shown


def test_a_coordinator_killed_in_the_middle_of_an_upload_loses_nothing_it_acknowledged(
    rig: Any, rows: Any, folder: Path, tmp_path: Path, repository: Path
) -> None:
    content = np.tile(rows(list(range(50))), 200)
    (tmp_path / "rows").write_bytes(content.tobytes())
    held: list[int] = []
    with serving(folder, repository) as (process, port):
        rig.coordinator.port = port
        facts = rig.facts(rig.consented(), "dibao", content)

        def kill_midway(done: int, total: int) -> None:
            held.append(done)
            if done >= 2 * CHUNK_BYTES:
                process.kill()
                process.wait()

        with pytest.raises(TransportError):
            upload_file(
                rig.client("civil"),
                tmp_path / "rows",
                facts,
                progress=kill_midway,
                backoff=Backoff(attempts=2, first=0.05),
            )

    again: list[int] = []
    with serving(folder, repository) as (_, port):
        rig.coordinator.port = port
        client = rig.client("civil", attempts=3)
        assert upload_file(client, tmp_path / "rows", facts, progress=lambda d, t: again.append(d)).sealed
    assert again[0] == held[-1]
    columns = folder / "state" / "rounds" / facts.round_id / "columns" / "dibao"
    assert hashlib.sha256((columns / "filter.bin").read_bytes()).digest() == (
        hashlib.sha256(np.ascontiguousarray(content["filter"]).tobytes()).digest()
    )


def test_the_database_keeps_no_more_than_its_owner_can_read(rig: Any) -> None:
    assert os.stat(rig.config.state).st_mode & 0o077 == 0
