"""Compare filters side by side with anonlink and with the processor's own and+popcount ceiling, in one run.

    python -m benchmarks.kernel_speed --peer PYTHON [--rows 10240] [--repeats 7] [--county DIR] [--out FILE.json]

PYTHON is that of an environment with anonlink and "setuptools<81". Every repetition runs peer, kernel and ceiling one
after the other, and every printed ratio is the median over the repetitions of ratios within one, so that a busy
machine disturbs both sides alike. Ratios by processor time stand beside those by the clock: on a machine shared with
others only they say what another core would bring. Rates count all rows x rows pairs, for everybody. The sets of pairs
are compared by digest. The first row of a shape is not timed: it compiles.

Data: random filters of density 0.3 and 0.5, Dice 0.8; the hardened filters of a generated county's registers, Dice 0.8
and the Dice that the chance rule comes to at their usual popcount. One in a hundred rows has a near partner.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import numpy as np
import numpy.typing as npt

from benchmarks.ceiling import ceiling
from benchmarks.county import as_of_of, encode_rows, encoder_for, newest, offices
from linkage.demo.county import generate_county
from linkage.match.distances import chance_z
from linkage.match.kernel import chance_rule, compare, dice_rule, warm_up
from linkage.match.kernel.prefix import choose_prefix
from linkage.match.kernel.targets import best_lanes
from linkage.schema import load_schema

Words = npt.NDArray[np.uint64]
PEER_PROGRAM = Path(__file__).parent / "peers" / "anonlink_compare.py"
NEAR_SHARE, NEAR_FLIPS = 100, 0.05


@dataclass(frozen=True, slots=True)
class Timing:
    seconds: float
    cpu: float
    pairs: int
    digest: str


@dataclass(frozen=True, slots=True)
class Data:
    """Two sides of filters and the Dice threshold they are compared at."""

    name: str
    left: Words
    right: Words
    threshold: float


@dataclass(frozen=True, slots=True)
class Row:
    """Medians of one setting; rates in million pairs per second, ratios ours to the other's."""

    data: str
    threshold: float
    density: float
    prefix: int
    cores: int
    pairs: int
    same_pairs: bool
    ours: float
    peer: float
    ratio: float
    ratio_cpu: float
    of_ceiling: float
    of_ceiling_cpu: float
    whole: float
    whole_ratio_cpu: float
    scaling: float
    scaling_cpu: float


# The ceiling by the clock and by processor time; per number of cores the peer, the kernel, the kernel with all words.
Turn = tuple[tuple[float, float], dict[int, tuple[Timing, Timing, Timing]]]


class Peer:
    """The peer's process: answers one request after the other. Ends with the `with`."""

    def __init__(self, python: str, folder: Path, program: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [python, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(self, data: Data, cores: int) -> Timing:
        files = {"left": self._folder / "left.npy", "right": self._folder / "right.npy"}
        np.save(files["left"], data.left)
        np.save(files["right"], data.right)
        request = {k: str(v) for k, v in files.items()} | {"threshold": data.threshold, "cores": cores}
        assert self._process.stdin and self._process.stdout
        print(json.dumps(request), file=self._process.stdin, flush=True)
        return Timing(**json.loads(self._process.stdout.readline()))


def run_kernel(data: Data, cores: int, prefix: int | None = None) -> Timing:
    """Time the kernel; choosing the prefix, sorting and laying out are part of it."""
    began, spent = time.perf_counter(), time.process_time()
    i, j = compare(data.left, data.right, dice_rule(data.threshold), cores=cores, prefix=prefix)
    seconds, cpu = time.perf_counter() - began, time.process_time() - spent
    digest = hashlib.sha256((i.astype("<i8") << 32 | j).astype("<i8").tobytes()).hexdigest()
    return Timing(seconds, cpu, len(i), digest)


def random_data(rows: int, density: float) -> Data:
    """Return random filters of 1,024 bits with some near partners, from a fixed seed."""
    rng = np.random.default_rng(round(density * 100))

    def some(count: int, share: float) -> Words:
        parts = [rng.random((min(4096, count - k), 1024), np.float32) < share for k in range(0, count, 4096)]
        return np.concatenate([np.packbits(p, axis=1).view(np.uint64) for p in parts])

    left, right = some(rows, density), some(rows, density)
    near = max(1, rows // NEAR_SHARE)
    right[rng.permutation(rows)[:near]] = left[:near] ^ some(near, NEAR_FLIPS)
    return Data(f"random {density}", left, right, 0.8)


def hardened_data(county: Path, rows: int) -> Iterator[Data]:
    """Yield the registers' hardened filters, shuffled and split in two, at Dice 0.8 and at the chance rule's cut."""
    schema, as_of = load_schema("person-v1"), as_of_of(county)
    encoder, parts = encoder_for(schema, "kernel"), []
    for office, registers in offices(county, as_of).items():
        for dataset in registers.datasets():
            found = list(registers.rows(newest(office, dataset.id)))
            parts.append(np.asarray(encode_rows(found, encoder, schema, as_of=as_of).filters))
    filters = np.concatenate(parts)
    filters = filters[np.random.default_rng(1).permutation(len(filters))[: 2 * rows]]
    left, right = np.array_split(filters, 2)
    yield Data("hardened", left, right, 0.8)
    z = chance_z(len(left) * len(right), len(left), schema.decision.false_links)
    ones = np.array([int(np.median(np.bitwise_count(filters).sum(axis=1)))])
    need = chance_rule(64 * filters.shape[1], z)(ones, ones)
    yield Data("hardened, chance cut", left, right, round(float(need[0, 0] / ones[0]), 3))


def measured(data: Data, peer: Peer, cores: tuple[int, ...], repeats: int) -> Iterator[Row]:
    """Time everything in turn, `repeats` times, and yield the medians per number of cores."""
    lanes, words = best_lanes(), data.left.shape[1]
    warm_up(words, monotonic=time.perf_counter)
    for width in {lanes, 1}:
        ceiling(64 * words, lanes=width, count=1000)
    turns: list[Turn] = []
    for _ in range(repeats):
        top = max((ceiling(64 * words, lanes=width) for width in sorted({lanes, 1})), key=lambda rates: rates[1])
        timings = {c: (peer.run(data, c), run_kernel(data, c), run_kernel(data, c, words)) for c in cores}
        turns.append((top, timings))
    yield from (row_of(data, turns, c) for c in cores)


def row_of(data: Data, turns: list[Turn], c: int) -> Row:
    """Return the medians for c cores."""
    size = len(data.left) * len(data.right)

    def over(value: Callable[[Timing, Timing, Timing], float]) -> float:
        return round(median(value(*timings[c]) for _, timings in turns), 3)

    def against(value: Callable[[Turn], float]) -> float:
        return round(median(map(value, turns)), 3)

    return Row(
        data.name,
        data.threshold,
        round(float(np.mean([np.bitwise_count(x).mean() / 64 for x in (data.left, data.right)])), 3),
        choose_prefix(data.left, data.right, dice_rule(data.threshold)),
        c,
        turns[0][1][c][1].pairs,
        len({t.digest for _, timings in turns for t in timings[c]}) == 1,
        ours=over(lambda peer, ours, whole: size / ours.seconds / 1e6),
        peer=over(lambda peer, ours, whole: size / peer.seconds / 1e6),
        ratio=over(lambda peer, ours, whole: peer.seconds / ours.seconds),
        ratio_cpu=over(lambda peer, ours, whole: peer.cpu / ours.cpu),
        of_ceiling=against(lambda turn: size / turn[1][c][1].seconds / turn[0][0] / c),
        of_ceiling_cpu=against(lambda turn: size / turn[1][c][1].cpu / turn[0][1]),
        whole=over(lambda peer, ours, whole: size / whole.seconds / 1e6),
        whole_ratio_cpu=over(lambda peer, ours, whole: peer.cpu / whole.cpu),
        scaling=against(lambda turn: min(turn[1].items())[1][1].seconds / turn[1][c][1].seconds),
        scaling_cpu=against(lambda turn: c * min(turn[1].items())[1][1].cpu / turn[1][c][1].cpu),
    )


def table(rows: list[Row]) -> Iterator[str]:
    """Yield a Markdown table."""
    names = "data, Dice, density, words, cores, same pairs, M/s, anonlink M/s, ratio, by cpu, all words by cpu, "
    names += "of ceiling, by cpu, scaling, by cpu"
    yield "| " + names.replace(", ", " | ") + " |"
    yield "|" + "---|" * 15
    for r in rows:
        same = f"{'yes' if r.same_pairs else '**no**'} ({r.pairs})"
        shares = (r.of_ceiling, r.of_ceiling_cpu, r.scaling, r.scaling_cpu)
        cells = [r.data, r.threshold, r.density, r.prefix, r.cores, same, f"{r.ours:.0f}", f"{r.peer:.0f}"]
        cells += [f"{x:.1f}" for x in (r.ratio, r.ratio_cpu, r.whole_ratio_cpu)] + [f"{x:.2f}" for x in shares]
        yield "| " + " | ".join(map(str, cells)) + " |"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", required=True, help="the Python of an environment with anonlink")
    parser.add_argument("--peer-program", type=Path, help="what it runs; peers/plain.py needs numpy only")
    parser.add_argument("--rows", type=int, default=10240)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--county", type=Path, help="a county's folder; generated when left out")
    parser.add_argument("--out", type=Path, help="JSON for machines")
    args = parser.parse_args(arguments)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name, Peer(args.peer, Path(name), args.peer_program or PEER_PROGRAM) as peer:
        county = args.county or Path(name) / "county"
        if args.county is None:
            generate_county(county, seed=1, population=max(3000, 7 * args.rows))
        print(f"warm-up {warm_up(16, monotonic=time.perf_counter):.1f} s, {best_lanes()} x 64 bit", file=sys.stderr)
        for data in (random_data(args.rows, 0.3), random_data(args.rows, 0.5), *hardened_data(county, args.rows)):
            rows += measured(data, peer, tuple(args.cores), args.repeats)
            print(f"{data.name} done", file=sys.stderr)
    print("\n".join(table(rows)))
    if args.out:
        args.out.write_text(json.dumps([asdict(r) for r in rows], indent=1) + "\n", encoding="utf-8")
    return 0 if all(r.same_pairs for r in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
