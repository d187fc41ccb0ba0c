"""Send a million of everything a hostile member could send; count what was taken and what fell over.

Documents, messages and filters are mutated and given to the programs' own parsers and checks; an endless upload runs
against the program's own spool. Memory is the process's peak. Smaller runs of the same are in tests/hostile.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from google.protobuf.message import DecodeError, Message

from benchmarks.hostile_mutations import mutated_bytes, mutated_json
from linkage.coordinator import spool
from linkage.errors import LinkageError
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.schema import load_schema
from linkage.warrant import Decision, DeletionStatement

ROUND: Final = "ab" * 16
AT: Final = "2026-01-01T00:00:00Z"
DECISION: Final = Decision(1, ROUND, "0" * 64, "civil", "approve", "1" * 64, "", "policy", AT)
STATEMENT: Final = DeletionStatement(1, ROUND, "0" * 64, "civil", ("map:a",), AT)
READERS: Final[tuple[tuple[Callable[[bytes], object], bytes], ...]] = (
    (Decision.from_bytes, DECISION.to_bytes()),
    (DeletionStatement.from_bytes, STATEMENT.to_bytes()),
)
MESSAGES: Final[tuple[Message, ...]] = (
    pb.BeginUploadRequest(round_id=ROUND, population="dibao", warrant_digest=bytes(32), rows=5, row_bytes=400),
    pb.AppendChunkRequest(round_id=ROUND, population="dibao", offset=0, data=bytes(64), digest=bytes(32)),
    pb.Relay(relay_id=ROUND, sender="civil", receiver="disabled", document=pb.SignedDocument(envelope=b"{}")),
    pb.CheckpointRequest(checkpoint="x", consistency_proof=[bytes(32)], known_size=3),
    pb.Event(sequence=1, status=pb.RoundStatus(round_id=ROUND, state=pb.READY)),
)


def documents(count: int, rng: random.Random) -> Counter[str]:
    """Return how many mutated documents were read, refused, or ended in an error that is not ours."""
    found: Counter[str] = Counter()
    for at in range(count):
        read, body = READERS[at % len(READERS)]
        try:
            read((mutated_json if at % 3 else mutated_bytes)(rng, body))
            found["read"] += 1
        except LinkageError:
            found["refused"] += 1
        except Exception as error:
            found[f"fell over: {type(error).__name__}"] += 1
    return found


def messages(count: int, rng: random.Random) -> Counter[str]:
    """Return the same of protobuf messages: mutated, truncated or made of nothing."""
    found: Counter[str] = Counter()
    bodies = [message.SerializeToString() for message in MESSAGES]
    for at in range(count):
        which = at % len(MESSAGES)
        body = rng.randbytes(rng.randint(0, 200)) if at % 10 == 0 else mutated_bytes(rng, bodies[which])
        try:
            type(MESSAGES[which]).FromString(body)
            found["read"] += 1
        except DecodeError:
            found["refused"] += 1
        except Exception as error:
            found[f"fell over: {type(error).__name__}"] += 1
    return found


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
    asked = parser.parse_args()
    found: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        steps: dict[str, Callable[[], Counter[str]]] = {
            "documents": lambda: documents(asked.count, random.Random(asked.seed)),
            "messages": lambda: messages(asked.count, random.Random(asked.seed)),
            "filters": lambda: filters(asked.count, Path(folder), np.random.default_rng(asked.seed)),
        }
        for name, step in steps.items():
            begun = time.monotonic()
            found[name] = step()
            print(f"{name}: {dict(found[name])} in {time.monotonic() - begun:.0f} s", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory: {peak} MiB")
    bad = sum(n for counts in found.values() for what, n in counts.items() if what.startswith(("fell", "outside and")))
    return int(bad > 0 or peak > 512)


if __name__ == "__main__":
    raise SystemExit(main())
