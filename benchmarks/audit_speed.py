"""How fast a log is verified and appended to: 1,000,000 entries, and appends that are on disk when they return.

    python -m benchmarks.audit_speed [--entries 1000000] [--appends 2000] [--folder DIR]

Goals: a million entries verified within 60 s; an append with its fsync within 20 ms at the 99th percentile. The entries
are those a coordinator writes for a chunk. They are laid down in one go (the log's own bytes, without a sync for each);
then the log is opened, verified, and appended to with a sync each. DIR chooses the disk; processor time is shown
beside the clock's, because a busy machine stretches the one and not the other.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from linkage.audit.checkpoint import Checkpoint, origin_of, sign_checkpoint
from linkage.audit.entry import Entry
from linkage.audit.log import ENTRIES, AuditLog
from linkage.audit.merkle import CompactRange, leaf_hash
from linkage.audit.notes import note_path, write_note
from linkage.audit.verify import verify_log
from linkage.keys.canonical import JSON
from linkage.keys.signing import SigningKey
from linkage.keys.times import utc_text

ORIGIN = origin_of("benchmark", "coordinator")
START = datetime(2026, 10, 1, tzinfo=UTC)
CHECKPOINT_EVERY = 10_000


def facts_of(number: int) -> dict[str, JSON]:
    return {
        "party": "civil_affairs",
        "peer_leaf": hashlib.sha256(number.to_bytes(8, "big")).hexdigest(),
        "round": f"{number // 1000:032x}",
        "population": "dibao",
        "offset": number * 262_144,
        "chunk": hashlib.sha256(b"chunk" + number.to_bytes(8, "big")).hexdigest(),
    }


def lay_down(folder: Path, entries: int, key: SigningKey) -> None:
    """Write a log of so many entries with a checkpoint now and then."""
    tree = CompactRange()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ENTRIES).open("wb") as target:
        for number in range(entries):
            time_text = utc_text(START + timedelta(milliseconds=100 * number))
            line = Entry(number, time_text, "upload.chunk", facts_of(number)).to_bytes()
            target.write(line + b"\n")
            tree.append(leaf_hash(line))
            if tree.size % CHECKPOINT_EVERY == 0 or tree.size == entries:
                note = sign_checkpoint(Checkpoint(ORIGIN, tree.size, tree.root()), key)
                write_note(note_path(folder, tree.size), note.to_text())


def appends(log: AuditLog, count: int, first: int) -> list[float]:
    """Append so many entries; return the seconds each took, sorted."""
    taken: list[float] = []
    for number in range(first, first + count):
        begun = time.perf_counter()
        log.append("upload.chunk", facts_of(number))
        taken.append(time.perf_counter() - begun)
    return sorted(taken)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--appends", type=int, default=2_000)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    key = SigningKey.generate()
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        folder = Path(place) / "audit"
        lay_down(folder, asked.entries, key)
        size = (folder / ENTRIES).stat().st_size
        wall, cpu = time.perf_counter(), time.process_time()
        report = verify_log(folder, key.verify_key)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(f"verify {report.entries} entries ({size / 2**20:.0f} MiB): {wall:.1f} s, processor {cpu:.1f} s")
        wall = time.perf_counter()
        last = START + timedelta(milliseconds=100 * asked.entries)
        with AuditLog.open(folder, origin=ORIGIN, signer=key, clock=lambda: last) as log:
            print(f"open: {time.perf_counter() - wall:.1f} s")
            taken = appends(log, asked.appends, asked.entries)
    at = {name: taken[min(len(taken) - 1, int(len(taken) * part))] * 1000 for name, part in PARTS.items()}
    print(f"append with fsync, {len(taken)}: " + ", ".join(f"{name} {value:.2f} ms" for name, value in at.items()))
    return 0 if report.is_sound else 1


PARTS = {"median": 0.5, "p99": 0.99, "p999": 0.999, "max": 1.0}

if __name__ == "__main__":
    raise SystemExit(main())
