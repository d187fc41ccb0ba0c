"""The real worker with the real matcher, on rows the real encoder made of the golden persons."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np

from linkage.coordinator import spool
from linkage.coordinator.job import FINISHED, Job, Outcome
from linkage.coordinator.matching import WORKER
from linkage.coordinator.worker import INPUT_CLOSED
from linkage.encode.golden import golden_persons
from linkage.encode.roundkey import RoundKey
from linkage.encode.rows import RowEncoder
from linkage.keys.sealing import RecipientKey
from linkage.rpc.result import open_result
from linkage.warrant import Limits, RoundWarrant


def prepare(folder: Path, warrant: RoundWarrant, contents: dict[str, Any], schema: Any) -> None:
    for population, content in contents.items():
        spec = warrant.population(population)
        spool.prepare(folder, population)
        spool.write_chunk(folder, population, 0, content.tobytes())
        spool.split(folder, population, schema.layout(spec.payload))
    rows = {population: len(content) for population, content in contents.items()}
    Job(warrant.to_bytes(), rows, {"dis": b"key"}, 8, dict.fromkeys(rows, 10**6), 10**6).save(folder)


@contextmanager
def worker_in(repository: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a worker, its standard input open as its coordinator keeps it."""
    with subprocess.Popen(WORKER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=repository, text=True) as process:
        yield process


def ask(process: subprocess.Popen[str], folder: Path) -> list[str]:
    """Have a round matched; return the lines said until it has finished, or until the worker has ended."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(json.dumps(str(folder)) + "\n")
    process.stdin.flush()
    return list(takewhile(lambda line: line.rstrip() != FINISHED, process.stdout))


def test_a_worker_ends_when_its_coordinator_is_gone(tmp_path: Path, repository: Path) -> None:
    with (tmp_path / "worker.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Another worker of the round: this one waits, until its input closes.
        with worker_in(repository) as process:
            assert process.stdin is not None
            process.stdin.write(json.dumps(str(tmp_path)) + "\n")
            process.stdin.close()

            assert process.wait(timeout=60) == INPUT_CLOSED


def test_the_worker_links_what_was_encoded_from_the_same_person(
    rig: Any, schema: Any, tmp_path: Path, repository: Path
) -> None:
    encoder = RowEncoder(schema, RoundKey(os.urandom(32)))
    persons = list(golden_persons())
    mine = RecipientKey.generate()
    warrant = rig.warrant(recipient_key=mine.public.to_text(), limits=Limits(1, 1, 1000, 1000, max_share=100))
    anchors = encoder.encode(persons, scopes=[1] * len(persons))
    disabled = encoder.encode(persons, payload=True)
    disabled["payload"] = np.arange(len(persons), dtype=np.uint8)[:, None]
    dibao = encoder.encode(persons[:2])
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        prepare(folder, warrant, {"anchors": anchors, "dis": disabled, "dibao": dibao}, schema)

    with worker_in(repository) as process:
        said, again = (ask(process, folder) for folder in folders)
        held = Path(f"/proc/{process.pid}/maps").read_text()

    results = []
    for folder in folders:
        outcome = Outcome.load(folder)
        assert outcome is not None and not outcome.failure
        results.append(open_result((folder / "result.sealed").read_bytes(), mine, warrant_digest=warrant.digest))
    result = results[0]
    assert result == results[1], "the second round of one worker"
    assert str(tmp_path) not in held, "a round's columns must not outlive it in a worker"
    sure = {row.anchor: row.links for row in result.rows if row.verdict == "yes"}
    assert sure and not {0, 1} & set(sure)
    assert all(link.payload == bytes([link.position]) * 24 for links in sure.values() for link in links)
    for lines in (said, again):
        assert {json.loads(line)["stage"] for line in lines} == {"compile", "dis", "dibao", "plan"}


def test_a_worker_ends_after_an_error_nobody_foresaw(tmp_path: Path, repository: Path) -> None:
    (tmp_path / "job.json").mkdir()  # Not even unreadable: no file at all.

    with worker_in(repository) as process:
        ask(process, tmp_path)

        assert process.wait(timeout=60) == 0, "its coordinator begins another one for the next round"
    outcome = Outcome.load(tmp_path)
    assert outcome is not None and "IsADirectoryError" in outcome.failure
