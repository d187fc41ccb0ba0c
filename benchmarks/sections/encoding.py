"""From raw rows to encoded rows: rows a second beside clkhash on the same fields, and memory against rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.figures import Figure, missing
from benchmarks.running import NotMeasured, Run

RATE, FASTER, FLAT = 150_000.0, 30.0, 1.25
SCHEMAS = ("person-v1", "febrl-v1")


def figures(run: Run) -> Iterator[Figure]:
    """Yield rates and ratios of both schemas, then how the peak of memory grows."""
    for schema in SCHEMAS:
        try:
            found = _measured(run, schema)
        except NotMeasured as why:
            target = RATE if schema == "person-v1" else FASTER
            yield missing(f"{schema}: speed", str(why), target=target)
            continue
        yield from _speed(schema, found["speed"])
        if schema == "febrl-v1" and not any("clkhash" in name for name in found["speed"]):
            yield missing("febrl-v1: × clkhash, one core", _why(run), target=FASTER)
        if found["memory"]:
            yield from _memory(schema, found["memory"])


def _measured(run: Run, schema: str) -> Any:
    words = ["--rows", str(run.size.encode_rows), "--repeat", str(run.size.encode_repeats)]
    words += ["--peer-rows", str(run.size.peer_rows)]
    if schema == "person-v1":
        words += ["--memory", *map(str, run.size.memory_rows)]
    elif run.has_option("encode_speed", "--schema"):
        words += ["--schema", schema]
    else:
        raise NotMeasured("benchmarks.encode_speed does not know this schema yet")
    if "clkhash" in run.peers.pythons:
        words += ["--peer", run.peers.python("clkhash")]
    return run.module("encode_speed", *words)


def _why(run: Run) -> str:
    return f"clkhash is absent: {run.peers.absent.get('clkhash', 'it measured nothing')}"


def _speed(schema: str, speed: dict[str, dict[str, float]]) -> Iterator[Figure]:
    for name, measure in speed.items():
        who, cores = name.split(", ")
        alone = cores.startswith("1 ")
        target = RATE if schema == "person-v1" and who == "linkage" and not alone else None
        note = f"{measure['cpu_rate']:,.0f} rows per processor second" if who == "linkage" else ""
        yield Figure(f"{schema}: {name}", measure["rate"], "rows/s", target, note=note)
        other = speed.get(name.replace("linkage", "clkhash"))
        if who == "linkage" and other:
            ratio = measure["cpu_rate"] / other["cpu_rate"] if alone else measure["rate"] / other["rate"]
            wanted = FASTER if schema == "febrl-v1" and alone else None
            what = "one core, by processor time" if alone else f"{cores.split()[0]} cores"
            yield Figure(f"{schema}: × clkhash, {what}", ratio, "×", wanted)


def _memory(schema: str, memory: list[dict[str, float]]) -> Iterator[Figure]:
    for measure in memory:
        yield Figure(f"{schema}: peak memory at {measure['rows']:,.0f} rows", measure["peak_mib"], "MiB")
    first, last = memory[0], memory[-1]
    note = f"{last['rows']:,.0f} rows to {first['rows']:,.0f}"
    grown = last["peak_mib"] / first["peak_mib"]
    yield Figure(f"{schema}: growth of peak memory", grown, "×", FLAT, at_least=False, note=note)
