"""Time the comparison of filters on one core and on all, with enough rows that threads and layout weigh little.

    python -m benchmarks.kernel_scaling [--rows N] [--repeats N]

One core and all cores take turns; the last line is JSON with the medians. Leave the machine alone meanwhile.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from statistics import median

from benchmarks.kernel_speed import random_data, run_kernel
from linkage.match.kernel import warm_up
from linkage.match.kernel.engine import available_cores

DENSITY = 0.5


def measured(rows: int, repeats: int) -> dict[str, float]:
    """Return seconds on one core and on all, their ratio and the greatest rate, in million pairs a second."""
    data, cores = random_data(rows, DENSITY), available_cores()
    turns = [(run_kernel(data, 1).seconds, run_kernel(data, cores).seconds) for _ in range(repeats)]
    one, every = (median(turn[at] for turn in turns) for at in (0, 1))
    scaling = median(first / second for first, second in turns)
    return {"cores": cores, "one": one, "all": every, "scaling": scaling, "rate": rows * rows / every / 1e6}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=65_536)
    parser.add_argument("--repeats", type=int, default=7)
    a = parser.parse_args(arguments)
    warm_up(16, monotonic=time.perf_counter)
    print(json.dumps(measured(a.rows, a.repeats)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
