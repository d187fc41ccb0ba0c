"""Let the power fail at random moments of recorded writes, and look what each store makes of what is left.

    python -m tests.faults.torn_writes [--runs 10000] [--seed N] [--out FILE.json]

Every store is filled once under the recording shim (trace.c). Then the disk is made again as a crash at a random moment
may have left it (`crash_states`), opened by the real code and judged: the old state, the new one, or a clear refusal.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from linkage.errors import LinkageError
from linkage.keys.signing import SigningKey
from tests.faults.crash_states import Operation, crashes, read_trace
from tests.faults.stores import STORES

SOURCE = Path(__file__).with_name("trace.c")
MOST_SHOWN = 20


@dataclass(slots=True)
class Found:
    """What became of all the runs."""

    seed: int
    runs: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    corrupt: list[str] = field(default_factory=list)


def make_shim(folder: Path) -> Path | None:
    """Compile the recorder; None where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(folder / "trace.so"), str(SOURCE), "-ldl", "-lpthread"]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "trace.so"


def recorded(name: str, folder: Path, shim: Path) -> list[Operation]:
    """Fill a store in a process of its own and return what it did to the disk."""
    folder.mkdir()
    (folder / "signing.pem").write_bytes(SigningKey.generate().to_pem())
    root, trace = folder / "state", folder / "trace"
    root.mkdir()
    watched = {"LD_PRELOAD": str(shim), "TRACE_FILE": str(trace), "TRACE_ROOT": str(root)}
    command = [sys.executable, "-m", "tests.faults.stores", name, str(root)]
    subprocess.run(command, env={**os.environ, **watched}, check=True)
    return list(read_trace(trace, root))


def judge(name: str, folder: Path, shim: Path, *, runs: int, found: Found) -> None:
    """Crash one store so many times."""
    operations = recorded(name, folder, shim)
    chance = random.Random(f"{found.seed}/{name}")
    for run, (disk, acknowledged) in zip(range(runs), crashes(operations, chance), strict=False):
        place = folder / "crashed"
        disk.write_crash(place, chance)
        found.runs[name] += 1
        try:
            STORES[name].check(place, int(acknowledged[-1]) if acknowledged else -1)
        except LinkageError as refusal:
            found.refusals[f"{name}: {refusal.en}"] += 1
        except Exception as error:
            if len(found.corrupt) < MOST_SHOWN:
                found.corrupt.append(f"{name}, run {run}, {len(acknowledged)} acknowledged: {error!r}")
            shutil.copytree(place, folder / f"corrupt-{run}", dirs_exist_ok=True)
        shutil.rmtree(place)


def run(folder: Path, shim: Path, *, runs: int, seed: int) -> Found:
    """Crash every store, all together so many times."""
    found = Found(seed)
    for name in STORES:
        judge(name, folder / name, shim, runs=-(-runs // len(STORES)), found=found)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; ends with 1 for silent corruption, 2 without a C compiler."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--out", type=Path, metavar="FILE")
    parser.add_argument("--keep", type=Path, help="where the folders lie, kept; default: a temporary place")
    a = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="linkage-torn-") as place:
        folder = a.keep or Path(place)
        shim = make_shim(folder)
        if shim is None:
            print("no C compiler")
            return 2
        found = run(folder, shim, runs=a.runs, seed=a.seed)
    said = json.dumps({name: getattr(found, name) for name in found.__slots__}, indent=1)
    print(said)
    if a.out:
        a.out.write_text(said + "\n", encoding="utf-8")
    return 1 if found.corrupt else 0


if __name__ == "__main__":
    sys.exit(main())
