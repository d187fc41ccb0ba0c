"""Read a million of everything a hostile member could send; count what was taken and what fell over.

    python -m benchmarks.hostile_suite [--count 1000000] [--seed 1] [--only messages documents filters]

Mutations begin from the kept corpus (`hostile_corpus`) and are given to the programs' own parsers, message by message
and document by document; filters go through the coordinator's own check. Memory is the process's peak. What needs a
running coordinator is in `hostile_streams`, smaller runs of all of it in tests/hostile.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from google.protobuf.message import DecodeError

from benchmarks.hostile_corpus import Seed, document_seeds, message_seeds
from benchmarks.hostile_mutations import mutated_bytes, mutated_document
from linkage.coordinator import spool
from linkage.errors import LinkageError
from linkage.schema import load_schema

KINDS = ("messages", "documents", "filters")
Mutate = Callable[[random.Random, bytes], bytes]


def read_all(seeds: Sequence[Seed], count: int, rng: random.Random, mutate: Mutate) -> Counter[str]:
    """Return how many mutated seeds were read, refused, or ended in an error that is not ours."""
    found: Counter[str] = Counter()
    for at in range(count):
        seed = seeds[at % len(seeds)]
        try:
            seed.read(mutate(rng, seed.body))
            found["read"] += 1
        except (LinkageError, DecodeError):
            found["refused"] += 1
        except Exception as error:
            found[f"fell over: {seed.kind} {type(error).__name__}"] += 1
    return found


def mutated_message(rng: random.Random, body: bytes) -> bytes:
    """Return an encoded message mutated, cut off anywhere, or made of nothing."""
    kind = rng.randrange(10)
    if kind == 0:
        return rng.randbytes(rng.randint(0, 200))
    return body[: rng.randrange(len(body) + 1)] if kind == 1 else mutated_bytes(rng, body)


def filters(count: int, folder: Path, rng: np.random.Generator) -> Counter[str]:
    """Return how many filters of any number of ones were outside the window, noticed, and taken all the same."""
    schema = load_schema("person-v1")
    layout, (low, high) = schema.layout(False), schema.filter_popcount
    found: Counter[str] = Counter()
    for start in range(0, count, 50_000):
        size = min(50_000, count - start)
        rows = np.zeros(size, layout.dtype)
        share = rng.random((size, 1), np.float32)
        rows["filter"] = np.packbits(rng.random((size, schema.filter_bits), np.float32) < share, axis=1)
        rows["flags"] = 1
        ones = np.bitwise_count(rows["filter"]).sum(axis=1, dtype=np.int64)
        outside = int(((ones < low) | (ones > high)).sum())
        spool.prepare(folder, "p")
        spool.write_chunk(folder, "p", 0, rows.tobytes())
        noticed = spool.count_faults(folder, "p", layout, schema.filter_popcount).outside_window
        found["filters"] += size
        found["outside"] += outside
        found["outside and taken"] += outside - noticed
    return found


def main() -> int:
    """Print the counts; 1 when anything fell over or was taken that must not be."""
    parser = argparse.ArgumentParser(description="mutated documents, messages and filters")
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=KINDS, default=KINDS)
    asked = parser.parse_args()
    found: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        steps: dict[str, Callable[[], Counter[str]]] = {
            "messages": lambda: read_all(message_seeds(), asked.count, random.Random(asked.seed), mutated_message),
            "documents": lambda: read_all(document_seeds(), asked.count, random.Random(asked.seed), mutated_document),
            "filters": lambda: filters(asked.count, Path(folder), np.random.default_rng(asked.seed)),
        }
        for name in asked.only:
            begun = time.monotonic()
            found[name] = steps[name]()
            print(f"{name}: {dict(found[name])} in {time.monotonic() - begun:.0f} s", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory: {peak} MiB")
    bad = sum(n for counts in found.values() for what, n in counts.items() if what.startswith(("fell", "outside and")))
    return int(bad > 0 or peak > 512)


if __name__ == "__main__":
    raise SystemExit(main())
