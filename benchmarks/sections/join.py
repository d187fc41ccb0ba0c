"""Equal tokens of two files, beside DuckDB with loading counted."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.figures import Figure, missing
from benchmarks.running import NotMeasured, Run

SLOWER, MEMORY = 1.3, 300.0


def figures(run: Run) -> Iterator[Figure]:
    """Yield seconds, the ratio to DuckDB's fastest way and the memory beyond the columns, per input."""
    left, right = run.size.join
    words = ["--left", str(left), "--right", str(right), "--repeat", str(run.size.join_repeats)]
    if "duckdb" in run.peers.pythons:
        words += ["--peer", run.peers.python("duckdb")]
    try:
        found = run.module("token_join", *words)
    except NotMeasured as why:
        yield missing("× the time of DuckDB", str(why), target=SLOWER, at_least=False)
        return
    for key, ours in found.items():
        name, who = key.split("/")
        if who != "linkage":
            yield Figure(f"{name}: {who}", ours["seconds"], "s", note=f"{ours['extra_mib']:.0f} MiB")
            continue
        note = f"{left:,} to {right:,} tokens, {ours['pairs']:,} pairs"
        yield Figure(f"{name}: ours", ours["seconds"], "s", note=note)
        yield Figure(f"{name}: memory beyond the columns", max(0.0, ours["extra_mib"]), "MiB", MEMORY, at_least=False)
        peers = [m["seconds"] for other, m in found.items() if other.startswith(f"{name}/duckdb")]
        if peers:
            yield Figure(f"{name}: × the time of DuckDB", ours["seconds"] / min(peers), "×", SLOWER, at_least=False)
        else:
            absent = f"duckdb is absent: {run.peers.absent.get('duckdb', 'it measured nothing')}"
            yield missing(f"{name}: × the time of DuckDB", absent, target=SLOWER, at_least=False)
