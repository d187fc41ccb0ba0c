"""Load one coordinator with a consortium of 200 agencies and 20 procuratorates; calls, memory, threads, files.

    python -m benchmarks.load [--agencies 200] [--procuratorates 20] [--rows 20000] [--waves 2] [--out FILE.json]

The coordinator is the real program with its real worker. The nodes are light (`load_nodes`): real identities and
mutual TLS, every party holds its watch stream, rows are made up. In each wave every procuratorate asks for one round
over its share of the agencies, one after the other within `--spread` seconds. Control calls are all but the ones that
move rows or results; their time is what the party waits. Passes when no round fails, the result of each is right, the
coordinator (its worker beside it) stays within 1.5 GiB and the slowest percent of control calls within 250 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from benchmarks.load_nodes import COMMON, Call
from benchmarks.load_plot import svg
from benchmarks.memory import held_mib
from linkage.keys.quickstart import PartySpec, quickstart
from linkage.rpc.limits import CHUNK_BYTES
from linkage.schema import load_schema

MOVES_ROWS = frozenset({"AppendChunk", "SealUpload"})
MOST_MIB = 1536.0
MOST_P99 = 0.250
EVERY = 0.5
PROCESSES = 4


@dataclass(frozen=True, slots=True)
class Setting:
    """How many of whom, how much each; `spread` seconds lie between a wave's first and last round."""

    agencies: int
    procuratorates: int
    rows: int
    waves: int
    spread: float

    @property
    def offices(self) -> list[str]:
        return [f"office-{i}" for i in range(self.agencies)]

    @property
    def requesters(self) -> list[str]:
        return [f"procuratorate-{i}" for i in range(self.procuratorates)]

    def asked_by(self, at: int) -> list[str]:
        """Return the agencies one procuratorate asks: its share, so that together all are asked."""
        return self.offices[at :: self.procuratorates]


@dataclass(frozen=True, slots=True)
class Look:
    """The coordinator at one moment: seconds since the epoch, MiB resident, threads, open files and sockets."""

    at: float
    mib: float
    threads: int
    files: int


@dataclass(slots=True)
class Looking:
    """Look at one process every half second."""

    pid: int
    looks: list[Look] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def _run(self) -> None:
        place = Path(f"/proc/{self.pid}")
        while not self._stop.wait(EVERY):
            try:
                threads, files = len(os.listdir(place / "task")), len(os.listdir(place / "fd"))
            except OSError:
                return
            self.looks.append(Look(time.time(), held_mib(self.pid)[0], threads, files))

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()


def make_keys(root: Path, setting: Setting) -> None:
    parties = [
        PartySpec("coordinator", "链接单元", "coordinator"),
        *(PartySpec(name, name, "procuratorate", (f"parties_{name}",)) for name in setting.requesters),
        *(PartySpec(name, name, "agency", (f"list_{name}",)) for name in setting.offices),
    ]
    quickstart(
        root, consortium="load", parties=parties, now=datetime.now(UTC), random_bytes=os.urandom,
        schema_digests=[load_schema("person-v1").digest],
    )  # fmt: skip


def start_coordinator(state: Path) -> tuple[subprocess.Popen[str], int]:
    (state / "coordinator.toml").write_text('[coordinator]\nstate = "."\nlisten = "127.0.0.1:0"\n')
    command = [sys.executable, "-m", "linkage.main", "coordinator", "serve", "--config"]
    process = subprocess.Popen([*command, str(state / "coordinator.toml")], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline().split()[1])


def start_nodes(root: Path, setting: Setting, port: int) -> list[subprocess.Popen[str]]:
    """Start the processes of light nodes and wait until all parties are connected."""
    started = []
    for at in range(PROCESSES):
        parties = [*setting.requesters[at::PROCESSES], *setting.offices[at::PROCESSES]]
        rounds = [
            (name, wave * setting.spread * 2 + setting.spread * i / setting.procuratorates, setting.asked_by(i))
            for wave in range(setting.waves)
            for i, name in enumerate(setting.requesters)
            if name in parties
        ]
        task = {"root": str(root), "port": port, "rows": setting.rows, "parties": parties, "rounds": rounds,
                "out": str(root / f"calls-{at}.json")}  # fmt: skip
        command = [sys.executable, "-m", "benchmarks.load_nodes"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        _tell(process, json.dumps(task))
        started.append(process)
    for process in started:
        _hear(process, "ready")
    return started


def _tell(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def _hear(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    said = process.stdout.readline().strip()
    if said != word:
        raise RuntimeError(f"a process of nodes said {said!r} instead of {word!r}")


def play(setting: Setting, root: Path, state: Path) -> dict[str, Any]:
    """Run the whole load; `root` holds the nodes, `state` is the coordinator's folder. Returns the figures."""
    make_keys(root, setting)
    shutil.move(root / "coordinator" / "keys", state / "keys")
    coordinator, port = start_coordinator(state)
    nodes: list[subprocess.Popen[str]] = []
    try:
        nodes = start_nodes(root, setting, port)
        with Looking(coordinator.pid) as looking:
            began = time.time()
            for process in nodes:
                _tell(process, "begin")
            for process in nodes:
                _hear(process, "played")
            ended = time.time()
        for process in nodes:
            _tell(process, "end")
        for process in nodes:
            process.wait(60)
    finally:
        for process in (*nodes, coordinator):
            process.terminate()
        for process in (*nodes, coordinator):
            process.wait(60)
    said = [json.loads((root / f"calls-{at}.json").read_text("utf-8")) for at in range(PROCESSES)]
    return figures(setting, said, looking.looks, span=(began, ended))


def figures(
    setting: Setting, said: Sequence[dict[str, Any]], looks: Sequence[Look], *, span: tuple[float, float]
) -> dict[str, Any]:
    """Put together what the nodes and the looks at the coordinator say."""
    calls: list[Call] = [tuple(call) for one in said for call in one["calls"] if call[1] >= span[0]]
    rounds = [found for one in said for found in one["rounds"]]
    control = sorted(seconds for method, _, seconds in calls if method not in MOVES_ROWS)
    chunks = [call for call in calls if call[0] == "AppendChunk"]
    row_bytes = load_schema("person-v1").layout(False).row_bytes
    uploaded = len(rounds) * (1 + setting.agencies // setting.procuratorates) * setting.rows * row_bytes
    uploading = max((at + taken for _, at, taken in chunks), default=0) - min((at for _, at, _ in chunks), default=0)
    broken = sum((Counter(one["broken"]) for one in said), Counter[str]())
    wrong = [r for r in rounds if r["state"] != "CLOSED" or r["rows"] != COMMON]
    found = {
        **asdict(setting), "cores": os.cpu_count(), "load_average": os.getloadavg(),
        "seconds": round(span[1] - span[0], 1), "rounds": len(rounds), "rounds_wrong": wrong, "refused_calls": broken,
        "round_seconds": quantiles(sorted(r.get("seconds", 0.0) for r in rounds)),
        "control_calls": len(control), "control": quantiles(control),
        "control_by_method": {
            name: {"calls": len(taken)} | quantiles(taken)
            for name in sorted({c[0] for c in calls})
            for taken in [sorted(c[2] for c in calls if c[0] == name)]
        },
        "chunks": len(chunks), "chunk_bytes": CHUNK_BYTES, "uploaded_mib": round(uploaded / 2**20, 1),
        "upload_mib_per_second": round(uploaded / 2**20 / max(uploading, 1e-9), 1),
        "peak_mib": round(max(look.mib for look in looks), 1),
        "peak_threads": max(look.threads for look in looks), "peak_files": max(look.files for look in looks),
        "looks": [asdict(look) for look in looks], "calls": [c for c in calls if c[0] not in MOVES_ROWS],
    }  # fmt: skip
    found["met"] = not wrong and found["peak_mib"] <= MOST_MIB and found["control"]["p99"] <= MOST_P99
    return found


def quantiles(taken: Sequence[float]) -> dict[str, float]:
    """Return quantiles of sorted seconds."""
    if not taken:
        return {}
    at = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "most": 1.0}
    return {name: round(taken[min(len(taken) - 1, int(share * len(taken)))], 4) for name, share in at.items()}


def write_up(found: dict[str, Any]) -> str:
    """Return the figures as text."""
    plain = {k: v for k, v in found.items() if k not in ("looks", "calls", "control_by_method")}
    lines = [f"{name:<24}{value}" for name, value in plain.items()]
    lines += [f"  {name:<22}{value}" for name, value in found["control_by_method"].items()]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the load; ends with 1 when a bound is not kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agencies", type=int, default=200)
    parser.add_argument("--procuratorates", type=int, default=20)
    parser.add_argument("--rows", type=int, default=20_000, help="rows of every register")
    parser.add_argument("--waves", type=int, default=2, help="rounds of every procuratorate")
    parser.add_argument("--spread", type=float, default=60.0, help="seconds from a wave's first round to its last")
    parser.add_argument("--nodes", type=Path, help="where the nodes lie: better not on the coordinator's disk")
    parser.add_argument("--state", type=Path, help="where the coordinator's folder lies; default: the system's place")
    parser.add_argument("--out", type=Path, metavar="FILE")
    a = parser.parse_args(arguments)
    root = Path(tempfile.mkdtemp(prefix="linkage-load-", dir=a.nodes))
    state = Path(tempfile.mkdtemp(prefix="linkage-load-", dir=a.state))
    try:
        found = play(Setting(a.agencies, a.procuratorates, a.rows, a.waves, a.spread), root, state)
    finally:
        shutil.rmtree(root, ignore_errors=True)
        shutil.rmtree(state, ignore_errors=True)
    print(write_up(found))
    if a.out:
        a.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        a.out.with_suffix(".svg").write_text(svg(found), encoding="utf-8")
    return 0 if found["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
