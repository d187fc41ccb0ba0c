"""Upload a register while calls keep failing: does it arrive whole, and how much is sent twice?

    python -m benchmarks.broken_upload [--rows 1000000] [--failing 0.05] [--seed N] [--out FILE.json]

The coordinator is the real program, the uploader the real one over mutual TLS. So many of its calls fail, one half
before anything left, the other half after the coordinator did its work, when only the answer is lost. The rows are made
up; ten thousand different ones are repeated. Passes when the upload is sealed and no break cost more than one chunk.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf.message import Message

from benchmarks.large_round import Setting, agree, make_consortium, start_coordinator, write_warrant
from benchmarks.load_nodes import make_rows
from benchmarks.memory import Watch
from linkage.errors import TransportError
from linkage.keys.store import load_party_keys
from linkage.rpc.backoff import Backoff
from linkage.rpc.client import LinkageClient
from linkage.rpc.limits import CHUNK_BYTES
from linkage.rpc.network import NetworkTransport
from linkage.rpc.pinned import PinnedChannel
from linkage.rpc.upload import UploadFacts, upload_file
from linkage.schema import load_schema

DIFFERENT = 10_000


@dataclass(slots=True)
class Breaks:
    """Which calls fail, and what became of all of them."""

    share: float
    chance: random.Random
    calls: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)

    def is_due(self) -> bool:
        return self.chance.random() < self.share


class BreakingTransport(NetworkTransport):
    """Fail as the breaks say: before a call leaves, or after it was answered."""

    breaks: Breaks

    def call(self, method: str, request: Message, seconds: float) -> object:
        self.breaks.calls[method] += 1
        fails = self.breaks.is_due()
        if fails and self.breaks.chance.random() < 0.5:
            raise self._broken(method, "before")
        reply = super().call(method, request, seconds)
        if fails:
            raise self._broken(method, "after")
        return reply

    def _broken(self, method: str, when: str) -> TransportError:
        self.breaks.broken[f"{method} {when}"] += 1
        return TransportError("断", "broken on purpose")


def breaking_client(endpoint: str, folder: Path, breaks: Breaks) -> LinkageClient:
    """Return a party's client whose calls fail so."""
    leaf = hashlib.sha256(folder.name.encode()).digest()
    channel = PinnedChannel(endpoint, load_party_keys(folder), clock=lambda: datetime.now(UTC))
    network = BreakingTransport(channel, last_leaf=lambda: leaf, seen=lambda method, leaf: None)
    network.breaks = breaks
    return LinkageClient(network, backoff=Backoff(first=0.01, longest=0.1))


def write_rows(file: Path, rows: int) -> bytes:
    """Write made-up rows; return the SHA-256 of all."""
    part = make_rows(load_schema("person-v1"), min(rows, DIFFERENT), 1)
    digest = hashlib.sha256()
    with file.open("wb") as target:
        for start in range(0, rows, len(part)):
            content = np.ascontiguousarray(part[: rows - start]).tobytes()
            digest.update(content)
            target.write(content)
    return digest.digest()


def play(setting: Setting, breaks: Breaks) -> dict[str, Any]:
    """Upload the right register and return the figures."""
    make_consortium(setting)
    file, schema = setting.folder / "rows", load_schema("person-v1")
    content = write_rows(file, setting.right)
    with Watch() as watch:
        process, port = start_coordinator(setting, {"full_comparisons": 1}, watch)
        try:
            warrant = write_warrant(setting, datetime.now(UTC))
            agree(Setting(setting.folder, setting.registers, 1, setting.right, 1, False, port), warrant)
            facts = UploadFacts(
                warrant.round_id, "right", warrant.digest, bytes.fromhex(schema.digest), b"check-it", bytes(32),
                setting.right, schema.layout(False).row_bytes, content,
            )  # fmt: skip
            began = time.monotonic()
            with breaking_client(f"localhost:{port}", setting.folder / "register", breaks) as client:
                reply = upload_file(client, file, facts, backoff=Backoff(attempts=50, first=0.01, longest=0.1))
            seconds = time.monotonic() - began
        finally:
            process.terminate()
            process.wait(60)
    return figures(facts, breaks, seconds=seconds, sealed=reply.sealed)


def figures(facts: UploadFacts, breaks: Breaks, *, seconds: float, sealed: bool) -> dict[str, Any]:
    """Put together what was needed, what was sent, and what broke."""
    needed = -(-facts.total // CHUNK_BYTES)
    sent, broken = breaks.calls["AppendChunk"], sum(breaks.broken.values())
    lost = breaks.broken["AppendChunk before"]  # The others were held: only their answer was lost.
    return {
        "rows": facts.rows, "mib": round(facts.total / 2**20, 1), "seconds": round(seconds, 1),
        "mib_per_second": round(facts.total / 2**20 / seconds, 1), "calls": sum(breaks.calls.values()),
        "broken_calls": broken, "breaks": dict(breaks.broken), "chunks_needed": needed, "chunks_sent": sent,
        "sealed": sealed, "met": sealed and sent - needed <= lost,
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; ends with 1 when the upload is not whole or a break cost more than a chunk."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--failing", type=float, default=0.05, help="share of calls that fail")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where everything lies meanwhile; default: the system's place")
    parser.add_argument("--out", type=Path, metavar="FILE")
    a = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="linkage-broken-", dir=a.folder))
    try:
        setting = Setting(folder, folder, 1, a.rows, a.seed, False)
        found = play(setting, Breaks(a.failing, random.Random(a.seed)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(found, indent=1))
    if a.out:
        a.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0 if found["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
