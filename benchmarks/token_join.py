"""How fast equal tokens are found, beside DuckDB: 1,000,000 against 10,000,000 tokens of 16 bytes, loading counted.

    python -m benchmarks.token_join --peer PYTHON [--left 1000000] [--right 10000000] [--repeat 3] [--out FILE]

PYTHON is the interpreter of an environment with duckdb, numpy and pyarrow. Both sides start from the same files of raw
tokens and end with row numbers in memory; ours are sorted and distinct, DuckDB's are in its own order. Two inputs:
"distinct" (half of the left tokens occur on the right, once) and "uneven" (names and years: most values occur several
times, some hundreds of times). Every measure is a process of its own; rounds alternate; medians of seconds.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from benchmarks.memory import held_mib

PEER = Path(__file__).parent / "peers" / "duckdb_join.py"
WAYS = ("table", "arrow", "number")
INPUTS = ("distinct", "uneven")
MOST = 390  # Rows of one value in the uneven input, so that the rule for over-full values leaves nothing out.
Words = npt.NDArray[np.uint64]
Measure = dict[str, float | str]


def distinct_tokens(left: int, right: int, rng: np.random.Generator) -> tuple[Words, Words]:
    """Return tokens that all differ but for half of the left ones, which are on the right too."""
    a, b = (rng.integers(0, 2**64, (n, 2), np.uint64) for n in (left, right))
    both = min(left // 2, right)
    b[rng.choice(right, both, replace=False)] = a[:both]
    return a[rng.permutation(left)], b


def uneven_tokens(left: int, right: int, rng: np.random.Generator) -> tuple[Words, Words]:
    """Return tokens of values as uneven as names with years: the tenth value is ten times rarer than the first."""
    values = max(4, right // 5)
    weights = 1 / (np.arange(values) + values / 60)
    sizes = np.minimum(rng.multinomial(right, weights / weights.sum()), MOST)
    known = rng.integers(0, 2**64, (values, 2), np.uint64)
    chosen = np.repeat(np.arange(values), sizes)
    alone = rng.integers(0, 2**64, (right - len(chosen), 2), np.uint64)
    a = known[rng.choice(values, left, p=weights / weights.sum())]
    return a, np.concatenate([known[chosen], alone])[rng.permutation(right)]


def write_tokens(folder: Path, name: str, left: int, right: int) -> Mapping[str, str]:
    """Write both sides of one input and return the file names."""
    rng = np.random.default_rng(3)
    sides = (distinct_tokens if name == "distinct" else uneven_tokens)(left, right, rng)
    files = {}
    for side, words in zip(("left", "right"), sides, strict=True):
        files[side] = str(folder / f"{name}-{side}.bin")
        words.tofile(files[side])
    return files


def measure_ours(request: Mapping[str, str | int]) -> Measure:
    """Join once in this process, compiled code loaded before the clock starts."""
    from linkage.match.joins import join_tag

    small = np.arange(64, dtype=np.uint8).reshape(2, 2, 16)[:, :1]
    join_tag(small, small, [0])

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return usage.ru_utime + usage.ru_stime

    with OwnMemory() as memory:
        busy, began = spent(), time.perf_counter()
        a, b = (np.memmap(str(request[s]), np.uint8, "r").reshape(-1, 1, 16) for s in ("left", "right"))
        i, j = join_tag(a, b, [0])
        seconds, busy = time.perf_counter() - began, spent() - busy
    packed = i.astype(np.int64) << 32 | j
    digest = hashlib.sha256(packed.tobytes()).hexdigest()
    return {"seconds": seconds, "cpu": busy, "pairs": len(i), "digest": digest, "extra_mib": memory.most}


class OwnMemory:
    """Watch what this process holds beyond what it held and beyond mapped files, in MiB."""

    def __init__(self) -> None:
        self.most = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._before = self._held()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @staticmethod
    def _held() -> float:
        total, file = held_mib(os.getpid())
        return total - file

    def _run(self) -> None:
        while not self._stop.wait(0.005):
            self.most = max(self.most, self._held() - self._before)


def ask(command: Sequence[str], request: Mapping[str, str | int]) -> Measure:
    """Run one measure as a process of its own."""
    line = json.dumps(request) + "\n"
    done = subprocess.run(list(command), input=line, capture_output=True, text=True, check=True)
    found: Measure = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(folder: Path, left: int, right: int, *, repeat: int, peer: str, cores: int) -> dict[str, Measure]:
    """Return medians by "input/who"; raises AssertionError where two ways find different pairs."""
    ours = [sys.executable, "-m", "benchmarks.token_join", "--measure"]
    found: dict[str, list[Measure]] = {}
    for name in INPUTS:
        files = write_tokens(folder, name, left, right)
        for _ in range(repeat):
            found.setdefault(f"{name}/linkage", []).append(ask(ours, files))
            for way in WAYS if peer else ():
                request: dict[str, str | int] = {**files, "cores": cores, "way": way}
                found.setdefault(f"{name}/duckdb {way}", []).append(ask([peer, str(PEER)], request))
        digests = {str(m["digest"]) for key, ms in found.items() if key.startswith(f"{name}/") for m in ms}
        assert len(digests) == 1, f"{name}: the joins find different pairs"
        for file in files.values():
            Path(file).unlink()
    return {key: _median(measures) for key, measures in found.items()}


def _median(measures: Sequence[Measure]) -> Measure:
    out = dict(measures[0])
    for key in ("seconds", "cpu", "extra_mib"):
        out[key] = round(statistics.median(float(m[key]) for m in measures), 3)
    return out


def write_up(found: Mapping[str, Measure]) -> str:
    """Return the figures as Markdown, and per input the ratio to the fastest way of the peer."""
    heads = ("input", "who", "seconds", "processor seconds", "pairs", "MiB beyond the files")
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for key, m in found.items():
        cells = [*key.split("/"), m["seconds"], m["cpu"], m["pairs"], round(float(m["extra_mib"]))]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    for name in INPUTS:
        peers = [float(m["seconds"]) for key, m in found.items() if key.startswith(f"{name}/duckdb")]
        if peers:
            ratio = float(found[f"{name}/linkage"]["seconds"]) / min(peers)
            lines.append(f"\n{name}: {ratio:.2f} × the time of DuckDB's fastest way")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--left", type=int, default=1_000_000)
    parser.add_argument("--right", type=int, default=10_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--peer", default="", metavar="PYTHON")
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    a = parser.parse_args(arguments)
    if a.measure:
        print(json.dumps(measure_ours(json.loads(sys.stdin.readline()))))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        found = compare(Path(folder), a.left, a.right, repeat=a.repeat, peer=a.peer, cores=a.cores)
    print(write_up(found))
    if a.out:
        a.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
