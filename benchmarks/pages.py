"""How long the workbench's lists take with many clues and rounds: the median of several calls.

    python -m benchmarks.pages [--clues 100000] [--rounds 1000] [--calls 11]

A made-up node is filled by its own tables; pages are called in this process: what is measured is the page, no network.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from starlette.testclient import TestClient

from benchmarks.pages_clues import fill_clues
from linkage.accounts.gate import EXERCISE, SINGLE_USER
from linkage.keys.quickstart import PartySpec, quickstart
from linkage.web.site import Site
from procuratorate_node.node import Node
from procuratorate_node.rounds.requests import new_request
from procuratorate_node.store import REQUESTS
from procuratorate_node.workbench.serving import open_workbench

PATHS: Final = (
    *("/", "/clues", "/rounds", "/rounds?page=20", "/rounds?group=done"),
    *("/search", "/standing", "/rules", "/figures"),
)
TARGET_MS: Final = 300.0
PARTIES: Final = [
    PartySpec("coordinator", "链接单元", "coordinator"),
    PartySpec("procuratorate", "检察院", "procuratorate", ("parties",)),
    PartySpec("civil", "民政局", "agency", ("dibao",)),
]
TOML: Final = """
[node]
state = "procuratorate"
coordinator = "localhost:1"
[cases]
folder = "cases"
"""


def filled(folder: Path, *, clues: int, rounds: int) -> Path:
    """Make a node with so many clues and rounds; return its configuration."""
    quickstart(folder, consortium="c", parties=PARTIES, now=datetime.now(UTC), random_bytes=os.urandom)
    (folder / "cases").mkdir()
    file = folder / "procuratorate.toml"
    file.write_text(TOML, "utf-8")
    node = open_workbench(file).node
    assert isinstance(node, Node)
    node.store.insert(REQUESTS, list(_rounds(node, rounds)))
    fill_clues(node.store, clues)
    return file


def _rounds(node: Node, count: int) -> Iterator[dict[str, object]]:
    model = next(m for m in node.models if m.id == "SX-1")
    row = new_request((model,), round_id="", reference="专项", by="甲", now=node.clock())
    for number in range(count):
        when = {"requested_at": f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}T08:00:00Z"}
        state = ("CLOSED", "DELIVERED", "REFUSED")[number % 3]
        yield row | when | {"round_id": f"{number:032x}", "state": state, "counts": '{"new": 12, "gone": 3}'}


def measured(site: Site, paths: Sequence[str], calls: int) -> Iterator[tuple[str, float, float]]:
    """Yield every path with its median wall and processor time in ms; on a busy machine the second tells."""
    client = TestClient(site.application(), base_url="https://127.0.0.1")
    for path in paths:
        wall, processor = [], []
        for _ in range(calls):
            began, used = time.perf_counter(), time.process_time()
            answer = client.get(path)
            wall.append(1000 * (time.perf_counter() - began))
            processor.append(1000 * (time.process_time() - used))
            assert answer.status_code == 200, path
        yield path, statistics.median(wall), statistics.median(processor)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--clues", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument("--calls", type=int, default=11)
    asked = parser.parse_args()
    os.environ[SINGLE_USER] = EXERCISE
    slow = False
    with tempfile.TemporaryDirectory() as folder:
        file = filled(Path(folder), clues=asked.clues, rounds=asked.rounds)
        for path, wall, processor in measured(open_workbench(file), PATHS, asked.calls):
            slow = slow or wall > TARGET_MS
            print(f"{path:<24} median {wall:7.1f} ms, of the processor {processor:7.1f} ms", flush=True)
    return 1 if slow else 0


if __name__ == "__main__":
    raise SystemExit(main())
