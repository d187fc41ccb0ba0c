"""How fast raw rows become encoded rows, normalisation included, and how much memory that takes.

    python -m benchmarks.encode_speed [--schema febrl-v1] [--rows 200000] [--repeat 3] [--peer PYTHON]
                                      [--memory 100000 1000000]

person-v1 encodes rows of an invented Chinese register, febrl-v1 Latin rows after FEBRL4 in which hardly a value comes
twice.

Every figure is the median of `repeat` rounds; in a round ours on one core, ours on all, and clkhash on one and on all
(PYTHON is the interpreter of its environment) follow each other on the same rows, so that a busy machine slows all.
Seconds of one core are processor seconds too. Row objects are made before the clock starts, as clkhash gets its text.
Loading tables and compiled code is timed apart. Every measure is a process of its own.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

PEER = Path(__file__).parent / "peers" / "clkhash_encode.py"
CHUNK = 8192
SEED = 2026
PERSON_FIELDS = ("name", "id_number", "sex", "birth", "address", "phone")
LATIN = "febrl-v1"
SCHEMAS = ("person-v1", LATIN)
Measure = dict[str, float]
Encode = Callable[[Iterable[Sequence[Any]]], Iterator[int]]


def drawn(schema_id: str, rows: int) -> Iterator[Any]:
    """Yield invented raw rows."""
    from benchmarks.febrl import fresh_rows
    from benchmarks.register import Register

    yield from fresh_rows(rows, seed=SEED) if schema_id == LATIN else Register(SEED).rows(rows)


def chunked(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def encoder_of(schema_id: str, threads: int) -> Encode:
    """Return a function from chunks of raw rows to how many rows each became."""
    from benchmarks.register import AS_OF
    from linkage.encode.absences import Absences
    from linkage.encode.bulk import BulkEncoder
    from linkage.encode.in_order import in_order
    from linkage.encode.latin.bulk import LatinBulkEncoder
    from linkage.encode.raw_rows import RawChunk
    from linkage.encode.roundkey import RoundKey
    from linkage.schema import load_schema

    schema, key = load_schema(schema_id), RoundKey(bytes(32))
    absences = Absences(schema, key, "speed")

    def filled(rows: Any) -> int:
        absences.fill(rows)
        return len(rows)

    def all_filled(encoded: Iterable[Any]) -> Iterator[int]:
        return in_order((partial(filled, rows) for rows in encoded), threads)

    if schema_id == LATIN:
        latin = LatinBulkEncoder(schema, key, threads=threads)
        return lambda chunks: all_filled(latin.encode(chunks))
    chinese = BulkEncoder(schema, key, as_of=AS_OF, threads=threads)
    return lambda chunks: all_filled(done.rows for done in chinese.encode(map(RawChunk, chunks)))


def measure_ours(schema_id: str, rows: int, threads: int) -> Measure:
    """Encode `rows` rows once in this process, on as many cores as threads."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    chunks = list(chunked(drawn(schema_id, rows)))
    loading = time.perf_counter()
    encode = encoder_of(schema_id, threads)
    started, used = time.perf_counter(), time.process_time()
    done = sum(encode(chunks))
    taken = time.perf_counter() - started
    return {
        "rows": done, "seconds": taken, "cpu": time.process_time() - used, "loading": started - loading,
    }  # fmt: skip


def measure_memory(schema_id: str, rows: int) -> Measure:
    """Encode rows as they are drawn, keeping none; return the peak of the process."""
    done = sum(encoder_of(schema_id, 0)(chunked(drawn(schema_id, rows))))
    return {"rows": done, "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def write_csv(file: Path, schema_id: str, rows: int) -> None:
    """Write the same rows for the peer."""
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        for number, row in enumerate(drawn(schema_id, rows)):
            fields = getattr(row, "_fields", PERSON_FIELDS)
            if number == 0:
                writer.writerow(fields)
            writer.writerow([getattr(row, field) for field in fields])


def run(command: Sequence[str]) -> Measure:
    """Run one measure as a process; the last line it prints is its result."""
    done = subprocess.run(list(command), capture_output=True, text=True, check=True)
    found: Measure = json.loads(done.stdout.splitlines()[-1])
    return found


def ours(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.encode_speed", *arguments]


def compare(schema_id: str, rows: int, repeat: int, *, peer: str, peer_rows: int) -> dict[str, Measure]:
    """Return medians by name of what was measured; rates are rows a second."""
    cores = os.cpu_count() or 1
    commands = {
        f"linkage, {n} core(s)": ours("--schema", schema_id, "--measure", str(rows), str(n)) for n in sorted({1, cores})
    }
    found: dict[str, list[Measure]] = {}
    with tempfile.TemporaryDirectory() as folder:
        if peer:
            file = Path(folder, "rows.csv")
            write_csv(file, schema_id, peer_rows)
            commands |= {f"clkhash, {n} core(s)": [peer, str(PEER), str(file), str(n)] for n in sorted({1, cores})}
        for _ in range(repeat):
            for name, command in commands.items():
                found.setdefault(name, []).append(run(command))
    return {name: _medians(measures) for name, measures in found.items()}


def _medians(measures: list[Measure]) -> Measure:
    out = {key: statistics.median(m[key] for m in measures) for key in measures[0]}
    out["rate"] = statistics.median(m["rows"] / m["seconds"] for m in measures)
    out["cpu_rate"] = statistics.median(m["rows"] / m["cpu"] for m in measures)
    return out


def write_up(found: dict[str, Measure], memory: list[Measure]) -> str:
    """Return the figures as Markdown."""
    lines = ["| what | rows | rows/s | rows per processor second |", "|---|---|---|---|"]
    for name, m in found.items():
        # The workers of clkhash are processes of their own, whose seconds its parent does not see.
        cpu = f"{m['cpu_rate']:,.0f}" if "1 core" in name or "linkage" in name else "–"
        lines.append(f"| {name} | {m['rows']:,.0f} | {m['rate']:,.0f} | {cpu} |")
    for name, m in found.items():
        other = found.get(name.replace("linkage", "clkhash"))
        if other is not None and other is not m:
            used = f", {m['cpu_rate'] / other['cpu_rate']:.1f} × by processor seconds" if "1 core" in name else ""
            lines.append(f"\n{name.split(', ')[1]}: {m['rate'] / other['rate']:.1f} × clkhash{used}")
    lines += [f"\nPeak memory at {m['rows']:,.0f} rows: {m['peak_mib']:.0f} MiB" for m in memory]
    loading = [m["loading"] for name, m in found.items() if "loading" in m]
    lines += [f"\nLoading tables and compiled code: {max(loading):.1f} s"] if loading else []
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schema", choices=SCHEMAS, default=SCHEMAS[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--peer", default="", metavar="PYTHON")
    parser.add_argument("--peer-rows", type=int, default=30_000)
    parser.add_argument("--memory", type=int, nargs="*", default=[])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--document", type=Path, help="put the figures into this document")
    parser.add_argument("--measure", type=int, nargs=2, metavar=("ROWS", "THREADS"), help=argparse.SUPPRESS)
    parser.add_argument("--measure-memory", type=int, help=argparse.SUPPRESS)
    a = parser.parse_args(arguments)
    if a.measure:
        print(json.dumps(measure_ours(a.schema, *a.measure)))
        return 0
    if a.measure_memory:
        print(json.dumps(measure_memory(a.schema, a.measure_memory)))
        return 0
    found = compare(a.schema, a.rows, a.repeat, peer=a.peer, peer_rows=a.peer_rows)
    memory = [run(ours("--schema", a.schema, "--measure-memory", str(rows))) for rows in a.memory]
    print(write_up(found, memory))
    if a.document:
        from benchmarks.document import replace_part

        replace_part(a.document, "speed", write_up(found, memory))
    if a.out:
        a.out.write_text(json.dumps({"speed": found, "memory": memory}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
