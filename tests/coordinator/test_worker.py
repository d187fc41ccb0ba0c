"""The real worker with the real matcher, on rows the real encoder made of the golden persons."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from linkage.coordinator import spool
from linkage.coordinator.job import Job, Outcome
from linkage.coordinator.matching import WORKER
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


def run_worker(folder: Path, repository: Path) -> list[str]:
    """Run a worker to its end, standard input open as its coordinator keeps it; return its progress lines."""
    with subprocess.Popen(
        [*WORKER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=repository, text=True
    ) as process:
        assert process.stdout is not None
        return process.stdout.readlines()


def test_a_worker_ends_when_its_coordinator_is_gone(tmp_path: Path, repository: Path) -> None:
    with (tmp_path / "worker.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Another worker of the round: this one waits, until its input closes.
        with subprocess.Popen([*WORKER, str(tmp_path)], stdin=subprocess.PIPE, cwd=repository) as process:
            assert process.stdin is not None
            process.stdin.close()

            assert process.wait(timeout=60) == 3


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
    prepare(tmp_path, warrant, {"anchors": anchors, "dis": disabled, "dibao": dibao}, schema)

    said = run_worker(tmp_path, repository)

    outcome = Outcome.load(tmp_path)
    assert outcome is not None and not outcome.failure
    result = open_result((tmp_path / "result.sealed").read_bytes(), mine, warrant_digest=warrant.digest)
    sure = {row.anchor: row.links for row in result.rows if row.verdict == "yes"}
    assert sure and not {0, 1} & set(sure)
    assert all(link.payload == bytes([link.position]) * 24 for links in sure.values() for link in links)
    assert {json.loads(line)["stage"] for line in said} == {"compile", "dis", "dibao", "plan"}
